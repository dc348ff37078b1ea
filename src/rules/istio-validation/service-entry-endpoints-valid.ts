import { SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { UNIX } from './_addresses.ts';
import { endpointAddressFlaws, endpointPortFlaws } from './_endpoints.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { labelFlaws } from './_labels.ts';

export const serviceEntryEndpointsValid: Rule = {
  meta: {
    id: 'istio-validation/service-entry-endpoints-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.ServiceEntry'],
    severity: 'error',
    summary: 'Endpoints of a ServiceEntry have an address that its resolution allows, and ports that it has.',
    why: 'Istiod refuses the ServiceEntry, so that its hosts stay unknown to the mesh.',
    inputs: [SERVICE_ENTRY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/service-entry/#ServiceEntry-endpoints',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: eu.api.example.com }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [api.example.com]
  ports: [{ number: 443, name: tls, protocol: TLS }]
  resolution: STATIC
  endpoints: [{ address: 10.0.0.1, ports: { tls: 8443 } }]
`,
  },
  check: judging(SERVICE_ENTRY, flawsOf),
};

const BY_NAME: ReadonlySet<string> = new Set(['DNS', 'DNS_ROUND_ROBIN']);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const resolution = stringAt(body, 'spec', 'resolution') ?? 'NONE';
  // Others have no endpoints, which is said elsewhere.
  if (resolution !== 'STATIC' && !BY_NAME.has(resolution)) return;
  const ports = new Set(itemsAt(body, 'spec', 'ports').map(({ item }) => stringAt(item, 'name') ?? ''));
  for (const { item, path } of itemsAt(body, 'spec', 'endpoints')) {
    yield* under(path, ofEndpoint(item, ports, BY_NAME.has(resolution)));
  }
}

function* ofEndpoint(endpoint: Body, ports: ReadonlySet<string>, byName: boolean): Iterable<Flaw> {
  const address = stringAt(endpoint, 'address') ?? '';
  yield* endpointAddressFlaws(endpoint, byName);
  yield* endpointPortFlaws(endpoint, ports);
  yield* labelFlaws(endpoint, 'labels');
  if (address === '' && (byName || stringAt(endpoint, 'network') === '')) {
    yield { path: [], message: 'The endpoint has no address.', fix: 'Add its address.' };
  }
  if (!address.startsWith(UNIX)) return;
  if (byName)
    yield { path: ['address'], message: `"${address}" is a socket, which needs resolution STATIC.`, fix: 'Write resolution STATIC.' };
  else if (ports.size !== 1) {
    yield { path: ['address'], message: `A socket stands for one port, and the ServiceEntry has ${ports.size}.`, fix: 'Keep one port.' };
  }
}
