import { CONFIG_MAP, MESH_CONFIG, SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { exportScope, type Scope } from '../../mesh/istio/visibility.ts';
import { itemsAt, numberAt, stringAt, stringsAt } from '../../model/body.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';

export const serviceEntryProtocolsAgree: Rule = {
  meta: {
    id: 'istio-destination/service-entry-protocols-agree',
    aliases: ['IST0177'],
    analyzers: ['serviceentry.ConflictingServiceEntryProtocolAnalyzer'],
    severity: 'warning',
    summary: 'ServiceEntries that declare the same port of a host give it the same protocol.',
    why: 'Proxies that see both entries use the protocol of one of them, so that policies and routes for the other protocol silently stop working.',
    inputs: [SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0177/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: payments, namespace: shop }
spec:
  hosts: [api.payments.example.com]
  exportTo: [.]
  resolution: DNS
  ports:
    - { name: tls, number: 443, protocol: TLS }
    - { name: https, number: 443, protocol: HTTPS }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: payments, namespace: shop }
spec:
  hosts: [api.payments.example.com]
  exportTo: [.]
  resolution: DNS
  ports:
    - { name: tls, number: 443, protocol: TLS }
---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: payments, namespace: billing }
spec:
  hosts: [api.payments.example.com]
  exportTo: [.]
  resolution: DNS
  ports:
    - { name: https, number: 443, protocol: HTTPS }
`,
    differs: 'Every port in conflict is reported, once per ServiceEntry, at its protocol.',
  },
  *check(resources) {
    const reported = new Map<Resource, Set<number>>();
    for (const declarations of declaredPorts(resources)) {
      const rivalOf = rivals(declarations);
      for (const declaration of declarations) {
        const { entry, host, number, path } = declaration;
        const rival = rivalOf(declaration);
        if (!rival || reported.get(entry)?.has(number)) continue;
        getOrInsert(reported, entry, () => new Set()).add(number);
        yield {
          at: entry,
          path: [...path, 'protocol'],
          message: `Port ${number} of host "${host}" is declared ${said(declaration)}, but ${said(rival)} in ${rival.entry === entry ? 'the same ServiceEntry' : `ServiceEntry "${rival.entry.name}" of namespace "${rival.entry.namespace}"`}.`,
          fix: 'Declare one protocol for the port, or export the entries to different namespaces.',
          ...(rival.entry !== entry && { related: [rival.entry] }),
        };
      }
    }
  },
};

interface Declaration {
  readonly entry: Resource;
  readonly host: string;
  readonly number: number;
  /** In capitals; empty when none is written. */
  readonly protocol: string;
  readonly path: FieldPath;
  readonly scope: Scope;
}

/** Declarations of the same port of the same host, port by port. */
function declaredPorts(resources: ResourceSet): Iterable<readonly Declaration[]> {
  const { defaultServiceExportTo } = resources.derive(meshConfig);
  const ports = new Map<string, Declaration[]>();
  for (const entry of resources.all(SERVICE_ENTRY)) {
    const scope = exportScope(entry, defaultServiceExportTo);
    for (const { value: host } of stringsAt(entry.body, 'spec', 'hosts')) {
      for (const { item, path } of itemsAt(entry.body, 'spec', 'ports')) {
        const number = numberAt(item, 'number');
        if (number === undefined) continue;
        const declaration = { entry, host, number, protocol: (stringAt(item, 'protocol') ?? '').toUpperCase(), path, scope };
        const key = `${entry.cluster ?? ''} ${host} ${number}`;
        getOrInsert(ports, key, () => []).push(declaration);
      }
    }
  }
  return ports.values();
}

/** Stands for whoever sees a declaration at all; no namespace has this name. */
const ANYBODY = '';

/** Finds, for a declaration, one of another protocol that some namespace sees too. */
function rivals(declarations: readonly Declaration[]): (declaration: Declaration) => Declaration | undefined {
  /** The first declaration of each protocol, by namespace it is exported to (or `*`). */
  const seen = new Map<string, Map<string, Declaration>>();
  for (const declaration of declarations) {
    for (const viewer of declaration.scope.size > 0 ? [ANYBODY, ...declaration.scope] : []) {
      getOrInsert(
        getOrInsert(seen, viewer, () => new Map()),
        declaration.protocol,
        () => declaration,
      );
    }
  }
  const viewersOf = (scope: Scope): readonly string[] => (scope.has('*') ? [ANYBODY] : scope.size > 0 ? ['*', ...scope] : []);
  return ({ protocol, scope }) =>
    viewersOf(scope)
      .flatMap((viewer) => [...(seen.get(viewer)?.values() ?? [])])
      .find((other) => other.protocol !== protocol);
}

const said = ({ protocol }: Declaration): string => (protocol ? `as "${protocol}"` : 'without a protocol');
