/**
 * Whether a workload's pods take part in the mesh, and how: by what the pod carries already, by
 * the injection webhooks when they are part of the input, else by the labels that the webhooks of
 * Istio's charts look at.
 * @see https://istio.io/latest/docs/setup/additional-setup/sidecar-injection/#controlling-the-injection-policy
 */
import { itemsAt, stringAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import type { Workload } from '../../model/workloads.ts';
import { MUTATING_WEBHOOK, NAMESPACE } from './kinds.ts';

/** `unknown`: the input does not hold what decides it, such as the namespace. */
export type Dataplane = 'sidecar' | 'ambient' | 'none' | 'unknown';

export interface Injection {
  dataplane(workload: Workload): Dataplane;
  /** What the namespace's labels ask for, whatever its single pods say. */
  namespaceDataplane(namespace: string): Dataplane;
  /** The webhooks that inject sidecars, when they are part of the input. */
  readonly webhooks: readonly InjectionWebhook[];
}

export interface InjectionWebhook {
  readonly resource: Resource;
  readonly name: string;
  readonly namespaceSelector: unknown;
  readonly objectSelector: unknown;
}

const INJECT = 'sidecar.istio.io/inject';
const REVISION = 'istio.io/rev';
const NAMESPACE_INJECTION = 'istio-injection';
const DATAPLANE_MODE = 'istio.io/dataplane-mode';

/** Namespaces that Istio's webhooks and its analyzers leave alone. */
export const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage']);

/** True when a container of the pod is the sidecar, native or not. */
export function hasProxy(workload: Workload): boolean {
  return [...itemsAt(workload.podSpec, 'containers'), ...itemsAt(workload.podSpec, 'initContainers')].some(
    ({ item }) => stringAt(item, 'name') === 'istio-proxy' && (stringAt(item, 'image') ?? '') !== '',
  );
}

/** True when ztunnel captures the pod, as the CNI node agent has noted on it. */
export function isCapturedByZtunnel(workload: Workload): boolean {
  return workload.annotations['ambient.istio.io/redirection'] === 'enabled';
}

/** @param labels of a namespace */
export function isAmbientNamespace(labels: Readonly<Record<string, string>>): boolean {
  return labels[DATAPLANE_MODE] === 'ambient' && labels[NAMESPACE_INJECTION] !== 'enabled' && !labels[REVISION];
}

/** Webhooks that inject Istio's sidecar, of all webhook configurations. */
function injectionWebhooks(configurations: readonly Resource[]): readonly InjectionWebhook[] {
  return configurations.flatMap((resource) =>
    itemsAt(resource.body, 'webhooks').flatMap(({ item }) => {
      const name = stringAt(item, 'name') ?? '';
      if (!name.endsWith('sidecar-injector.istio.io')) return [];
      return [{ resource, name, namespaceSelector: item['namespaceSelector'], objectSelector: item['objectSelector'] }];
    }),
  );
}

/** The default webhooks' selectors, in words: the namespace decides, the pod may opt out, and opt in where the namespace is silent. */
function injectedByLabels(namespace: Readonly<Record<string, string>>, pod: Readonly<Record<string, string>>): boolean {
  if (pod[INJECT] === 'false') return false;
  const wish = namespace[NAMESPACE_INJECTION];
  if (wish !== undefined) return wish === 'enabled';
  if (namespace[REVISION]) return true;
  return pod[INJECT] === 'true' || (pod[REVISION] ?? '') !== '';
}

export const injection: Derivation<Injection> = {
  name: 'istio injection',
  build(resources) {
    const webhooks = injectionWebhooks(resources.all(MUTATING_WEBHOOK));
    const labelsOf = (namespace: string): Readonly<Record<string, string>> | undefined => {
      const found = resources.get(NAMESPACE, '', namespace);
      if (found) return { 'kubernetes.io/metadata.name': namespace, ...found.labels };
      return resources.complete ? {} : undefined;
    };
    const isInjected = (namespace: Readonly<Record<string, string>>, pod: Readonly<Record<string, string>>): boolean =>
      webhooks.length > 0
        ? webhooks.some((hook) => labelSelectorMatches(hook.namespaceSelector, namespace) && labelSelectorMatches(hook.objectSelector, pod))
        : injectedByLabels(namespace, pod);
    return {
      webhooks,
      dataplane(workload) {
        if (hasProxy(workload)) return 'sidecar';
        if (isCapturedByZtunnel(workload)) return 'ambient';
        if (workload.podSpec['hostNetwork'] === true) return 'none';
        // The annotation is the older form of the label; the injector reads it after the webhook was called.
        const wish = workload.labels[INJECT] ?? workload.annotations[INJECT];
        if (wish !== undefined && wish !== 'true') return 'none';
        if (wish === 'true') return 'sidecar';
        const namespace = labelsOf(workload.namespace);
        if (!namespace) return 'unknown';
        if (isInjected(namespace, workload.labels)) return 'sidecar';
        const mode = workload.labels[DATAPLANE_MODE] ?? (isAmbientNamespace(namespace) ? 'ambient' : 'none');
        return mode === 'ambient' ? 'ambient' : 'none';
      },
      namespaceDataplane(namespace) {
        const labels = labelsOf(namespace);
        if (!labels) return 'unknown';
        if (isInjected(labels, {})) return 'sidecar';
        return isAmbientNamespace(labels) ? 'ambient' : 'none';
      },
    };
  },
};
