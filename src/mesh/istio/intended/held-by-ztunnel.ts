/** Entries of ztunnel's dump in the form in which they are compared: without defaults, lists without order sorted. */
import { itemsAt, listAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

type Named = readonly [name: string, value: object];

const texts = (value: unknown, ...path: readonly string[]): readonly string[] =>
  listAt(value, ...path)
    .map(String)
    .sort();

/** Without what is empty. */
export const filled = (value: Body): object =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, each]) => each !== undefined && each !== '' && each !== false && !(Array.isArray(each) && each.length === 0))
      .filter(([, each]) => !(typeof each === 'object' && each !== null && !Array.isArray(each) && Object.keys(each).length === 0))
      .sort(([left], [right]) => (left < right ? -1 : 1)),
  );

/** Numbers of ports by the ports of a service. */
const portsOf = (value: unknown, field: string): Body => Object.fromEntries(Object.entries(objectAt(value, field)));

/** Older ztunnels name the port so. */
function gatewayOf(value: unknown, field: string): object | undefined {
  const destination = stringAt(value, field, 'destination');
  if (destination === undefined) return undefined;
  return filled({ destination, port: numberAt(value, field, 'hboneMtlsPort') ?? numberAt(value, field, 'port') });
}

export function heldWorkload(value: Body, withServices: boolean): Named {
  const of = (field: string): string | undefined => stringAt(value, field);
  const [networkMode, capacity] = [of('networkMode'), numberAt(value, 'capacity')];
  const entry = {
    ...Object.fromEntries(
      ['name', 'namespace', 'trustDomain', 'serviceAccount', 'network', 'node', 'hostname'].map((field) => [field, of(field)]),
    ),
    ...Object.fromEntries(['workloadName', 'workloadType', 'canonicalName', 'canonicalRevision'].map((field) => [field, of(field)])),
    ...{ status: of('status'), clusterId: of('clusterId'), protocol: of('protocol'), nativeTunnel: value['nativeTunnel'] === true },
    ...{ networkMode: networkMode === 'Standard' ? undefined : networkMode, capacity: capacity === 1 ? undefined : capacity },
    ...{ waypoint: gatewayOf(value, 'waypoint'), networkGateway: gatewayOf(value, 'networkGateway') },
    addresses: texts(value, 'workloadIps'),
    applicationTunnel: filled({
      protocol: stringAt(value, 'applicationTunnel', 'protocol'),
      port: numberAt(value, 'applicationTunnel', 'port'),
    }),
    authorizationPolicies: texts(value, 'authorizationPolicies'),
    locality: filled({ ...objectAt(value, 'locality') }),
    ...(withServices ? { services: texts(value, 'services') } : {}),
  };
  return [of('uid') ?? of('name') ?? '', filled(entry)];
}

export function heldService(value: Body): Named {
  const [namespace, hostname] = [stringAt(value, 'namespace') ?? '', stringAt(value, 'hostname') ?? ''];
  const endpoints = Object.entries(objectAt(value, 'endpoints')).map(([key, endpoint]) => [
    stringAt(endpoint, 'workloadUid') ?? key,
    portsOf(endpoint, 'port'),
  ]);
  const visibility = stringAt(value, 'visibility');
  const entry = {
    ...{ name: stringAt(value, 'name'), ports: portsOf(value, 'ports'), waypoint: gatewayOf(value, 'waypoint') },
    addresses: [
      ...texts(value, 'vips'),
      ...itemsAt(value, 'cidrVips').map(({ item }) => `${stringAt(item, 'network') ?? ''}/${stringAt(item, 'cidr') ?? ''}`),
    ].sort(),
    subjectAltNames: texts(value, 'subjectAltNames'),
    loadBalancer: filled({ ...objectAt(value, 'loadBalancer') }),
    ipFamilies: stringAt(value, 'ipFamilies'),
    canonical: value['canonical'],
    visibility: visibility === 'Public' ? undefined : visibility,
    endpoints: Object.fromEntries(endpoints),
  };
  return [`${namespace}/${hostname}`, filled(entry)];
}

export function heldPolicy(value: Body): Named {
  const rules = listAt(value, 'rules').map((group) =>
    listAt(group).map((clause) => listAt(clause).map((match) => filled(Object.fromEntries(Object.entries(objectAt(match)).map(sorted))))),
  );
  const entry = { scope: stringAt(value, 'scope'), action: stringAt(value, 'action'), dryRun: value['dryRun'] === true, rules };
  return [`${stringAt(value, 'namespace') ?? ''}/${stringAt(value, 'name') ?? ''}`, filled(entry)];
}

/** The values of a condition, of which any may hold. */
function sorted([key, values]: readonly [string, unknown]): readonly [string, unknown] {
  return [key, Array.isArray(values) ? [...values].sort((left, right) => (JSON.stringify(left) < JSON.stringify(right) ? -1 : 1)) : values];
}
