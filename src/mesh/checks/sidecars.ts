/** Pods with a mesh's sidecar, and those that lack it. */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Affected, CheckResult, Facts } from '../../model/check.ts';
import type { PodProxy } from '../../model/mesh-adapter.ts';
import type { Body, Kind, Resource } from '../../model/resource.ts';
import { count } from '../../text/words.ts';
import { containerProblem, containerStatus, isEnded } from './pods.ts';

export const POD: Kind = 'core/Pod';
export const NAMESPACE: Kind = 'core/Namespace';

export interface SidecarPod {
  readonly pod: Resource;
  /** Names of the sidecars, of which a pod of several services may have several. */
  readonly containers: readonly string[];
  readonly image: string;
}

export type IsSidecar = (container: Body, pod: Resource) => boolean;

/** Of the namespace that the run is about, or all. Pods that have ended are left out. */
export async function sidecarPods(facts: Facts, isSidecar: IsSidecar): Promise<readonly SidecarPod[]> {
  return (await facts.scoped(POD)).flatMap((pod) => {
    if (isEnded(pod)) return [];
    const found = containersOf(pod).filter((container) => isSidecar(container, pod));
    return found.length === 0
      ? []
      : [{ pod, containers: found.map((each) => stringAt(each, 'name') ?? ''), image: stringAt(found[0], 'image') ?? '' }];
  });
}

/** Native sidecars included. */
function containersOf({ body }: Resource): readonly Body[] {
  return ['containers', 'initContainers'].flatMap((field) => itemsAt(body, 'spec', field).map(({ item }) => item));
}

/** The first proxy of a pod, which is administered on the port. */
export function podProxy(pod: Resource, isSidecar: IsSidecar, adminPort: number): PodProxy | undefined {
  const container = containersOf(pod).find((each) => isSidecar(each, pod));
  return container && { kind: 'envoy', container: stringAt(container, 'name') ?? '', adminPort };
}

const NO_PROXY = 'No pod has a proxy.';

/** How long pods may take to start before one asks why. */
const STARTING_MS = 120_000;

/** True for a pod so young that what it lacks may be on its way. */
export function isStarting({ body }: Resource, now: number): boolean {
  const age = now - Date.parse(stringAt(body, 'metadata', 'creationTimestamp') ?? '');
  return age >= 0 && age < STARTING_MS;
}

/** Pods that start are given time, unless something in them has already failed. */
export function sidecarsReady(proxies: readonly SidecarPod[], now: number): CheckResult {
  if (proxies.length === 0) return { is: 'ok', reason: NO_PROXY };
  const affected = proxies.flatMap(({ pod, containers }): readonly (Affected & { readonly container: string })[] => {
    for (const container of containers) {
      const status = containerStatus(pod, container);
      const detail = containerProblem(container, status);
      if (detail === undefined || (isStarting(pod, now) && !hasFailed(status))) continue;
      return [{ resource: pod, detail, container }];
    }
    return [];
  });
  const [first] = affected;
  if (!first) return { is: 'ok', reason: `${count(proxies.length, 'pod')}.` };
  return {
    is: 'failed',
    reason: `${affected.length} of ${count(proxies.length, 'pod')} with a proxy: the proxy is not ready.`,
    hint: `Run "kubectl -n ${first.resource.namespace} logs ${first.resource.name} -c ${first.container}".`,
    affected: affected.map(({ resource, detail }) => ({ resource, detail })),
  };
}

function hasFailed(status: Body | undefined): boolean {
  const waiting = stringAt(status, 'state', 'waiting', 'reason') ?? '';
  return /BackOff|Err|Invalid/.test(waiting) || Object.keys(objectAt(status, 'lastState')).length > 0;
}

export interface Wishes {
  readonly isSidecar: IsSidecar;
  /** Whether the injector gives such a pod of the namespace a sidecar when it is created now. */
  wants(pod: Resource, namespace: Resource): boolean;
}

/** Pods that would be given a sidecar if they were created now, and have none. */
export async function podsWithoutSidecar(facts: Facts, { isSidecar, wants }: Wishes): Promise<readonly Resource[]> {
  const namespaces = new Map((await namespacesOf(facts)).map((namespace) => [namespace.name, namespace]));
  return (await facts.scoped(POD)).filter((pod) => {
    const namespace = namespaces.get(pod.namespace);
    if (!namespace || isEnded(pod) || isUnsuited(pod)) return false;
    return !containersOf(pod).some((container) => isSidecar(container, pod)) && wants(pod, namespace);
  });
}

async function namespacesOf(facts: Facts): Promise<readonly Resource[]> {
  if (facts.namespace === undefined) return facts.list(NAMESPACE);
  const own = await facts.get({ kind: NAMESPACE, namespace: '', name: facts.namespace });
  return own ? [own] : [];
}

/** On the host's network a proxy would capture the traffic of the node; static pods are seen by no webhook. */
function isUnsuited({ body, annotations }: Resource): boolean {
  return objectAt(body, 'spec')['hostNetwork'] === true || annotations['kubernetes.io/config.mirror'] !== undefined;
}

export function sidecarsMissing(missing: readonly Resource[]): CheckResult {
  const [first] = missing;
  if (!first) return { is: 'ok' };
  return {
    is: 'warning',
    reason: 'Pods run without the sidecar that they should have, and bypass the mesh.',
    hint: `Restart what made them, so that they are injected: pod "${first.namespace}/${first.name}" is replaced by "kubectl -n ${first.namespace} delete pod ${first.name}" when a controller owns it.`,
    affected: missing.map((resource) => ({ resource, detail: 'It has no sidecar.' })),
  };
}
