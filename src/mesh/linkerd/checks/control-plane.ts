/** Linkerd's control plane as it runs in the cluster. */
import { itemsAt, listAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, CheckMode, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { brokenContainers, isEnded } from '../../checks/pods.ts';
import {
  COMPONENTS,
  type ControlPlane,
  configOf,
  configRef,
  controlPlanePods,
  controlPlanes,
  versionOfComponent,
} from '../control-planes.ts';
import { injectorConfigurations } from '../injection.ts';
import { DEPLOYMENT, hints, IS_CONTROL_PLANE, MUTATING_WEBHOOK, NAMESPACE, POD } from '../kinds.ts';
import { proxiesAmong } from '../proxies.ts';
import { type Trouble, verdict } from './verdict.ts';

export const API = 'kubernetes/api-reachable';
const CONTROL_PLANE_EXISTS = 'linkerd/control-plane-exists';
export const CONFIG_READABLE = 'linkerd/control-plane-config-readable';

/** Before an installation as well as when the mesh runs. */
export const RUNNING_AND_PRE: readonly CheckMode[] = ['running', 'proxy', 'pre'];

/** The check, skipped where there is no control plane, as when only definitions are left of it. */
export function onPlanes(check: Check): Check {
  return {
    ...check,
    needs: [CONTROL_PLANE_EXISTS, ...(check.needs ?? [])],
    run: async (facts) => {
      if ((await controlPlanes(facts)).length === 0) return { is: 'skipped', reason: 'There is no control plane of Linkerd.' };
      return check.run(facts);
    },
  };
}

const controlPlaneExists: Check = {
  id: CONTROL_PLANE_EXISTS,
  category: 'control-plane',
  title: 'A control plane of Linkerd is installed.',
  why: 'Without one proxies get no endpoints and no certificates, and no pod is injected.',
  docs: hints('l5d-existence-ns'),
  aliases: ['l5d-existence-ns'],
  needs: [API],
  reads: [DEPLOYMENT, MUTATING_WEBHOOK, NAMESPACE, POD],
  run: async (facts) => {
    const found = await controlPlanes(facts);
    if (found.length === 0) return remains(facts);
    return { is: 'ok', reason: `${quotedList(found.map(nameOf))}.` };
  },
};

function nameOf({ namespace, deployments }: ControlPlane): string {
  const versions = [...new Set([...deployments.values()].flatMap((deployment) => versionOfComponent(deployment) ?? []))];
  return [namespace, ...versions].join(' ');
}

/** Pods and webhooks that depend on a control plane are in trouble without it; definitions and annotations hurt nobody. */
async function remains(facts: Facts): Promise<CheckResult> {
  const gone = 'No Deployment in the cluster is labelled as a component of Linkerd ("linkerd.io/control-plane-component")';
  const webhooks = await injectorConfigurations(facts);
  const pods = proxiesAmong(await facts.list(POD)).map(({ pod }) => pod);
  const homes = (await facts.list(NAMESPACE)).filter(({ labels }) => labels[IS_CONTROL_PLANE] === 'true');
  const affected: readonly Affected[] = [
    ...webhooks.map((resource) => ({ resource, detail: 'It calls a control plane that is not there.' })),
    ...pods.map((resource) => ({ resource, detail: 'Its proxy has no control plane.' })),
    ...homes.map((resource) => ({ resource, detail: 'It is labelled as the home of a control plane.' })),
  ];
  if (affected.length > 0) {
    return {
      is: 'failed',
      reason: `${gone}, but ${count(affected.length, 'object')} of an installation ${affected.length === 1 ? 'is' : 'are'} there.`,
      hint: 'Install the control plane again, or remove what is left of it: the webhook configurations first, then restart the pods.',
      affected,
    };
  }
  return {
    is: 'warning',
    reason: `${gone}: only definitions or annotations of Linkerd are left.`,
    hint: 'Install Linkerd, or remove its definitions and annotations if it is gone for good.',
  };
}

const configReadable: Check = onPlanes({
  id: CONFIG_READABLE,
  category: 'control-plane',
  title: 'Every control plane keeps the values that it was installed with.',
  why: 'ConfigMap "linkerd-config" is the only description of an installation in the cluster: upgrades, injection by hand and these checks read it.',
  docs: hints('l5d-existence-linkerd-config'),
  aliases: ['l5d-existence-linkerd-config'],
  run: async (facts) => {
    for (const plane of await controlPlanes(facts)) {
      const configMap = await facts.get(configRef(plane));
      if (await configOf(facts, plane)) continue;
      const name = `ConfigMap "${plane.namespace}/linkerd-config"`;
      return {
        is: 'failed',
        reason: configMap ? `${name} holds no values that can be read.` : `${name} does not exist.`,
        hint: `Apply it again from the installation: "helm -n ${plane.namespace} get manifest" or "linkerd upgrade" print it.`,
        affected: configMap ? [{ resource: configMap }] : [],
      };
    }
    return { is: 'ok' };
  },
});

const controlPlaneReady: Check = onPlanes({
  id: 'linkerd/control-plane-ready',
  category: 'control-plane',
  title: 'Every component of the control plane has a Deployment whose replicas are ready.',
  why: 'Proxies keep their last endpoints while the control plane is away; new pods are not injected, and certificates run out within a day.',
  docs: hints('l5d-existence-replicasets'),
  aliases: ['l5d-existence-replicasets', 'l5d-api-control-ready'],
  settles: true,
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const missing = planes.flatMap(({ namespace, deployments }) =>
      COMPONENTS.filter((component) => !deployments.has(component)).map((component) => `${namespace}/linkerd-${component}`),
    );
    if (missing.length > 0) {
      return {
        is: 'failed',
        reason: `No Deployment runs ${quotedList(missing)}.`,
        hint: `Install the control plane again, so that it is complete: see "kubectl -n ${planes[0]?.namespace} get deployments".`,
      };
    }
    const deployments = planes.flatMap((plane) => [...plane.deployments.values()]);
    return verdict(
      deployments.flatMap(shortage),
      `${count(deployments.length, 'Deployment')}.`,
      'Components of the control plane are not ready.',
    );
  },
});

function shortage(resource: Resource): readonly Trouble[] {
  const { body, namespace, name } = resource;
  const wanted = numberAt(body, 'spec', 'replicas') ?? 1;
  const ready = numberAt(body, 'status', 'readyReplicas') ?? 0;
  const refusal = itemsAt(body, 'status', 'conditions').find(({ item }) => item['type'] === 'ReplicaFailure' && item['status'] === 'True');
  if (wanted > 0 && ready >= wanted && !refusal) return [];
  const because = stringAt(refusal?.item, 'message');
  const detail = wanted === 0 ? 'It is scaled to zero.' : `${ready} of ${wanted} replicas are ready.${because ? ` ${because}` : ''}`;
  return [{ resource, detail, is: ready === 0 ? 'failed' : 'warning', hint: `Run "kubectl -n ${namespace} describe deployment ${name}".` }];
}

const RECENT_MS = 3_600_000;

const controlPlanePodsHealthy: Check = onPlanes({
  id: 'linkerd/control-plane-pods-healthy',
  category: 'control-plane',
  title: 'Every pod of the control plane is ready and has not restarted in the last hour.',
  why: 'While a component restarts, pods are not injected and proxies cannot renew what they know.',
  docs: hints('l5d-api-control-ready'),
  aliases: ['l5d-api-control-ready', 'l5d-cp-proxy-healthy'],
  settles: true,
  reads: [POD],
  run: async (facts) => {
    const pods = (await Promise.all((await controlPlanes(facts)).map((plane) => controlPlanePods(facts, plane)))).flat();
    const current = pods.filter((pod) => !isEnded(pod));
    if (current.length === 0) return { is: 'skipped', reason: 'The control plane has no pod.' };
    return verdict(
      current.flatMap((pod) => troubleOf(pod, facts.now)),
      `${count(current.length, 'pod')}.`,
      'Pods of the control plane are not ready, or have restarted in the last hour.',
    );
  },
});

/** A proxy that runs as a native sidecar has its status among those of the init containers. */
function troubleOf(resource: Resource, now: number): readonly Trouble[] {
  const { body, namespace, name } = resource;
  const hint = `Run "kubectl -n ${namespace} logs ${name} --all-containers --previous", or without --previous if nothing has run before.`;
  const broken = brokenContainers(resource) ?? brokenSidecar(body);
  if (broken !== undefined) return [{ is: 'failed', resource, detail: broken, hint }];
  for (const status of [...listAt(body, 'status', 'containerStatuses'), ...listAt(body, 'status', 'initContainerStatuses')]) {
    const ended = Date.parse(stringAt(status, 'lastState', 'terminated', 'finishedAt') ?? '');
    if (!(now - ended < RECENT_MS)) continue;
    const why = stringAt(status, 'lastState', 'terminated', 'reason');
    const detail = `Container "${stringAt(status, 'name')}" restarted${why ? ` (${why})` : ''}.`;
    return [{ is: 'warning', resource, detail, hint }];
  }
  return [];
}

function brokenSidecar(body: Resource['body']): string | undefined {
  const status = itemsAt(body, 'status', 'initContainerStatuses').find(({ item }) => item['name'] === 'linkerd-proxy')?.item;
  return status && status['ready'] !== true ? 'Container "linkerd-proxy" is not ready.' : undefined;
}

const podsScheduled: Check = onPlanes({
  id: 'linkerd/control-plane-pods-scheduled',
  category: 'control-plane',
  title: 'Every pod of the control plane has found a node.',
  why: 'A replica that waits for a node is no replica: a high-availability installation wants as many nodes as replicas.',
  docs: hints('l5d-existence-unschedulable-pods'),
  aliases: ['l5d-existence-unschedulable-pods'],
  settles: true,
  reads: [POD],
  run: async (facts) => {
    const pods = (await Promise.all((await controlPlanes(facts)).map((plane) => controlPlanePods(facts, plane)))).flat();
    const waiting = pods.flatMap((resource): readonly Trouble[] => {
      const condition = itemsAt(resource.body, 'status', 'conditions').find(({ item }) => item['reason'] === 'Unschedulable')?.item;
      if (!condition || isEnded(resource)) return [];
      const hint = `Run "kubectl -n ${resource.namespace} describe pod ${resource.name}".`;
      return [{ is: 'warning', resource, detail: stringAt(condition, 'message') || 'No node takes it.', hint }];
    });
    return verdict(waiting, `${count(pods.length, 'pod')}.`, 'Pods of the control plane wait for a node.');
  },
});

const controlPlaneReplicated: Check = onPlanes({
  id: 'linkerd/control-plane-replicated',
  category: 'control-plane',
  title: 'Every component has more than one replica where the control plane is meant to be highly available.',
  why: 'With a single replica left the next failure or upgrade of a node takes the component away.',
  docs: hints('l5d-control-plane-replicas'),
  aliases: ['l5d-control-plane-replicas'],
  settles: true,
  needs: [CONFIG_READABLE],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const planes = await controlPlanes(facts);
    const configs = await Promise.all(planes.map((plane) => configOf(facts, plane)));
    const available = planes.filter((_, index) => configs[index]?.isHighlyAvailable === true);
    if (available.length === 0) return { is: 'ok', reason: 'It is not installed for high availability.' };
    const alone = available.flatMap(({ deployments }) =>
      [...deployments.values()].flatMap((resource): readonly Trouble[] => {
        const replicas = numberAt(resource.body, 'status', 'availableReplicas') ?? 0;
        if (replicas > 1) return [];
        const hint = `Run "kubectl -n ${resource.namespace} describe deployment ${resource.name}", and see that there are nodes enough.`;
        return [{ is: 'warning', resource, detail: `${count(replicas, 'replica')} available.`, hint }];
      }),
    );
    return verdict(
      alone,
      'Every component has several.',
      'The control plane is installed for high availability, but has components alone.',
    );
  },
});

export const controlPlaneChecks: readonly Check[] = [
  controlPlaneExists,
  configReadable,
  controlPlaneReady,
  controlPlanePodsHealthy,
  podsScheduled,
  controlPlaneReplicated,
];
