/** What Istio's injector says to a single pod of a cluster. */
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';
import { resourceSet } from '../../model/resource-set.ts';
import { workloads } from '../../model/workloads.ts';
import { type InjectionOutcome, injection } from './injection.ts';
import { CONFIG_MAP, MUTATING_WEBHOOK } from './kinds.ts';
import { injectionWebhooks } from './webhooks.ts';

const REASONS: Readonly<Record<Extract<InjectionOutcome, { is: 'left-out' }>['because'], string>> = {
  'host-network': "It is on the host's network, where a proxy would capture the traffic of the node.",
  'system-namespace': 'Its namespace belongs to Kubernetes, and the injector leaves it alone.',
  'opted-out': 'Its label or annotation "sidecar.istio.io/inject" is "false".',
  policy: "The injector's policy, or a selector that it never injects, leaves it out, and the pod does not ask for a proxy.",
  'no-webhook': 'No webhook of Istio is asked about it: its labels and those of its namespace match none.',
};

export const decides: NonNullable<MeshAdapter['decides']> = async (pod, home, facts) => {
  const webhooks = await facts.list(MUTATING_WEBHOOK);
  const namespaces = resourceSet(webhooks)
    .derive(injectionWebhooks)
    .flatMap(({ service }) => service?.namespace ?? []);
  const configs = (await Promise.all([...new Set(namespaces)].map((namespace) => facts.list(CONFIG_MAP, { namespace })))).flat();
  const objects: readonly Resource[] = [...webhooks, ...configs, home, pod];
  const set = resourceSet(objects, { complete: true });
  const [workload] = set.derive(workloads).all;
  const outcome = workload && set.derive(injection).onCreation(workload);
  if (outcome?.is === 'injected')
    return { injects: true, because: `The injector of revision "${outcome.revision}" is asked about it, and nothing speaks against it.` };
  return { injects: false, because: outcome?.is === 'left-out' ? REASONS[outcome.because] : 'What the cluster holds does not tell.' };
};
