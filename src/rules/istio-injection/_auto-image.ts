/** The placeholder `image: auto`, which the injector replaces by the proxy's image. */
import { INJECT, INJECTION_KINDS, type InjectionOutcome, injection, proxyContainers } from '../../mesh/istio/injection.ts';
import { MUTATING_WEBHOOK, NAMESPACE } from '../../mesh/istio/kinds.ts';
import { injectionWebhooks } from '../../mesh/istio/webhooks.ts';
import type { FieldPath, Kind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { WORKLOAD_KINDS, type Workload } from '../../model/workloads.ts';

export const AUTO_IMAGE_INPUTS: readonly Kind[] = [...INJECTION_KINDS, ...WORKLOAD_KINDS];

/** Paths of the placeholders in a pod or a template. */
export function autoImages(workload: Workload): readonly FieldPath[] {
  return proxyContainers(workload).flatMap(({ image, path }) => (image === 'auto' ? [[...path, 'image']] : []));
}

export interface NotInjected {
  /** Goes behind "…, but". */
  readonly reason: string;
  readonly fix: string;
  readonly absent?: Kind;
}

const OWN_IMAGE = 'or give the container a real image';

const LEFT_OUT: Readonly<Record<Extract<InjectionOutcome, { is: 'left-out' }>['because'], NotInjected>> = {
  'host-network': { reason: 'pods on the host network are not injected', fix: `Do without "hostNetwork", ${OWN_IMAGE}.` },
  'system-namespace': { reason: 'system namespaces are not injected', fix: `Move it to another namespace, ${OWN_IMAGE}.` },
  'opted-out': {
    reason: `it opts out of injection ("${INJECT}" is "false")`,
    fix: `Set the label "${INJECT}" of the pods to "true", ${OWN_IMAGE}.`,
  },
  policy: {
    reason: "the injector's configuration leaves such pods out",
    fix: `Set the label "${INJECT}" of the pods to "true", ${OWN_IMAGE}.`,
  },
  'no-webhook': {
    reason: 'no injection webhook selects such pods',
    fix: `Set the label "${INJECT}" of the pods to "true", enable injection for the namespace, ${OWN_IMAGE}.`,
  },
};

const NO_WEBHOOK: NotInjected = { reason: 'there is no injection webhook', fix: `Install a control plane of Istio, ${OWN_IMAGE}.` };

/** Tells why new pods of a workload are not injected; undefined when they are, or when the input does not tell. */
export function notInjectedBecause(resources: ResourceSet): (workload: Workload) => NotInjected | undefined {
  const { onCreation } = resources.derive(injection);
  const hasWebhooks = resources.derive(injectionWebhooks).length > 0;
  return (workload) => {
    const outcome = onCreation(workload);
    switch (outcome.is) {
      case 'injected':
        return hasWebhooks || !resources.complete ? undefined : NO_WEBHOOK;
      case 'left-out': {
        const found = LEFT_OUT[outcome.because];
        return outcome.because === 'no-webhook' && !hasWebhooks ? { ...found, absent: MUTATING_WEBHOOK } : found;
      }
      case 'unknown':
        // The default webhooks take a pod with this label unless its namespace says otherwise.
        if (workload.labels[INJECT] === 'true' || resources.given(NAMESPACE)) return undefined;
        return { ...LEFT_OUT['no-webhook'], absent: NAMESPACE };
    }
  };
}
