/**
 * Whether a workload's pods take part in the mesh, and how. The one place that knows what the
 * labels, annotations, revisions, tags, webhooks and ambient mode mean together.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
import { itemsAt, stringAt } from '../../model/body.ts';
import { getOrInsert, groupBy } from '../../model/maps.ts';
import type { FieldPath, Kind } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { type InjectorConfig, injectorConfigs } from './injector-config.ts';
import { CONFIG_MAP, MUTATING_WEBHOOK, NAMESPACE } from './kinds.ts';
import { DEFAULT_REVISION, type InjectionWebhook, injectionWebhooks, REVISION_LABEL } from './webhooks.ts';

type Labels = Readonly<Record<string, string>>;

/** `unknown`: the input does not hold what decides it, such as the namespace. */
export type Dataplane = 'sidecar' | 'ambient' | 'none' | 'unknown';

/** What happens when a pod is created: which revision injects it, or why none does. */
export type InjectionOutcome =
  | { readonly is: 'injected'; readonly revision: string; readonly config: InjectorConfig | undefined }
  | { readonly is: 'left-out'; readonly because: 'host-network' | 'system-namespace' | 'opted-out' | 'policy' | 'no-webhook' }
  | { readonly is: 'unknown' };

export interface Injection {
  dataplane(workload: Workload): Dataplane;
  /** What the namespace's labels ask for, whatever its single pods say. */
  namespaceDataplane(namespace: string, cluster?: string): Dataplane;
  /** What the API server and the injector do when such a pod is created now, whatever the pod carries already. */
  onCreation(workload: Workload): InjectionOutcome;
}

export const INJECT = 'sidecar.istio.io/inject';
export const NAMESPACE_INJECTION = 'istio-injection';
export const DATAPLANE_MODE = 'istio.io/dataplane-mode';

/** Every kind that deciding on injection reads, for the inputs of rules that do. */
export const INJECTION_KINDS: readonly Kind[] = [NAMESPACE, MUTATING_WEBHOOK, CONFIG_MAP];

/** Namespaces that Istio's webhooks and its analyzers leave alone. */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** The sidecar's containers, native or not; also the ones that a template leaves for the injector to fill. */
export function proxyContainers(workload: Workload): readonly { readonly image: string; readonly path: FieldPath }[] {
  return ['containers', 'initContainers'].flatMap((field) =>
    itemsAt(workload.podSpec, field).flatMap(({ item, path }) =>
      stringAt(item, 'name') === 'istio-proxy'
        ? [{ image: stringAt(item, 'image') ?? '', path: [...workload.podPath, 'spec', ...path] }]
        : [],
    ),
  );
}

/** True when a container of the pod is the sidecar, native or not. */
export function hasProxy(workload: Workload): boolean {
  return proxyContainers(workload).some(({ image }) => image !== '');
}

/** True when ztunnel captures the pod, as the CNI node agent has noted on it. */
export function isCapturedByZtunnel(workload: Workload): boolean {
  return workload.annotations['ambient.istio.io/redirection'] === 'enabled';
}

/** @param labels of a namespace */
export function isAmbientNamespace(labels: Labels): boolean {
  return labels[DATAPLANE_MODE] === 'ambient' && labels[NAMESPACE_INJECTION] !== 'enabled' && !labels[REVISION_LABEL];
}

/** The pod's own wish. The label wins over the annotation, its older form; other values than these two count as none. */
function wishOf({ labels, annotations }: Workload): 'true' | 'false' | undefined {
  const wish = labels[INJECT] ?? annotations[INJECT];
  return wish === 'true' || wish === 'false' ? wish : undefined;
}

/** True when the pod itself asks to be left alone. */
export function optsOut(workload: Workload): boolean {
  return wishOf(workload) === 'false';
}

/** True for a pod of nothing but a proxy, such as a waypoint or an ingress gateway. */
export function isProxyOnly({ podSpec }: Workload): boolean {
  const containers = itemsAt(podSpec, 'containers');
  return containers.length === 1 && containers[0]?.item['name'] === 'istio-proxy';
}

/**
 * The revision whose webhook matches, going by the labels that Istio's charts make the webhooks look at.
 * A label on the namespace, of whatever value, leaves the pod only the choice to opt out.
 */
function revisionByLabels(namespace: Labels, pod: Labels, byDefault: boolean): string | undefined {
  if (pod[INJECT] === 'false') return undefined;
  const wish = namespace[NAMESPACE_INJECTION];
  if (wish !== undefined) return wish === 'enabled' ? DEFAULT_REVISION : undefined;
  const revision = namespace[REVISION_LABEL] ?? pod[REVISION_LABEL];
  if (revision !== undefined) return revision || undefined;
  return pod[INJECT] === 'true' || (byDefault && pod[INJECT] === undefined) ? DEFAULT_REVISION : undefined;
}

/** The CNI node agent's selectors, for a pod that has no sidecar. */
function isAmbient(namespace: Labels, pod: Labels): boolean {
  const mode = pod[DATAPLANE_MODE];
  return mode === 'ambient' || (mode !== 'none' && namespace[DATAPLANE_MODE] === 'ambient');
}

/**
 * Where the input does not tell what the webhooks look at, who asks for a sidecar is taken to get
 * one: the annotation means nothing to the default webhooks, but everything to those of other distributions.
 */
function asksForSidecar(workload: Workload, view: NamespaceView | undefined): boolean {
  if (wishOf(workload) !== 'true') return false;
  if (!view) return true;
  return !view.webhooks && workload.labels[INJECT] === undefined && view.labels[NAMESPACE_INJECTION] === undefined;
}

interface NamespaceView {
  readonly labels: Labels;
  /** Undefined when the input holds no webhooks of this cluster. */
  readonly webhooks: readonly InjectionWebhook[] | undefined;
}

export const injection: Derivation<Injection> = {
  name: 'istio injection',
  build(resources) {
    const configs = resources.derive(injectorConfigs);
    const webhooks = groupBy(resources.derive(injectionWebhooks), ({ resource }) => resource.cluster);
    const namespaces = new Map(resources.all(NAMESPACE).map((namespace) => [keyOf(namespace.cluster, namespace.name), namespace.labels]));
    const views = new Map<string, NamespaceView | undefined>();

    const viewOf = (cluster: string | undefined, name: string): NamespaceView | undefined =>
      getOrInsert(views, keyOf(cluster, name), () => {
        const own = namespaces.get(keyOf(cluster, name)) ?? (resources.complete ? {} : undefined);
        // The API server gives every namespace this label.
        const labels = own && { ...own, 'kubernetes.io/metadata.name': name };
        return labels && { labels, webhooks: webhooks.get(cluster)?.filter((webhook) => webhook.matchesNamespace(labels)) };
      });
    const called = ({ labels, webhooks: candidates }: NamespaceView, pod: Labels): Called | undefined => {
      if (candidates) {
        const webhook = candidates.find((candidate) => candidate.matchesPod(pod));
        return webhook && { revision: webhook.revision, config: configs.forRevision(webhook.revision, webhook.service?.namespace) };
      }
      const byDefault = configs.forRevision(DEFAULT_REVISION)?.enableNamespacesByDefault === true;
      const revision = revisionByLabels(labels, pod, byDefault && !SYSTEM_NAMESPACES.has(labels['kubernetes.io/metadata.name'] ?? ''));
      return revision === undefined ? undefined : { revision, config: configs.forRevision(revision) };
    };
    const decide = (workload: Workload): InjectionOutcome => {
      if (workload.podSpec['hostNetwork'] === true) return { is: 'left-out', because: 'host-network' };
      if (SYSTEM_NAMESPACES.has(workload.namespace)) return { is: 'left-out', because: 'system-namespace' };
      const wish = wishOf(workload);
      if (wish === 'false') return { is: 'left-out', because: 'opted-out' };
      const view = viewOf(workload.resource.cluster, workload.namespace);
      if (!view) return { is: 'unknown' };
      const injector = called(view, workload.labels);
      if (!injector) return { is: 'left-out', because: 'no-webhook' };
      if (wish === undefined && injector.config?.injectsByDefault(workload.labels) === false) return { is: 'left-out', because: 'policy' };
      return { is: 'injected', ...injector };
    };
    const decided = new Map<Workload, InjectionOutcome>();
    const onCreation = (workload: Workload): InjectionOutcome => getOrInsert(decided, workload, () => decide(workload));

    return {
      onCreation,
      dataplane(workload) {
        if (hasProxy(workload)) return 'sidecar';
        if (isCapturedByZtunnel(workload)) return 'ambient';
        const outcome = onCreation(workload);
        if (outcome.is === 'injected') return 'sidecar';
        const view = viewOf(workload.resource.cluster, workload.namespace);
        if (outcome.is === 'left-out' && (outcome.because === 'host-network' || outcome.because === 'system-namespace')) return 'none';
        if (asksForSidecar(workload, view)) return 'sidecar';
        if (isAmbient(view?.labels ?? {}, workload.labels)) return 'ambient';
        return outcome.is === 'unknown' ? 'unknown' : 'none';
      },
      namespaceDataplane(namespace, cluster) {
        const view = viewOf(cluster, namespace);
        if (!view) return 'unknown';
        if (called(view, {})) return 'sidecar';
        return isAmbientNamespace(view.labels) ? 'ambient' : 'none';
      },
    };
  },
};

interface Called {
  readonly revision: string;
  readonly config: InjectorConfig | undefined;
}

const keyOf = (cluster: string | undefined, namespace: string): string => `${cluster ?? ''}/${namespace}`;
