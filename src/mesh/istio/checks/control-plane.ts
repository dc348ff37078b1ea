/** istiod as it runs in the cluster. */
import { itemsAt, listAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { resourceSet } from '../../../model/resource-set.ts';
import { parseVersion, type Version } from '../../../text/semver.ts';
import { count, quotedList } from '../../../text/words.ts';
import { brokenContainers } from '../../checks/pods.ts';
import { DEPLOYMENT, MUTATING_WEBHOOK, POD } from '../kinds.ts';
import { DEFAULT_REVISION, type InjectionWebhook, injectionWebhooks, REVISION_LABEL } from '../webhooks.ts';
import { isIstiod, istiodPods } from './istiod.ts';

export const CONTROL_PLANE_EXISTS = 'istio/control-plane-exists';
const API = 'kubernetes/api-reachable';

export interface ControlPlane {
  readonly deployment: Resource;
  readonly revision: string;
  readonly version: Version | undefined;
  /** As written: `1.30.0`. */
  readonly versionText: string | undefined;
}

export async function controlPlanes(facts: Facts): Promise<readonly ControlPlane[]> {
  return (await facts.list(DEPLOYMENT)).filter(isIstiod).map((deployment) => {
    const [container] = itemsAt(deployment.body, 'spec', 'template', 'spec', 'containers');
    const versionText = versionOfImage(stringAt(container?.item, 'image') ?? '') ?? deployment.labels['app.kubernetes.io/version'];
    return {
      deployment,
      revision: deployment.labels[REVISION_LABEL] || DEFAULT_REVISION,
      version: versionText === undefined ? undefined : parseVersion(versionText),
      versionText,
    };
  });
}

/** The version in the tag of one of Istio's images, without the variant; undefined when the tag is none. */
export function versionOfImage(image: string): string | undefined {
  const tag = /:([\w.-]+)(?:@.*)?$/.exec(image)?.[1]?.replace(/-(?:distroless|debug)$/, '');
  return tag !== undefined && parseVersion(tag) ? tag : undefined;
}

export async function injectors(facts: Facts): Promise<readonly InjectionWebhook[]> {
  return resourceSet(await facts.list(MUTATING_WEBHOOK)).derive(injectionWebhooks);
}

/** A primary cluster elsewhere runs istiod; the webhooks here call its URL. */
const isExternal = (webhooks: readonly InjectionWebhook[]): boolean => webhooks.some(({ url }) => url !== undefined);

export const OUTSIDE = 'The control plane runs outside of this cluster.';

export const controlPlaneExists: Check = {
  id: CONTROL_PLANE_EXISTS,
  category: 'control-plane',
  title: 'A control plane of Istio is installed.',
  why: 'Without one no proxy is configured, and no certificate is renewed.',
  docs: 'https://istio.io/latest/docs/setup/install/',
  needs: [API],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const found = await controlPlanes(facts);
    if (found.length > 0) {
      return { is: 'ok', reason: `${quotedList(found.map(({ deployment, versionText }) => nameOf(deployment, versionText)))}.` };
    }
    if (isExternal(await injectors(facts).catch(() => []))) return { is: 'ok', reason: OUTSIDE };
    return {
      is: 'failed',
      reason: 'No Deployment in the cluster is labelled "app=istiod".',
      hint: "Install Istio's control plane, or remove what is left of it.",
    };
  },
};

const nameOf = ({ namespace, name }: Resource, version: string | undefined): string =>
  `${namespace}/${name}${version === undefined ? '' : ` ${version}`}`;

export const controlPlaneReady: Check = {
  id: 'istio/control-plane-ready',
  category: 'control-plane',
  title: 'Every Deployment of the control plane has all its replicas ready.',
  why: 'Proxies keep their last configuration while istiod is away, new pods are not injected, and certificates run out.',
  settles: true,
  docs: 'https://istio.io/latest/docs/ops/diagnostic-tools/istioctl/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    const found = await controlPlanes(facts);
    if (found.length === 0) return { is: 'skipped', reason: OUTSIDE };
    const states = found.map(({ deployment }) => stateOf(deployment));
    const affected = states.flatMap(({ problem }) => problem ?? []);
    if (affected.length === 0) return { is: 'ok' };
    const [first] = affected;
    return {
      is: states.some(({ ready }) => ready === 0) ? 'failed' : 'warning',
      reason: `Not ready: ${affected.length} of ${count(found.length, 'Deployment')}.`,
      hint: `Run "kubectl -n ${first?.resource.namespace} describe deployment ${first?.resource.name}".`,
      affected,
    };
  },
};

function stateOf(deployment: Resource): { readonly ready: number; readonly problem?: Affected } {
  const wanted = numberAt(deployment.body, 'spec', 'replicas') ?? 1;
  const ready = numberAt(deployment.body, 'status', 'readyReplicas') ?? 0;
  if (wanted === 0) return { ready: 0, problem: { resource: deployment, detail: 'It is scaled to zero.' } };
  return ready >= wanted ? { ready } : { ready, problem: { resource: deployment, detail: `${ready} of ${wanted} replicas are ready.` } };
}

const RECENT_MS = 3_600_000;

export const controlPlanePodsHealthy: Check = {
  id: 'istio/control-plane-pods-healthy',
  category: 'control-plane',
  title: 'Every istiod pod is ready and has not restarted in the last hour.',
  why: 'An istiod that restarts loses its connections to all proxies, and its webhook does not answer meanwhile.',
  settles: true,
  docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [POD],
  run: async (facts) => {
    const pods = await istiodPods(facts);
    if (pods.length === 0) return { is: 'skipped', reason: 'There is no istiod pod.' };
    const broken = pods.flatMap((resource): readonly Affected[] => {
      const detail = brokenContainers(resource);
      return detail === undefined ? [] : [{ resource, detail }];
    });
    const restarted = pods.flatMap((pod) => restartOf(pod, facts.now));
    const affected = [...broken, ...restarted.filter(({ resource }) => !broken.some((other) => other.resource === resource))];
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(pods.length, 'pod')}.` };
    return {
      is: broken.length > 0 ? 'failed' : 'warning',
      reason: `${broken.length > 0 ? 'Not ready or restarting' : 'Restarted in the last hour'}: ${affected.length} of ${count(pods.length, 'istiod pod')}.`,
      hint: `Run "kubectl -n ${first.resource.namespace} logs ${first.resource.name} --previous", or without --previous if it never ran.`,
      affected,
    };
  },
};

function restartOf(resource: Resource, now: number): readonly Affected[] {
  for (const status of listAt(resource.body, 'status', 'containerStatuses')) {
    const ended = Date.parse(stringAt(status, 'lastState', 'terminated', 'finishedAt') ?? '');
    if (!(now - ended < RECENT_MS)) continue;
    const why = stringAt(status, 'lastState', 'terminated', 'reason');
    return [{ resource, detail: `Container "${stringAt(status, 'name')}" restarted${why ? ` (${why})` : ''}.` }];
  }
  return [];
}
