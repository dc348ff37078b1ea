import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { isHttp, protocolNamed } from '../../mesh/istio/protocol.ts';
import { itemsAt, listAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';
import { hostProblem, nameProblem } from './_names.ts';

export const serviceEntryResolvable: Rule = {
  meta: {
    id: 'istio-validation/service-entry-resolvable',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'error',
    summary: 'The hosts and ports of a ServiceEntry can be told apart by its resolution.',
    why: 'Istiod refuses the ServiceEntry, so that its hosts stay unknown to the mesh.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-Resolution',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["*.example.com"]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: DNS
`,
  },
  check: judging(SERVICE_ENTRY, flawsOf),
};

const BY_NAME: ReadonlySet<string> = new Set(['DNS', 'DNS_ROUND_ROBIN']);

function* flawsOf({ body, labels }: Resource): Iterable<Flaw> {
  const resolution = stringAt(body, 'spec', 'resolution') ?? 'NONE';
  const hosts = stringsAt(body, 'spec', 'hosts');
  if (BY_NAME.has(resolution) && listAt(body, 'spec', 'endpoints').length === 0) yield* unresolvable(hosts, resolution);
  if (resolution === 'DYNAMIC_DNS') yield* ofDynamicDns(body, labels);
  if (resolution === 'NONE' || hosts.length < 2) return;
  const plain = itemsAt(body, 'spec', 'ports').find(({ item }) => !isTellingHost(stringAt(item, 'protocol') ?? ''));
  if (!plain) return;
  const protocol = stringAt(plain.item, 'protocol');
  yield {
    path: plain.path,
    message: `Traffic on a port ${protocol ? `of ${protocol}` : 'without a protocol'} does not tell which of the ${hosts.length} hosts it is for.`,
    fix: 'Make one ServiceEntry of each host, or declare the port as HTTP, HTTPS or TLS.',
  };
}

function isTellingHost(written: string): boolean {
  const protocol = protocolNamed(written);
  return isHttp(protocol) || protocol === 'HTTPS' || protocol === 'TLS';
}

interface Host {
  readonly value: string;
  readonly path: FieldPath;
}

function* unresolvable(hosts: readonly Host[], resolution: string): Iterable<Flaw> {
  for (const { value, path } of hosts) {
    // What is no name at all, another rule says.
    if (hostProblem(value) || !nameProblem(value)) continue;
    yield {
      path,
      message: `Host "${value}" cannot be looked up by DNS, and resolution ${resolution} has no endpoints for it.`,
      fix: 'Add endpoints, name single hosts, or use resolution NONE or DYNAMIC_DNS.',
    };
  }
}

/** Proxies look up whatever host a request names. */
const DYNAMIC_PROTOCOLS: ReadonlySet<string | undefined> = new Set(['HTTP', 'TLS', 'GRPC', 'HTTP2']);

function* ofDynamicDns(body: Body, labels: Resource['labels']): Iterable<Flaw> {
  for (const { value, path } of stringsAt(body, 'spec', 'hosts')) {
    if (value.startsWith('*')) continue;
    yield {
      path,
      message: `Host "${value}" is no wildcard, which resolution DYNAMIC_DNS is for.`,
      fix: 'Write a wildcard, or use resolution DNS.',
    };
  }
  for (const field of ['addresses', 'endpoints']) {
    if (listAt(body, 'spec', field).length === 0) continue;
    yield {
      path: ['spec', field],
      part: 'key',
      message: `Resolution DYNAMIC_DNS must not have ${field}.`,
      fix: `Remove ${field}, or use another resolution.`,
    };
  }
  for (const { item, path } of itemsAt(body, 'spec', 'ports')) {
    const protocol = stringAt(item, 'protocol') ?? '';
    if (DYNAMIC_PROTOCOLS.has(protocolNamed(protocol))) continue;
    yield {
      path: [...path, ...('protocol' in item ? ['protocol'] : [])],
      message: `Resolution DYNAMIC_DNS cannot serve a port ${protocol ? `of ${protocol}` : 'without a protocol'}.`,
      fix: 'Declare the port as HTTP, HTTP2, GRPC or TLS.',
    };
  }
  const waypoint = labels['istio.io/use-waypoint'] ?? '';
  if (stringAt(body, 'spec', 'location') === 'MESH_INTERNAL' && waypoint !== '' && waypoint.toLowerCase() !== 'none') {
    yield {
      path: ['spec', 'location'],
      message: `Location MESH_INTERNAL does not work for resolution DYNAMIC_DNS behind waypoint "${waypoint}".`,
      fix: 'Write MESH_EXTERNAL.',
    };
  }
}
