/** Where a DestinationRule has plain text sent to workloads that take mutual TLS only. */
import { oldestFirst } from '../../mesh/istio/age.ts';
import { fullHost, hostCovers, isWildcard } from '../../mesh/istio/hosts.ts';
import { isProxyOnly } from '../../mesh/istio/injection.ts';
import { DESTINATION_RULE, SERVICE } from '../../mesh/istio/kinds.ts';
import { peerAuthentications } from '../../mesh/istio/peer-authentication.ts';
import { type PolicyTarget, policyTargets } from '../../mesh/istio/policy-targets.ts';
import type { RegistryEntry } from '../../mesh/istio/registry.ts';
import { at, has, itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import { groupBy } from '../../model/maps.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import { targetPort } from '../../model/target-port.ts';
import { servicesOf } from './_services.ts';

export interface PlaintextRefusal {
  /** The mode in the rule. */
  readonly path: FieldPath;
  readonly service: Resource;
  readonly port: number;
  /** One workload of the service that refuses. */
  readonly workload: Resource;
  readonly policy: Resource;
}

/** Settings by which plain text is sent, and to which ports. */
interface Plaintext {
  readonly path: FieldPath;
  /** Labels of the subset; none for all workloads of the host. */
  readonly labels: Readonly<Record<string, string>>;
  covers(port: number): boolean;
}

/** @returns one for each place in the rule */
export function plaintextRefusals(rule: Resource, resources: ResourceSet): readonly PlaintextRefusal[] {
  const settings = plaintexts(rule, resources);
  if (settings.length === 0) return [];
  const services = (servicesOf(rule, resources)?.services ?? []).filter((entry) => isDecidedBy(rule, entry, resources));
  return settings.flatMap((setting) => {
    for (const entry of services) {
      const refusal = refusalAt(setting, entry, resources);
      if (refusal) return [refusal];
    }
    return [];
  });
}

function plaintexts(rule: Resource, resources: ResourceSet): readonly Plaintext[] {
  const subsets = itemsAt(rule.body, 'spec', 'subsets');
  // What no request uses does no harm: each subset has TLS settings of its own.
  const isOverridden = subsets.length > 0 && subsets.every(({ item }) => has(item, 'trafficPolicy', 'tls'));
  const own = isOverridden || isOverruled(rule, resources) ? [] : policyPlaintexts(rule.body, ['spec', 'trafficPolicy'], {});
  return [
    ...own,
    ...subsets.flatMap(({ item, path }) => policyPlaintexts(rule.body, [...path, 'trafficPolicy'], stringMapAt(item, 'labels'))),
  ];
}

/** Settings of a port replace those of the policy as a whole, also where they leave something out. */
function policyPlaintexts(body: Body, policy: FieldPath, labels: Plaintext['labels']): readonly Plaintext[] {
  const single = itemsAt(body, ...policy, 'portLevelSettings').map(({ item, path }) => ({
    path: [...path, 'tls', 'mode'],
    port: numberAt(item, 'port', 'number'),
    mode: stringAt(item, 'tls', 'mode'),
  }));
  const apart = new Set(single.map(({ port }) => port));
  const all: readonly Plaintext[] =
    stringAt(at(body, policy), 'tls', 'mode') === 'DISABLE'
      ? [{ path: [...policy, 'tls', 'mode'], labels, covers: (port) => !apart.has(port) }]
      : [];
  return [
    ...all,
    ...single.filter(({ mode }) => mode === 'DISABLE').map(({ path, port }) => ({ path, labels, covers: (each: number) => each === port })),
  ];
}

/** Rules for the same host in one namespace, the oldest first. */
const rivals: Derivation<ReadonlyMap<string, readonly Resource[]>> = {
  name: 'istio destination rules by host',
  build: (resources) => groupBy(oldestFirst(resources.all(DESTINATION_RULE)), (rule) => hostKey(rule, resources)),
};

function hostKey(rule: Resource, resources: ResourceSet): string {
  return `${rule.namespace}/${hostOf(rule, resources)}`;
}

function hostOf(rule: Resource, { settings }: ResourceSet): string {
  return fullHost(stringAt(rule.body, 'spec', 'host') ?? '', rule.namespace, settings.clusterDomain);
}

/** istiod takes the policy of the oldest rule that has one. */
function isOverruled(rule: Resource, resources: ResourceSet): boolean {
  const same = resources.derive(rivals).get(hostKey(rule, resources)) ?? [];
  const older = same.slice(0, same.indexOf(rule));
  return older.some((other) => has(other.body, 'spec', 'trafficPolicy'));
}

/** A rule for many hosts gives way to one that names fewer; where such a rule is, nobody can be sure which of them a client sees. */
function isDecidedBy(rule: Resource, entry: RegistryEntry, resources: ResourceSet): boolean {
  const host = hostOf(rule, resources);
  if (!isWildcard(host)) return true;
  return !resources.all(DESTINATION_RULE).some((other) => {
    const rival = hostOf(other, resources);
    return other !== rule && (!isWildcard(rival) || rival.length > host.length) && hostCovers(rival, entry.host);
  });
}

function refusalAt(
  setting: Plaintext,
  { resource: service, selector }: RegistryEntry,
  resources: ResourceSet,
): PlaintextRefusal | undefined {
  if (service.kind !== SERVICE || selector === undefined) return undefined;
  const targets = resources.derive(policyTargets);
  const selected = targets.selectedBy({ ...selector, ...setting.labels }, service.namespace);
  for (const target of selected) {
    if (!target.workload || isProxyOnly(target.workload) || targets.dataplane(target) !== 'sidecar') continue;
    for (const { item } of itemsAt(service.body, 'spec', 'ports')) {
      const port = numberAt(item, 'port');
      if (port === undefined || !setting.covers(port)) continue;
      const policy = strictPolicy(target, targetPort(item, target.workload.podSpec), resources);
      if (policy) return { path: setting.path, service, port, workload: target.resource, policy };
    }
  }
  return undefined;
}

/** The object by which the sidecar refuses plain text on a port of the pod. */
function strictPolicy(
  { resource, labels, workload }: PolicyTarget,
  port: number | undefined,
  resources: ResourceSet,
): Resource | undefined {
  if (port === undefined || bypasses(workload?.annotations ?? {}, port)) return undefined;
  const { mode, policy, ports, portPolicy } = resources.derive(peerAuthentications).modeFor(resource.namespace, labels);
  const own = ports.get(port);
  if (own !== undefined) return own === 'STRICT' ? portPolicy : undefined;
  return mode === 'STRICT' ? policy : undefined;
}

/** What the sidecar does not see, it does not refuse. */
function bypasses(annotations: Readonly<Record<string, string>>, port: number): boolean {
  const listed = (name: string): readonly string[] | undefined =>
    annotations[`traffic.sidecar.istio.io/${name}`]?.split(',').map((each) => each.trim());
  const included = listed('includeInboundPorts') ?? ['*'];
  const excluded = listed('excludeInboundPorts') ?? [];
  return excluded.includes(String(port)) || !(included.includes('*') || included.includes(String(port)));
}
