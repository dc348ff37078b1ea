/** Which services a DestinationRule is for. */
import { fullHost, hostsOverlap, isWildcard } from '../../mesh/istio/hosts.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { type RegistryEntry, registry } from '../../mesh/istio/registry.ts';
import { exportScope, isVisible, scopesMeet } from '../../mesh/istio/visibility.ts';
import { stringAt } from '../../model/body.ts';
import { groupByEach } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';

/** `.shop.svc.cluster.local` → the entries whose host ends so; the empty suffix has them all. */
const bySuffix: Derivation<ReadonlyMap<string, readonly RegistryEntry[]>> = {
  name: 'istio service registry by suffix of host',
  build: (resources) => groupByEach(resources.derive(registry).entries, (entry) => ['', ...suffixes(entry.host)]),
};

/** `*.a.b` and `x.a.b` → `.a.b`, `.b`: the longest first. */
function suffixes(host: string): readonly string[] {
  const found: string[] = [];
  for (let dot = host.indexOf('.'); dot >= 0; dot = host.indexOf('.', dot + 1)) found.push(host.slice(dot));
  return found;
}

export interface Candidates {
  /** The full host of the rule; may be a wildcard. */
  readonly host: string;
  /** Services the rule is for. */
  readonly services: readonly RegistryEntry[];
  /** Services of that name which no proxy sees together with the rule. */
  readonly hidden: readonly RegistryEntry[];
}

/** @returns undefined for a rule without a host */
export function servicesOf(rule: Resource, resources: ResourceSet): Candidates | undefined {
  const written = stringAt(rule.body, 'spec', 'host');
  if (!written) return undefined;
  const host = fullHost(written, rule.namespace, resources.settings.clusterDomain);
  const meets = visibility(rule, resources);
  const { named } = resources.derive(registry);
  const covering = [...suffixes(host), ''].map((suffix) => `*${suffix}`).filter((wildcard) => wildcard !== host);
  if (isWildcard(host)) {
    const beneath = resources.derive(bySuffix).get(host.includes('.') ? host.slice(host.indexOf('.')) : '') ?? [];
    const overlapping = [...beneath.filter((entry) => hostsOverlap(host, entry.host)), ...covering.flatMap(named)];
    return { host, services: overlapping.filter(meets), hidden: [] };
  }
  // As in a proxy's view, the name itself goes before the longest wildcard, and that before shorter ones.
  for (const name of [host, ...covering]) {
    const services = named(name).filter(meets);
    if (services.length > 0) return { host, services, hidden: [] };
  }
  return { host, services: [], hidden: named(host) };
}

/**
 * Proxies look for rules in their own namespace, in that of the service, and in the root namespace.
 * A rule kept elsewhere is for clients of its own namespace only.
 */
function visibility(rule: Resource, resources: ResourceSet): (entry: RegistryEntry) => boolean {
  const { rootNamespace, defaultDestinationRuleExportTo } = resources.derive(meshConfig);
  const scope = exportScope(rule, defaultDestinationRuleExportTo);
  return (entry) =>
    rule.namespace === entry.namespace || rule.namespace === rootNamespace
      ? scopesMeet(scope, entry.scope)
      : isVisible(entry.scope, rule.namespace);
}
