/** The definitions that meshctl brings along, one file for each API group, so that only the groups in use are read. Made by `npm run schemas`. */
import type { GroupDefinition } from './schema.ts';

type Load = () => Promise<unknown>;

const FILES: Readonly<Record<string, Load>> = {
  'access.smi-spec.io': () => import('../../schemas/resources/access.smi-spec.io.json', { with: { type: 'json' } }),
  'appmesh.k8s.aws': () => import('../../schemas/resources/appmesh.k8s.aws.json', { with: { type: 'json' } }),
  'auth.consul.hashicorp.com': () => import('../../schemas/resources/auth.consul.hashicorp.com.json', { with: { type: 'json' } }),
  'config.openservicemesh.io': () => import('../../schemas/resources/config.openservicemesh.io.json', { with: { type: 'json' } }),
  'consul.hashicorp.com': () => import('../../schemas/resources/consul.hashicorp.com.json', { with: { type: 'json' } }),
  'extensions.istio.io': () => import('../../schemas/resources/extensions.istio.io.json', { with: { type: 'json' } }),
  'gateway.networking.k8s.io': () => import('../../schemas/resources/gateway.networking.k8s.io.json', { with: { type: 'json' } }),
  'gateway.networking.x-k8s.io': () => import('../../schemas/resources/gateway.networking.x-k8s.io.json', { with: { type: 'json' } }),
  'kuma.io': () => import('../../schemas/resources/kuma.io.json', { with: { type: 'json' } }),
  'linkerd.io': () => import('../../schemas/resources/linkerd.io.json', { with: { type: 'json' } }),
  'multicluster.linkerd.io': () => import('../../schemas/resources/multicluster.linkerd.io.json', { with: { type: 'json' } }),
  'networking.istio.io': () => import('../../schemas/resources/networking.istio.io.json', { with: { type: 'json' } }),
  'policy.linkerd.io': () => import('../../schemas/resources/policy.linkerd.io.json', { with: { type: 'json' } }),
  'policy.openservicemesh.io': () => import('../../schemas/resources/policy.openservicemesh.io.json', { with: { type: 'json' } }),
  'security.istio.io': () => import('../../schemas/resources/security.istio.io.json', { with: { type: 'json' } }),
  'specs.smi-spec.io': () => import('../../schemas/resources/specs.smi-spec.io.json', { with: { type: 'json' } }),
  'split.smi-spec.io': () => import('../../schemas/resources/split.smi-spec.io.json', { with: { type: 'json' } }),
  'telemetry.istio.io': () => import('../../schemas/resources/telemetry.istio.io.json', { with: { type: 'json' } }),
  'workload.linkerd.io': () => import('../../schemas/resources/workload.linkerd.io.json', { with: { type: 'json' } }),
};

export const knownGroups: readonly string[] = Object.keys(FILES);

/** Of a group that is not known, nothing. */
export async function loadGroup(group: string): Promise<GroupDefinition | undefined> {
  const loaded = (await FILES[group]?.()) as { readonly default: GroupDefinition } | undefined;
  return loaded?.default;
}
