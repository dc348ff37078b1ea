/** Whose pod it is, by which telemetry names it. */
import { at, itemsAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { labelsOf, type Pod } from './pod.ts';

export interface Owner {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
}

/** Of a template its object; of a pod that a controller made, the workload behind it. */
export function ownerOf(object: Body, isPod: boolean, pod: Pod): Owner {
  const own = {
    apiVersion: stringAt(object, 'apiVersion') ?? '',
    kind: stringAt(object, 'kind') ?? '',
    name: stringAt(object, 'metadata', 'name') ?? '',
  };
  const controller = itemsAt(object, 'metadata', 'ownerReferences').find(({ item }) => item['controller'] === true)?.item;
  if (!isPod || !controller || !at(object, ['metadata', 'generateName'])) return own;
  return behind(
    {
      apiVersion: stringAt(controller, 'apiVersion') ?? '',
      kind: stringAt(controller, 'kind') ?? '',
      name: stringAt(controller, 'name') ?? '',
    },
    labelsOf(pod),
  );
}

/** Controllers name what they make after themselves, and label its pods. */
function behind(controller: Owner, labels: Readonly<Record<string, string>>): Owner {
  const withoutHash = (hash: string | undefined): string | undefined =>
    hash && controller.name.endsWith(`-${hash}`) ? controller.name.slice(0, -hash.length - 1) : undefined;
  switch (controller.kind) {
    case 'ReplicaSet': {
      const deployment = withoutHash(labels['pod-template-hash']);
      if (deployment !== undefined) return { ...controller, kind: 'Deployment', name: deployment };
      const rollout = withoutHash(labels['rollouts-pod-template-hash']);
      return rollout === undefined ? controller : { apiVersion: 'v1alpha1', kind: 'Rollout', name: rollout };
    }
    case 'ReplicationController': {
      const config = labels['deploymentconfig'];
      return config ? { ...controller, kind: 'DeploymentConfig', name: config } : controller;
    }
    case 'Job': {
      // A CronJob appends the minute of the run.
      const [, name] = /^(.+)-\d{8,10}$/.exec(controller.name) ?? [];
      return name === undefined ? controller : { apiVersion: 'batch/v1', kind: 'CronJob', name };
    }
    default:
      return controller;
  }
}
