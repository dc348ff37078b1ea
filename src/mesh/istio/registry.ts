/**
 * The service registry: every host that traffic can be sent to, from Services and ServiceEntries,
 * with who may see it. One lookup by host name serves every rule.
 */
import { givenIn } from '../../model/absence.ts';
import { itemsAt, numberAt, stringAt, stringMapAt, stringsAt } from '../../model/body.ts';
import { getOrInsert, groupBy, lazy } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Derivation, ResourceSet } from '../../model/resource-set.ts';
import type { Problem } from '../../model/rule.ts';
import { nearest } from '../../text/nearest.ts';
import { hostIndex, isWildcard, serviceOfHost } from './hosts.ts';
import { SERVICE, SERVICE_ENTRY } from './kinds.ts';
import { meshConfig } from './mesh-config.ts';
import { exportScope, isVisible, type Scope, serviceExportScope } from './visibility.ts';

interface RegistryPort {
  readonly number: number;
  readonly name: string | undefined;
  /** As written: `TCP`, `HTTP`, …; undefined when not written. */
  readonly protocol: string | undefined;
  readonly path: FieldPath;
}

export interface RegistryEntry {
  /** Full name; may be a wildcard for a ServiceEntry. */
  readonly host: string;
  readonly namespace: string;
  readonly resource: Resource;
  readonly ports: readonly RegistryPort[];
  readonly scope: Scope;
  /** Labels that its workloads carry; undefined when it selects none. */
  readonly selector: Readonly<Record<string, string>> | undefined;
}

export interface Registry {
  readonly entries: readonly RegistryEntry[];
  /**
   * What a full host name stands for, as seen from a namespace: an entry of that very name, else the
   * longest wildcard that covers it. An entry that no rule exports there is not found.
   */
  find(host: string, fromNamespace: string): RegistryEntry | undefined;
  /** All entries that share the name which `find` settles on, that one first: Istio joins their ports. */
  findAll(host: string, fromNamespace: string): readonly RegistryEntry[];
  /** All entries of that very name, visible or not. */
  named(host: string): readonly RegistryEntry[];
  /**
   * What an unknown host was probably meant to be, as it has to be written in objects of that namespace.
   * @param written as it stands in the object
   */
  intended(written: string, fromNamespace: string): string | undefined;
}

/** What the input has to hold before a full host can be called unknown. */
export function evidenceFor(host: string, resources: ResourceSet): Problem['absent'] {
  const { clusterDomain } = resources.settings;
  if (isWildcard(host)) return host.endsWith(`.svc.${clusterDomain}`) ? SERVICE : [SERVICE, SERVICE_ENTRY];
  const service = serviceOfHost(host, clusterDomain);
  return service ? givenIn(resources, SERVICE, service.namespace) : SERVICE_ENTRY;
}

function portsOf(resource: Resource, numberField: 'port' | 'number'): readonly RegistryPort[] {
  return itemsAt(resource.body, 'spec', 'ports').flatMap(({ item, path }) => {
    const number = numberAt(item, numberField);
    return number === undefined ? [] : [{ number, name: stringAt(item, 'name'), protocol: stringAt(item, 'protocol'), path }];
  });
}

function nonEmpty(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> | undefined {
  return Object.keys(labels).length > 0 ? labels : undefined;
}

export const registry: Derivation<Registry> = {
  name: 'istio service registry',
  build(resources) {
    const mesh = resources.derive(meshConfig);
    const { clusterDomain } = resources.settings;
    const services = resources.all(SERVICE).map(
      (service): RegistryEntry => ({
        host: `${service.name}.${service.namespace}.svc.${clusterDomain}`,
        namespace: service.namespace,
        resource: service,
        ports: portsOf(service, 'port'),
        scope: serviceExportScope(service, mesh.defaultServiceExportTo),
        selector: nonEmpty(stringMapAt(service.body, 'spec', 'selector')),
      }),
    );
    const external = resources.all(SERVICE_ENTRY).flatMap((entry) => {
      const ports = portsOf(entry, 'number');
      const scope = exportScope(entry, mesh.defaultServiceExportTo);
      const selector = nonEmpty(stringMapAt(entry.body, 'spec', 'workloadSelector', 'labels'));
      return stringsAt(entry.body, 'spec', 'hosts').map(
        ({ value }): RegistryEntry => ({ host: value, namespace: entry.namespace, resource: entry, ports, scope, selector }),
      );
    });
    const entries = [...services, ...external];

    const byHost = hostIndex(entries.map((entry) => [entry.host, entry]));
    const byName = groupBy(services, (entry) => entry.resource.name);
    const namesIn = lazy(() => {
      const byNamespace = groupBy(services, (entry) => entry.namespace);
      return new Map([...byNamespace].map(([namespace, own]) => [namespace, own.map((entry) => entry.resource.name)]));
    });
    const similar = new Map<string, string | undefined>();
    const findAll = (host: string, fromNamespace: string): readonly RegistryEntry[] => {
      for (const candidates of byHost.covering(host)) {
        const visible = candidates.filter((entry) => isVisible(entry.scope, fromNamespace));
        if (visible.length === 0) continue;
        // The own namespace's entry comes first, as it does when Istio builds a proxy's view.
        const isOwn = (entry: RegistryEntry): boolean => entry.namespace === fromNamespace;
        return [...visible.filter(isOwn), ...visible.filter((entry) => !isOwn(entry))];
      }
      return [];
    };
    return {
      entries,
      find: (host, fromNamespace) => findAll(host, fromNamespace)[0],
      findAll,
      named: byHost.named,
      intended(written, fromNamespace) {
        if (isWildcard(written)) return undefined;
        // `reviews.prod` looks like a service and its namespace, but Istio takes any name with a dot as a full one.
        const candidates = [...byHost.named(`${written}.svc.${clusterDomain}`), ...(byName.get(written) ?? [])];
        const [meant, ...others] = new Set(candidates.map((entry) => entry.host));
        if (meant !== undefined) return others.length === 0 ? meant : undefined;
        if (written.includes('.')) return undefined;
        return getOrInsert(similar, `${fromNamespace}/${written}`, () => nearest(written, namesIn().get(fromNamespace) ?? []));
      },
    };
  },
};
