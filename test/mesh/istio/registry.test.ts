import { describe, expect, it } from 'vitest';
import { type Registry, registry } from '../../../src/mesh/istio/registry.ts';
import type { SetOptions } from '../../../src/model/resource-set.ts';
import { setFrom } from '../../builders.ts';

interface Options {
  readonly exportTo?: string;
  readonly port?: number;
}

const service = (namespace: string, name: string, { exportTo = '', port = 80 }: Options = {}): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace}, annotations: { networking.istio.io/exportTo: "${exportTo}" } }
spec: { selector: { app: ${name} }, ports: [{ name: http, port: ${port}, protocol: TCP }] }
`;

const serviceEntry = (namespace: string, name: string, host: string, { exportTo = '*', port = 443 }: Options = {}): string => `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: ${name}, namespace: ${namespace} }
spec: { hosts: ["${host}"], exportTo: ["${exportTo}"], ports: [{ name: tls, number: ${port}, protocol: TLS }] }
`;

const registryOf = (objects: readonly string[], options: SetOptions = {}): Registry =>
  setFrom(objects.join('---'), options).derive(registry);

/** `namespace/name` of the object that a host stands for. */
function found(known: Registry, host: string, from = 'shop'): string | undefined {
  const entry = known.find(host, from);
  return entry && `${entry.namespace}/${entry.resource.name}`;
}

describe('the service registry', () => {
  it('knows services by their full name, in the cluster domain of the settings', () => {
    const known = registryOf([service('shop', 'reviews')], { settings: { clusterDomain: 'example.org' } });
    expect(found(known, 'reviews.shop.svc.example.org')).toBe('shop/reviews');
    expect(found(known, 'reviews.shop.svc.cluster.local')).toBeUndefined();
    expect(found(known, 'reviews')).toBeUndefined();
  });

  it('keeps ports, selector and scope of services and of ServiceEntries', () => {
    const known = registryOf([
      service('shop', 'reviews', { exportTo: '.' }),
      `
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: vms, namespace: shop }
spec:
  hosts: [vms.example.com, more.example.com]
  workloadSelector: { labels: { app: vm } }
  ports: [{ number: 80, name: http }, { name: nameless }]
`,
    ]);
    expect(known.entries).toMatchObject([
      {
        host: 'reviews.shop.svc.cluster.local',
        ports: [{ number: 80, name: 'http', protocol: 'TCP', path: ['spec', 'ports', 0] }],
        selector: { app: 'reviews' },
        scope: new Set(['shop']),
      },
      { host: 'vms.example.com', ports: [{ number: 80, protocol: undefined }], selector: { app: 'vm' }, scope: new Set(['*']) },
      { host: 'more.example.com' },
    ]);
  });

  it.each([
    ['api.eu.example.com', 'shop/eu'],
    ['*.eu.example.com', 'shop/eu'],
    ['*.north.eu.example.com', 'shop/eu'],
    ['api.example.com', 'shop/exact'],
    ['www.example.com', 'shop/com'],
    ['eu.example.com', 'shop/com'],
    ['foobar.net', 'shop/part'],
    ['bar.net', 'shop/part'],
    ['foo.net', undefined],
    ['*.net', undefined],
    ['*', undefined],
  ])('gives for "%s" the most specific host that covers it: %s', (host, expected) => {
    const known = registryOf([
      serviceEntry('shop', 'com', '*.com'),
      serviceEntry('shop', 'eu', '*.eu.example.com'),
      serviceEntry('shop', 'exact', 'api.example.com'),
      serviceEntry('shop', 'part', '*bar.net'),
    ]);
    expect(found(known, host)).toBe(expected);
  });

  it('lets "*" stand for everything', () => {
    const known = registryOf([serviceEntry('shop', 'all', '*')]);
    expect([found(known, 'api.example.com'), found(known, '*.com'), found(known, '*')]).toEqual(['shop/all', 'shop/all', 'shop/all']);
  });

  it('passes over what is not exported to the namespace, in favour of a wider host that is', () => {
    const known = registryOf([
      serviceEntry('bank', 'exact', 'api.example.com', { exportTo: '.' }),
      serviceEntry('bank', 'wildcard', '*.example.com', { exportTo: 'shop' }),
    ]);
    expect(found(known, 'api.example.com', 'bank')).toBe('bank/exact');
    expect(found(known, 'api.example.com', 'shop')).toBe('bank/wildcard');
    expect(found(known, 'api.example.com', 'web')).toBeUndefined();
    expect(known.named('api.example.com').map((entry) => entry.resource.name)).toEqual(['exact']);
  });

  it('prefers an entry of the own namespace, and gives all that share the name', () => {
    const known = registryOf([
      serviceEntry('bank', 'theirs', 'api.example.com', { port: 80 }),
      serviceEntry('shop', 'ours', 'api.example.com'),
      serviceEntry('lab', 'hidden', 'api.example.com', { exportTo: '.' }),
      serviceEntry('shop', 'wildcard', '*.example.com'),
    ]);
    expect(known.findAll('api.example.com', 'shop').map((entry) => entry.resource.name)).toEqual(['ours', 'theirs']);
    expect(known.findAll('api.example.com', 'web').map((entry) => entry.resource.name)).toEqual(['theirs', 'ours']);
    expect(known.findAll('api.example.org', 'web')).toEqual([]);
  });

  it('obeys the default of the mesh configuration', () => {
    const meshConfig = `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data: { mesh: "defaultServiceExportTo: ['.']" }
`;
    const known = registryOf([meshConfig, service('bank', 'ledger'), service('bank', 'rates', { exportTo: '*' })]);
    expect(found(known, 'ledger.bank.svc.cluster.local')).toBeUndefined();
    expect(found(known, 'rates.bank.svc.cluster.local')).toBe('bank/rates');
  });

  it.each([
    { written: 'ratings', meant: 'ratings.lab.svc.cluster.local', why: 'the only service of that name' },
    { written: 'reviews', meant: undefined, why: 'nothing, when several have the name' },
    { written: 'reviews.lab', meant: 'reviews.lab.svc.cluster.local', why: 'a full name cut short' },
    { written: 'details.lab', meant: undefined, why: 'nothing, for any other name with dots' },
    { written: 'reviws', meant: 'reviews', why: 'a service of the own namespace by its short name' },
    { written: 'ratngs', meant: undefined, why: 'no misspelled service of another namespace' },
    { written: '*', meant: undefined, why: 'nothing, for a wildcard' },
  ])('takes "$written" for $why', ({ written, meant }) => {
    const known = registryOf([service('shop', 'reviews'), service('lab', 'reviews'), service('lab', 'ratings')]);
    expect(known.intended(written, 'shop')).toBe(meant);
  });
});
