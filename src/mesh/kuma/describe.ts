/** What applies to a workload or a service of Kuma, by configuration: its mesh, mutual TLS, ports, and the policies that match it. */
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Describe, Fact } from '../../model/describe.ts';
import { type Kind, type Resource, shortKind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { accountOf, named, podsFact, portFacts, servicesFor } from '../describe/common.ts';
import { isMeshed } from './membership.ts';
import { concerns, type Dataplane, dataplaneOf, isOfMesh, MESH_KIND, mutualTlsOf } from './policy/dataplane.ts';
import { refText } from './policy/entries.ts';
import { AUTHZ_KINDS } from './policy/index.ts';

/** Policies with a top-level reference, by their names behind the group. */
const POLICIES: readonly Kind[] = [
  'kuma.io/MeshAccessLog',
  'kuma.io/MeshCircuitBreaker',
  'kuma.io/MeshFaultInjection',
  'kuma.io/MeshHealthCheck',
  'kuma.io/MeshHTTPRoute',
  'kuma.io/MeshLoadBalancingStrategy',
  'kuma.io/MeshMetric',
  'kuma.io/MeshPassthrough',
  'kuma.io/MeshProxyPatch',
  'kuma.io/MeshRateLimit',
  'kuma.io/MeshRetry',
  'kuma.io/MeshTCPRoute',
  'kuma.io/MeshTLS',
  'kuma.io/MeshTimeout',
  'kuma.io/MeshTrace',
  'kuma.io/MeshTrafficPermission',
];

export const DESCRIBE_KINDS: readonly Kind[] = [...AUTHZ_KINDS, ...POLICIES];

const SERVICE: Kind = 'core/Service';

export const describe: Describe = async ({ target, workloads }, resources) => {
  const [workload] = workloads;
  const pods = podsFact(workloads);
  if (!workload) return { sections: [{ id: 'workload', title: 'Workload', facts: [pods] }], troubles: [], proxies: [] };
  const services = target.kind === SERVICE ? [target] : servicesFor(workload.namespace, workload.labels, resources);
  const own = dataplaneOf({ ...workload, serviceAccount: accountOf(workload) }, resources);
  const mesh = resources.get(MESH_KIND, '', own.mesh);
  const meshed = isMeshed(workload, resources);
  const sections = [
    {
      id: 'workload',
      title: 'Workload',
      facts: [
        pods,
        { subject: 'mesh', value: `${own.mesh}${mesh ? '' : ', which the input does not hold'}`, from: mesh ? [named(mesh)] : [] },
        { subject: 'proxy', value: meshed ? 'kuma-sidecar' : 'none', from: [named(workload.resource)] },
        ...(own.tags.get('kuma.io/service') ?? []).map((tag) => ({ subject: 'service tag', value: tag, from: services.map(named) })),
      ],
    },
    { id: 'ports', title: 'Ports', facts: portFacts(workload, services, protocolOf) },
    {
      id: 'mutual-tls',
      title: 'Mutual TLS',
      facts: meshed
        ? mutualTlsFacts(own, resources)
        : [{ subject: 'accepts', value: 'plain text only, as there is no proxy', from: [named(workload.resource)] }],
    },
    { id: 'policies', title: 'Policies', facts: meshed ? policyFacts(own, services, resources) : [] },
  ];
  return { sections: sections.filter(({ facts }) => facts.length > 0), troubles: [], proxies: [] };
};

/** Kuma goes by the port's `appProtocol`, and takes what it does not know for TCP. */
const protocolOf = (port: object): string => stringAt(port, 'appProtocol') ?? 'tcp';

const MODES = {
  off: 'plain text only: the mesh has no mutual TLS',
  permissive: 'mutual TLS and plain text',
  strict: 'mutual TLS only',
} as const;

function mutualTlsFacts(own: Dataplane, resources: ResourceSet): readonly Fact[] {
  const { mode, from } = mutualTlsOf(own, resources);
  return [
    { subject: 'accepts', value: MODES[mode], from: from.map(named) },
    { subject: 'sends', value: mode === 'off' ? 'plain text' : 'mutual TLS to services of the mesh', from: from.map(named) },
  ];
}

/** Those for its own proxy, and those for whoever calls its services. */
function policyFacts(own: Dataplane, services: readonly Resource[], resources: ResourceSet): readonly Fact[] {
  return POLICIES.flatMap((kind) => resources.all(kind)).flatMap((policy): readonly Fact[] => {
    const isOwn = concerns(policy, own, resources);
    const isForCallers =
      isOfMesh(policy, own.mesh) &&
      itemsAt(policy.body, 'spec', 'to').some(({ item }) => services.some((service) => namesIt(objectAt(item, 'targetRef'), service, own)));
    if (!isOwn && !isForCallers) return [];
    const parts = partsOf(policy);
    return [
      {
        subject: `${shortKind(policy.kind)} ${policy.namespace}/${policy.name}`,
        value: `${isOwn ? `for ${refText(objectAt(policy.body, 'spec', 'targetRef'))}` : 'for clients of the service'}${parts.length === 0 ? '' : `: ${parts.join(', ')}`}`,
        from: [named(policy)],
      },
    ];
  });
}

function namesIt(ref: Readonly<Record<string, unknown>>, service: Resource, { tags }: Dataplane): boolean {
  if (stringAt(ref, 'kind') !== 'MeshService') return false;
  const name = stringAt(ref, 'name');
  const labels = Object.entries(objectAt(ref, 'labels'));
  if (name !== undefined) return name === service.name || (tags.get('kuma.io/service')?.includes(name) ?? false);
  const known: Readonly<Record<string, string>> = {
    ...service.labels,
    'kuma.io/display-name': service.name,
    'k8s.kuma.io/namespace': service.namespace,
    'k8s.kuma.io/service-name': service.name,
  };
  return labels.length > 0 && labels.every(([key, value]) => known[key] === value);
}

/** `from the whole mesh`, `to MeshService kv`, `rules`. */
function partsOf({ body }: Resource): readonly string[] {
  const refs = (field: 'from' | 'to'): readonly string[] =>
    itemsAt(body, 'spec', field).map(({ item }) => `${field} ${refText(objectAt(item, 'targetRef'))}`);
  const rules = itemsAt(body, 'spec', 'rules').length;
  return [...refs('from'), ...refs('to'), ...(rules === 0 ? [] : [`${rules} ${rules === 1 ? 'rule' : 'rules'}`])];
}
