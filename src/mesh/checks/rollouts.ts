/** Whether what Deployments, StatefulSets and DaemonSets ask for runs. */
import { numberAt } from '../../model/body.ts';
import type { Affected, CheckResult } from '../../model/check.ts';
import { quotedName, type Resource, shortKind } from '../../model/resource.ts';
import { count } from '../../text/words.ts';

export interface Rollout {
  readonly wanted: number;
  readonly ready: number;
}

export function rolloutOf({ kind, body }: Resource): Rollout {
  if (kind === 'apps/DaemonSet') {
    return { wanted: numberAt(body, 'status', 'desiredNumberScheduled') ?? 0, ready: numberAt(body, 'status', 'numberReady') ?? 0 };
  }
  return { wanted: numberAt(body, 'spec', 'replicas') ?? 1, ready: numberAt(body, 'status', 'readyReplicas') ?? 0 };
}

/**
 * @param isDown whether a workload does its work no more; when nothing of it is ready, if absent
 * @returns failed when one does its work no more, a warning when replicas are missing
 */
export function rolloutsReady(
  workloads: readonly Resource[],
  isDown: (rollout: Rollout) => boolean = ({ ready }) => ready === 0,
): CheckResult {
  const broken = workloads
    .map((resource) => ({ resource, rollout: rolloutOf(resource) }))
    .filter(({ resource, rollout }) => isShort(resource, rollout));
  const [first] = broken;
  if (!first) return { is: 'ok', reason: `${count(workloads.length, 'workload')}.` };
  const { namespace, name, kind } = first.resource;
  return {
    is: broken.some(({ rollout }) => isDown(rollout)) ? 'failed' : 'warning',
    reason: `Not ready: ${broken.length} of ${count(workloads.length, 'workload')}.`,
    hint: `Run "kubectl -n ${namespace} describe ${shortKind(kind).toLowerCase()} ${name}".`,
    affected: broken.map(({ resource, rollout }): Affected => ({ resource, detail: detailOf(resource, rollout) })),
  };
}

/** A DaemonSet without a node to run on is complete; a Deployment without replicas does nothing. */
const isShort = ({ kind }: Resource, { wanted, ready }: Rollout): boolean => ready < wanted || (wanted === 0 && kind !== 'apps/DaemonSet');

const detailOf = (resource: Resource, { wanted, ready }: Rollout): string =>
  wanted === 0
    ? `${quotedName(resource)} is scaled to zero.`
    : `${ready} of ${count(wanted, 'replica')} ${wanted === 1 ? 'is' : 'are'} ready.`;
