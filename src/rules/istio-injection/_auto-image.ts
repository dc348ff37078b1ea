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
  readonly absent?: Kind;
}

const REASONS: Readonly<Record<Extract<InjectionOutcome, { is: 'left-out' }>['because'], string>> = {
  'host-network': 'pods on the host network are not injected',
  'system-namespace': 'system namespaces are not injected',
  'opted-out': `its pods opt out of injection ("${INJECT}" is "false")`,
  policy: "the injector's configuration leaves its pods out",
  'no-webhook': 'no injection webhook selects its pods',
};

/** Tells why new pods of a workload are not injected; undefined when they are, or when the input does not tell. */
export function notInjectedBecause(resources: ResourceSet): (workload: Workload) => NotInjected | undefined {
  const { onCreation } = resources.derive(injection);
  const hasWebhooks = resources.derive(injectionWebhooks).length > 0;
  return (workload) => {
    const outcome = onCreation(workload);
    switch (outcome.is) {
      case 'injected':
        return hasWebhooks || !resources.complete ? undefined : { reason: 'there is no injection webhook' };
      case 'left-out': {
        const reason = REASONS[outcome.because];
        return outcome.because === 'no-webhook' && !hasWebhooks ? { reason, absent: MUTATING_WEBHOOK } : { reason };
      }
      case 'unknown':
        // The default webhooks take a pod with this label unless its namespace says otherwise.
        if (workload.labels[INJECT] === 'true' || resources.given(NAMESPACE)) return undefined;
        return { reason: REASONS['no-webhook'], absent: NAMESPACE };
    }
  };
}
