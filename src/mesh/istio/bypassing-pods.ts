/** Pods that Istio's injector would give a sidecar if they were created now, and that have none. */
import { stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { resourceSet } from '../../model/resource-set.ts';
import { workloads } from '../../model/workloads.ts';
import { isEnded } from '../checks/pods.ts';
import { isIstiod } from './checks/istiod.ts';
import { hasProxy, injection, isCapturedByZtunnel } from './injection.ts';
import { CONFIG_MAP, MUTATING_WEBHOOK, NAMESPACE } from './kinds.ts';
import { injectionWebhooks } from './webhooks.ts';

export async function bypassingPods(facts: Facts, pods: readonly Resource[]): Promise<readonly Resource[]> {
  const [namespaces, webhooks] = await Promise.all([facts.list(NAMESPACE), facts.list(MUTATING_WEBHOOK)]);
  const homes = resourceSet(webhooks)
    .derive(injectionWebhooks)
    .flatMap(({ service }) => service?.namespace ?? []);
  const configs = (await Promise.all([...new Set(homes)].map((namespace) => facts.list(CONFIG_MAP, { namespace })))).flat();
  const set = resourceSet([...namespaces, ...webhooks, ...configs, ...pods], { complete: true });
  const { onCreation } = set.derive(injection);
  return set
    .derive(workloads)
    .all.filter((workload) => workload.isPod && !isLeftAlone(workload.resource) && !hasProxy(workload) && !isCapturedByZtunnel(workload))
    .filter((workload) => onCreation(workload).is === 'injected')
    .map(({ resource }) => resource);
}

/** What has ended, static pods, proxyless gRPC, and the control plane, whose label of a revision asks for injection anywhere else. */
function isLeftAlone(pod: Resource): boolean {
  return (
    isEnded(pod) ||
    isIstiod(pod) ||
    pod.annotations['kubernetes.io/config.mirror'] !== undefined ||
    pod.annotations['sidecar.istio.io/status'] !== undefined ||
    stringAt(pod.body, 'status', 'phase') === undefined
  );
}
