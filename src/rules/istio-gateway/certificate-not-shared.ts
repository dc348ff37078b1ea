import { gatewaySelector } from '../../mesh/istio/gateway-workloads.ts';
import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert, groupByEach } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Claimants, describeRivals, indexClaims, rivalsAmong } from './_claims.ts';
import { credentialsOfServer } from './_credentials.ts';
import { type Server, serversOf } from './_servers.ts';

/**
 * Browsers reuse an HTTP/2 connection for every host that its certificate covers. A connection made
 * for one Gateway's server then carries requests for hosts that only another server knows.
 */
export const certificateNotShared: Rule = {
  meta: {
    id: 'istio-gateway/certificate-not-shared',
    aliases: ['IST0138'],
    analyzers: ['gateway.CertificateAnalyzer'],
    severity: 'warning',
    summary: 'No two Gateways of the same workloads use one certificate on the same port.',
    why: 'Clients that reuse HTTP/2 connections get 404 for the hosts of the other Gateway.',
    inputs: [GATEWAY],
    meshes: ['istio'],
    source:
      'https://istio.io/latest/docs/ops/common-problems/network-issues/#404-errors-occur-when-multiple-gateways-configured-with-same-tls-certificate',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: any-ingress, namespace: shop }
spec:
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com]
      tls: { mode: SIMPLE, credentialName: wildcard-tls }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: pay, namespace: pay }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [pay.example.com]
      tls: { mode: SIMPLE, credentialName: wildcard-tls }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: example, namespace: ingress }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 443, name: https, protocol: HTTPS }
      hosts: [shop.example.com, pay.example.com]
      tls: { mode: SIMPLE, credentialName: wildcard-tls }
`,
    differs:
      'One finding per Gateway that names all others, not one per pair. Servers on different ports and TLS servers without HTTP are left alone, because clients do not reuse connections between them.',
  },
  *check(resources) {
    const gateways = resources.all(GATEWAY);
    const users = indexClaims(gateways, (gateway) => usesOf(gateway).map((use) => use.key));
    const candidates = new Map<string, (selector: Labels) => readonly Group[]>();
    for (const gateway of gateways) {
      const shared = usesOf(gateway).flatMap((use) => {
        const groups = getOrInsert(candidates, use.key, () => narrowerGroups(users.get(use.key) ?? new Map()));
        const rivals = groups(gatewaySelector(gateway)).flatMap((group) => rivalsAmong(group, gateway));
        return rivals.length > 0 ? [{ use, rivals }] : [];
      });
      const [first] = shared;
      if (!first) continue;
      const { names, related } = describeRivals(shared.flatMap((entry) => entry.rivals));
      yield {
        at: gateway,
        path: first.use.path,
        message: `Certificate "${first.use.name}" is also used by ${names} on the same port of the same workloads.`,
        fix: 'Put the hosts into one Gateway with one server for the certificate, or give each Gateway a certificate of its own.',
        related,
      };
    }
  },
};

type Labels = Readonly<Record<string, string>>;

/** Gateways of one selector. */
type Group = readonly Resource[];

/** Finds groups whose workloads are all workloads of a selector as well, as their own selectors have all of its labels. */
function narrowerGroups(users: Claimants): (selector: Labels) => readonly Group[] {
  const all = [...users.values()].flatMap((group) => (group[0] ? [{ group, selector: gatewaySelector(group[0]) }] : []));
  const byEntry = groupByEach(all, ({ selector }) => Object.entries(selector).map((entry) => entry.join('=')));
  return (selector) => {
    const [first] = Object.entries(selector);
    const near = first ? (byEntry.get(first.join('=')) ?? []) : all;
    return near.flatMap((entry) => (labelsMatch(selector, entry.selector) ? [entry.group] : []));
  };
}

/** The use of a certificate on a port; uses with equal keys are the same certificate on the same port. */
interface Use {
  readonly key: string;
  readonly name: string;
  readonly path: FieldPath;
}

function usesOf(gateway: Resource): readonly Use[] {
  return serversOf(gateway).flatMap((server) => {
    // Connections of other protocols are not reused.
    if (server.protocol !== undefined && server.protocol !== 'HTTPS') return [];
    return [...credentialUses(server), ...fileUses(server)].map((use) => ({ ...use, key: `${gateway.cluster ?? ''} ${use.key}` }));
  });
}

function credentialUses(server: Server): readonly Use[] {
  return credentialsOfServer(server).flatMap(({ use, kind, namespace, names, reference, path }) =>
    use === 'server' ? [{ key: `${server.port} ${kind} ${namespace ?? ''}/${names[0]}`, name: reference, path }] : [],
  );
}

function fileUses({ port, tls, path }: Server): readonly Use[] {
  return [{ item: tls, path: [] }, ...itemsAt(tls, 'tlsCertificates')].flatMap((entry) => {
    const name = stringAt(entry.item, 'serverCertificate');
    const key = stringAt(entry.item, 'privateKey');
    return name && key ? [{ key: `${port} file ${name} ${key}`, name, path: [...path, 'tls', ...entry.path, 'serverCertificate'] }] : [];
  });
}
