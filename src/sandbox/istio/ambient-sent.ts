/** istiod's `/debug/ambientz`. Addresses are bytes there, which it fills with text. */
import { stringAt } from '../../model/body.ts';
import type { Ambient, AmbientPort, AmbientService, AmbientWorkload } from './ambient.ts';
import type { AmbientMatch, AmbientPolicy } from './ambient-policies.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export const ambientPage = ({ workloads, services, policies }: Ambient): object => ({
  workloads: workloads.map(workload),
  services: services.map(service),
  policies: policies.map(policy),
});

const SCOPES = { Global: undefined, Namespace: 'NAMESPACE', WorkloadSelector: 'WORKLOAD_SELECTOR' } as const;

function policy({ namespace, name, scope, action, rules }: AmbientPolicy): object {
  const value = (each: string | undefined): object => (each === undefined ? { presence: {} } : { exact: each });
  const match = (of: AmbientMatch): object => Object.fromEntries(Object.entries(of).map(([key, values]) => [key, values.map(value)]));
  return defined({
    ...{ name, namespace, scope: SCOPES[scope], action: action === 'Deny' ? 'DENY' : undefined },
    groups: rules.map((clauses) => ({ rules: clauses.map((matches) => ({ matches: matches.map(match) })) })),
  });
}

/** Protobuf's JSON leaves out what is the default. */
const defined = (value: object): object => Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined));

const ports = (list: readonly AmbientPort[]): readonly object[] => list.map((port) => defined(port));

function workload({ pod, uid, address, isHealthy, isTunnelled, policies, canonical, workloadName, services }: AmbientWorkload): object {
  const account = stringAt(pod, 'spec', 'serviceAccountName') ?? 'default';
  return defined({
    ...{ uid, name: pod.metadata.name, namespace: pod.metadata.namespace, addresses: [base64(address)] },
    tunnelProtocol: isTunnelled ? 'HBONE' : undefined,
    serviceAccount: account === 'default' ? undefined : account,
    node: stringAt(pod, 'spec', 'nodeName'),
    ...{ canonicalName: canonical.name, canonicalRevision: canonical.revision, workloadName },
    services: services.size === 0 ? undefined : Object.fromEntries([...services].map(([host, list]) => [host, { ports: ports(list) }])),
    authorizationPolicies: policies.length > 0 ? policies : undefined,
    status: isHealthy ? undefined : 'UNHEALTHY',
    clusterId: 'Kubernetes',
  });
}

function service({ service: { name, namespace, host, clusterIp }, ports: list, waypoint }: AmbientService): object {
  return defined({
    ...{ name, namespace, hostname: host },
    addresses: clusterIp === 'None' ? undefined : [{ address: base64(clusterIp) }],
    ports: ports(list),
    waypoint: waypoint === undefined ? undefined : { hostname: { namespace, hostname: waypoint }, hboneMtlsPort: 15_008 },
    ipFamilies: 'IPV4_ONLY',
    canonical: true,
  });
}
