import { CONFIG_MAP, MESH_CONFIG, SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { protocolNamed } from '../../mesh/istio/protocol.ts';
import { itemsAt, listAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';

/** Nothing in a TCP connection but its address tells a proxy which of several hosts on the port is meant. */
export const serviceEntryAddressesSet: Rule = {
  meta: {
    id: 'istio-destination/service-entry-addresses-set',
    aliases: ['IST0134'],
    analyzers: ['serviceentry.Analyzer'],
    severity: 'warning',
    summary: 'ServiceEntries with TCP ports have addresses, written or allocated.',
    why: 'The port then stands for every address: proxies send all TCP traffic on it, meant for whatever host, to this entry.',
    inputs: [SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0134/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: orders-db, namespace: shop }
spec:
  hosts: [orders.db.example.com]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - name: tcp-db
      number: 5432
      protocol: TCP
`,
    good: `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: orders-db, namespace: shop }
spec:
  hosts: [orders.db.example.com]
  addresses: [192.0.2.10]
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
    - name: tcp-db
      number: 5432
      protocol: TCP
`,
    differs:
      'DNS capture is enough on its own, because istiod allocates addresses by default since 1.25, unless PILOT_ENABLE_IP_AUTOALLOCATE is false, the resolution is NONE, or a label of the entry opts out.',
  },
  *check(resources) {
    const allocated = allocation(resources);
    for (const entry of resources.all(SERVICE_ENTRY)) {
      if (hasAddresses(entry) || allocated(entry)) continue;
      for (const { item, path } of itemsAt(entry.body, 'spec', 'ports')) {
        const protocol = stringAt(item, 'protocol') ?? '';
        const number = numberAt(item, 'number');
        if (number === undefined || (protocol !== '' && protocolNamed(protocol) !== 'TCP')) continue;
        yield {
          at: entry,
          path: [...path, protocol === '' ? 'number' : 'protocol'],
          message: `Port ${number} of ServiceEntry "${entry.name}" ${protocol === '' ? 'has no protocol and so counts as' : 'is'} TCP, but the entry has no addresses: proxies take all TCP traffic on the port for it.`,
          fix: 'Set addresses, name a protocol that carries the host (HTTP, TLS, …), or let proxies capture DNS (ISTIO_META_DNS_CAPTURE).',
        };
      }
    }
  },
};

function hasAddresses({ body }: Resource): boolean {
  return listAt(body, 'spec', 'addresses').length > 0 || listAt(body, 'status', 'addresses').length > 0;
}

/** Whether proxies resolve the entry's hosts themselves, to addresses that istiod allocates. */
function allocation(resources: ResourceSet): (entry: Resource) => boolean {
  const metadata = stringMapAt(resources.derive(meshConfig).body, 'defaultConfig', 'proxyMetadata');
  if (metadata['ISTIO_META_DNS_CAPTURE'] !== 'true') return () => false;
  const [older, current] = [metadata['ISTIO_META_DNS_AUTO_ALLOCATE'], metadata['PILOT_ENABLE_IP_AUTOALLOCATE']];
  if (older === 'true' || current === 'true') return () => true;
  return current === 'false' ? () => false : isAllocatedByDefault;
}

/** @see https://istio.io/latest/docs/ops/configuration/traffic-management/dns-proxy/#address-auto-allocation */
function isAllocatedByDefault({ body, labels }: Resource): boolean {
  const resolution = stringAt(body, 'spec', 'resolution') ?? 'NONE';
  return resolution !== 'NONE' && labels['networking.istio.io/enable-autoallocate-ip']?.toLowerCase() !== 'false';
}
