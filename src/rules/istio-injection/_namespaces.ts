/** Namespaces whose owner has not said whether their pods belong to the mesh. */
import {
  DATAPLANE_MODE,
  hasProxy,
  INJECT,
  INJECTION_KINDS,
  injection,
  isCapturedByZtunnel,
  NAMESPACE_INJECTION,
  SYSTEM_NAMESPACES,
} from '../../mesh/istio/injection.ts';
import { injectorConfigs } from '../../mesh/istio/injector-config.ts';
import { MESH_CONFIG, NAMESPACE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { injectionWebhooks, REVISION_LABEL } from '../../mesh/istio/webhooks.ts';
import { has } from '../../model/body.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';

/** Labels by which a namespace chooses its dataplane, from the one that wins to the one that loses. */
export const CHOICES: readonly string[] = [NAMESPACE_INJECTION, REVISION_LABEL, DATAPLANE_MODE];

export const UNDECIDED_INPUTS: readonly Kind[] = [...INJECTION_KINDS, MESH_CONFIG, ...WORKLOAD_KINDS];

export interface Undecided {
  readonly namespace: Resource;
  /** The installation injects namespaces that do not choose. */
  readonly isInjected: boolean;
}

export function* undecidedNamespaces(resources: ResourceSet): Iterable<Undecided> {
  if (!isIstioInUse(resources)) return;
  const { namespaceDataplane } = resources.derive(injection);
  const ofControlPlanes = controlPlaneNamespaces(resources);
  for (const namespace of resources.all(NAMESPACE)) {
    if (CHOICES.some((label) => namespace.labels[label] !== undefined) || isOfOtherMesh(namespace)) continue;
    if (isReserved(namespace.name) || ofControlPlanes.has(namespace.name) || has(namespace.body, 'metadata', 'deletionTimestamp')) continue;
    const pods = resources.derive(workloads).inNamespace(namespace.name);
    // Gateways and the like often choose pod by pod; then there is nothing left to decide.
    if (pods.length > 0 ? pods.every(hasChosen) : namespace.name === 'default') continue;
    yield { namespace, isInjected: namespaceDataplane(namespace.name, namespace.cluster) === 'sidecar' };
  }
}

/** A cluster may hold several meshes, and each namespace belongs to one at the most. */
const OTHER_MESHES = ['linkerd.io/inject', 'kuma.io/sidecar-injection', 'kuma.io/mesh', 'openservicemesh.io/sidecar-injection'];

function isOfOtherMesh({ labels, annotations }: Resource): boolean {
  return OTHER_MESHES.some((mark) => labels[mark] !== undefined || annotations[mark] !== undefined);
}

function hasChosen(pod: Workload): boolean {
  return (
    [INJECT, REVISION_LABEL, DATAPLANE_MODE].some((label) => pod.labels[label] !== undefined) ||
    pod.annotations[INJECT] !== undefined ||
    pod.podSpec['hostNetwork'] === true ||
    hasProxy(pod) ||
    isCapturedByZtunnel(pod)
  );
}

/** Kubernetes reserves the prefix `kube-` for itself, OpenShift its own name. */
function isReserved(namespace: string): boolean {
  return SYSTEM_NAMESPACES.has(namespace) || /^(?:kube-|openshift(?:-|$))/.test(namespace);
}

function controlPlaneNamespaces(resources: ResourceSet): ReadonlySet<string> {
  return new Set([
    resources.derive(meshConfig).rootNamespace,
    ...resources.derive(injectorConfigs).all.map(({ resource }) => resource.namespace),
    ...resources.derive(injectionWebhooks).flatMap(({ service }) => (service ? [service.namespace] : [])),
  ]);
}

/** Namespaces of a cluster without Istio owe nobody a choice. */
function isIstioInUse(resources: ResourceSet): boolean {
  return (
    resources.kinds().some((kind) => /(?:^|\.)istio\.io\//.test(kind)) ||
    resources.derive(injectorConfigs).all.length > 0 ||
    resources.derive(injectionWebhooks).length > 0 ||
    resources.all(NAMESPACE).some(({ labels }) => CHOICES.some((label) => labels[label] !== undefined)) ||
    resources.derive(workloads).all.some((workload) => !workload.resource.assumed && hasProxy(workload))
  );
}
