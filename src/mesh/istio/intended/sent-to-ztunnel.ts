/**
 * What istiod sends to ztunnels, in the form that ztunnel gives it.
 * @see https://github.com/istio/istio/blob/master/pkg/workloadapi/workload.proto
 */
import { itemsAt, listAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import { getOrInsert } from '../../../model/maps.ts';
import type { Body } from '../../../model/resource.ts';
import { filled } from './held-by-ztunnel.ts';
import { addressText, rangeText } from './workload-address.ts';

type Named = readonly [name: string, value: object];

/** Uids of workloads with their ports, by the services that they are endpoints of. */
export type Endpoints = ReadonlyMap<string, ReadonlyMap<string, { readonly ports: Body; readonly isHealthy: boolean }>>;

/** `HTTP_METHOD` → `HttpMethod`. */
const pascal = (name: string): string => name.toLowerCase().replace(/(?:^|_)([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());

const portsOf = (ports: readonly { readonly item: Body }[]): Body =>
  Object.fromEntries(ports.map(({ item }) => [String(numberAt(item, 'servicePort') ?? 0), numberAt(item, 'targetPort') ?? 0]));

const statusOf = (workload: Body): string => pascal(stringAt(workload, 'status') ?? 'HEALTHY');

export function endpointsByService(workloads: readonly Body[]): Endpoints {
  const found = new Map<string, Map<string, { readonly ports: Body; readonly isHealthy: boolean }>>();
  for (const workload of workloads) {
    const isHealthy = statusOf(workload) === 'Healthy';
    for (const service of Object.keys(objectAt(workload, 'services'))) {
      const ports = portsOf(itemsAt(workload, 'services', service, 'ports'));
      getOrInsert(found, service, () => new Map()).set(stringAt(workload, 'uid') ?? '', { ports, isHealthy });
    }
  }
  return found;
}

function gatewayOf(value: unknown, field: string): object | undefined {
  const gateway = objectAt(value, field);
  const host = objectAt(gateway, 'hostname');
  const address = objectAt(gateway, 'address');
  if (Object.keys(gateway).length === 0) return undefined;
  const destination =
    Object.keys(host).length > 0
      ? `${stringAt(host, 'namespace') ?? ''}/${stringAt(host, 'hostname') ?? ''}`
      : `${stringAt(address, 'network') ?? ''}/${addressText(stringAt(address, 'address') ?? '')}`;
  return filled({ destination, port: numberAt(gateway, 'hboneMtlsPort') });
}

const PROTOCOLS: Readonly<Record<string, string>> = { NONE: 'TCP', HBONE: 'HBONE' };

export function sentWorkload(value: Body, withServices: boolean): Named {
  const of = (field: string): string | undefined => stringAt(value, field);
  const tunnel = of('tunnelProtocol') ?? 'NONE';
  const application = objectAt(value, 'applicationTunnel');
  const capacity = numberAt(value, 'capacity');
  const networkMode = of('networkMode') ?? 'STANDARD';
  const entry = {
    ...Object.fromEntries(['name', 'namespace', 'network', 'node', 'hostname', 'workloadName'].map((field) => [field, of(field)])),
    ...Object.fromEntries(['canonicalName', 'canonicalRevision'].map((field) => [field, of(field)])),
    ...{ trustDomain: of('trustDomain') ?? 'cluster.local', serviceAccount: of('serviceAccount') ?? 'default' },
    ...{
      workloadType: (of('workloadType') ?? 'DEPLOYMENT').toLowerCase(),
      status: statusOf(value),
      clusterId: of('clusterId') ?? 'Kubernetes',
    },
    ...{ protocol: PROTOCOLS[tunnel] ?? tunnel, nativeTunnel: value['nativeTunnel'] === true },
    ...{ networkMode: networkMode === 'STANDARD' ? undefined : pascal(networkMode), capacity: capacity === 1 ? undefined : capacity },
    ...{ waypoint: gatewayOf(value, 'waypoint'), networkGateway: gatewayOf(value, 'networkGateway') },
    addresses: stringsAt(value, 'addresses')
      .map((each) => addressText(each.value))
      .sort(),
    applicationTunnel: Object.keys(application).length === 0 ? undefined : filled({ protocol: 'NONE', ...application }),
    authorizationPolicies: listAt(value, 'authorizationPolicies').map(String).sort(),
    locality: filled({ ...objectAt(value, 'locality') }),
    ...(withServices ? { services: Object.keys(objectAt(value, 'services')).sort() } : {}),
  };
  return [of('uid') ?? of('name') ?? '', filled(entry)];
}

const FAMILIES: Readonly<Record<string, string>> = { IPV4_ONLY: 'IPv4', IPV6_ONLY: 'IPv6', DUAL: 'Dual' };

export function sentService(value: Body, endpoints: Endpoints): Named {
  const name = `${stringAt(value, 'namespace') ?? ''}/${stringAt(value, 'hostname') ?? ''}`;
  const balancing = balancingOf(value);
  const takesAll = balancing?.['healthPolicy'] === 'AllowAll';
  const own = [...(endpoints.get(name) ?? [])].filter(([, { isHealthy }]) => isHealthy || takesAll);
  const visibility = stringAt(value, 'visibility') ?? 'PUBLIC';
  const entry = {
    ...{ name: stringAt(value, 'name'), ports: portsOf(itemsAt(value, 'ports')), waypoint: gatewayOf(value, 'waypoint') },
    addresses: itemsAt(value, 'addresses')
      .map(({ item }) => `${stringAt(item, 'network') ?? ''}/${rangeText(item)}`)
      .sort(),
    subjectAltNames: listAt(value, 'subjectAltNames').map(String).sort(),
    loadBalancer: balancing && filled(balancing),
    ipFamilies: FAMILIES[stringAt(value, 'ipFamilies') ?? ''],
    canonical: value['canonical'],
    visibility: visibility === 'PUBLIC' ? undefined : pascal(visibility),
    endpoints: Object.fromEntries(own.map(([uid, { ports }]) => [uid, ports])),
  };
  return [name, filled(entry)];
}

function balancingOf(value: Body): Body | undefined {
  const balancing = objectAt(value, 'loadBalancing');
  if (Object.keys(balancing).length === 0) return undefined;
  const mode = pascal(stringAt(balancing, 'mode') ?? 'UNSPECIFIED_MODE');
  return {
    routingPreferences: listAt(balancing, 'routingPreference').map((scope) => pascal(String(scope))),
    mode: mode === 'UnspecifiedMode' ? 'Standard' : mode,
    healthPolicy: pascal(stringAt(balancing, 'healthPolicy') ?? 'ONLY_HEALTHY'),
  };
}

export function sentPolicy(value: Body): Named {
  const rules = listOf(value, 'groups', 'rules').map((group) =>
    listOf(group, 'rules', 'clauses').map((clause) => itemsAt(clause, 'matches').map(({ item }) => filled(conditionsOf(item)))),
  );
  const entry = {
    ...{ scope: pascal(stringAt(value, 'scope') ?? 'GLOBAL'), action: pascal(stringAt(value, 'action') ?? 'ALLOW') },
    ...{ dryRun: value['dryRun'] === true, rules },
  };
  return [`${stringAt(value, 'namespace') ?? ''}/${stringAt(value, 'name') ?? ''}`, filled(entry)];
}

/** Groups of rules are rules of clauses by their older names. */
const listOf = (value: unknown, field: string, older: string): readonly unknown[] => {
  const found = listAt(value, field);
  return found.length > 0 ? found : listAt(value, older);
};

function conditionsOf(match: Body): Body {
  const entries = Object.entries(match)
    .filter(([key]) => key !== 'extensions')
    .map(([key, values]) => [
      key,
      listAt(values)
        .map((each) => condition(key, each))
        .sort(byText),
    ]);
  return Object.fromEntries(entries);
}

const byText = (left: unknown, right: unknown): number => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1);

function condition(key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (/Ips$/i.test(key)) return rangeText(value as Body, true);
  if (/serviceAccounts$/i.test(key)) return value;
  const [kind = '', text] = Object.entries(value)[0] ?? [];
  return { [pascal(kind)]: kind === 'presence' ? [] : text };
}
