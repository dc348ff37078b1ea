/** What the mesh as a whole, and the pod's own proxy, say about identities, networks and the policy of ports without a Server. */
import { stringAt } from '../../../model/body.ts';
import type { Derivation, ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { DEFAULT_OPAQUE_PORTS, type LinkerdConfig, readConfig } from '../config.ts';
import { CONFIG_MAP, INBOUND_POLICY, NAMESPACE } from '../kinds.ts';
import { environmentOf, proxyOf } from '../proxies.ts';

const CONFIG = 'linkerd-config';
const NETWORKS = ['10.0.0.0/8', '100.64.0.0/10', '172.16.0.0/12', '192.168.0.0/16', 'fd00::/8'];

interface Installed {
  readonly namespace: string;
  readonly config: LinkerdConfig | undefined;
}

/** The control plane, as far as the objects tell. */
const installed: Derivation<Installed> = {
  name: 'linkerd installation',
  build(resources) {
    const configMap = resources.all(CONFIG_MAP).find(({ name }) => name === CONFIG);
    return { namespace: configMap?.namespace ?? 'linkerd', config: readConfig(configMap) };
  },
};

export interface MeshSettings {
  /** Namespace of the control plane, which is part of every identity. */
  readonly controlNamespace: string;
  readonly trustDomain: string;
  readonly clusterNetworks: readonly string[];
  readonly opaquePorts: string;
}

export function meshSettings(workload: Workload, resources: ResourceSet): MeshSettings {
  const { namespace, config } = resources.derive(installed);
  const proxy = workload.isPod ? proxyOf(workload.resource) : undefined;
  const own = (name: string): string | undefined => proxy && environmentOf(proxy, name);
  return {
    controlNamespace: own('_l5d_ns') ?? namespace,
    trustDomain: own('_l5d_trustdomain') ?? config?.trustDomain ?? 'cluster.local',
    clusterNetworks: own('LINKERD2_PROXY_POLICY_CLUSTER_NETWORKS')?.split(',') ?? config?.clusterNetworks ?? NETWORKS,
    opaquePorts: config?.opaquePorts ?? DEFAULT_OPAQUE_PORTS,
  };
}

export type DefaultPolicy =
  | 'all-unauthenticated'
  | 'all-authenticated'
  | 'cluster-unauthenticated'
  | 'cluster-authenticated'
  | 'deny'
  | 'audit';

const POLICIES: ReadonlySet<string> = new Set([
  'all-unauthenticated',
  'all-authenticated',
  'cluster-unauthenticated',
  'cluster-authenticated',
  'deny',
  'audit',
]);

export interface InboundPolicy {
  readonly policy: DefaultPolicy;
  /** Where it is set, in words. */
  readonly source: string;
}

/**
 * The policy of ports that no Server selects. The policy controller goes by the annotation of the pod, which the injector copies from the
 * namespace when the pod is created; a value that it does not know counts as none.
 */
export function configuredPolicy(workload: Workload, resources: ResourceSet): InboundPolicy {
  const namespace = resources.get(NAMESPACE, '', workload.namespace);
  const candidates: readonly (readonly [value: string | undefined, source: string])[] = [
    [workload.annotations[INBOUND_POLICY], 'an annotation of the pod'],
    [namespace?.annotations[INBOUND_POLICY], `an annotation of namespace ${workload.namespace}`],
    [resources.derive(installed).config?.defaultInboundPolicy, 'the installation'],
  ];
  for (const [value, source] of candidates)
    if (value !== undefined && POLICIES.has(value)) return { policy: value as DefaultPolicy, source };
  return { policy: 'all-unauthenticated', source: "Linkerd's default" };
}

/** What the running pod was given when it was created; undefined for templates. */
export function injectedPolicy({ resource, isPod }: Workload): DefaultPolicy | undefined {
  const proxy = isPod ? proxyOf(resource) : undefined;
  const value = proxy && environmentOf(proxy, 'LINKERD2_PROXY_INBOUND_DEFAULT_POLICY');
  return value !== undefined && POLICIES.has(value) ? (value as DefaultPolicy) : undefined;
}

/** `web.emojivoto.serviceaccount.identity.linkerd.cluster.local`. */
export const identityName = (
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
  { controlNamespace, trustDomain }: Pick<MeshSettings, 'controlNamespace' | 'trustDomain'>,
): string => `${serviceAccount}.${namespace}.serviceaccount.identity.${controlNamespace}.${trustDomain}`;

export const accountOf = ({ podSpec }: Workload): string => stringAt(podSpec, 'serviceAccountName') || 'default';
