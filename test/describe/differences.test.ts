/** Where configuration and proxies of Istio do not agree. */
import { describe, expect, it } from 'vitest';
import { targetWorkloads } from '../../src/gather/target-workloads.ts';
import { type AskedEnvoy, envoyTroubles } from '../../src/mesh/istio/describe/compare.ts';
import { ztunnelTroubles } from '../../src/mesh/istio/describe/compare-ztunnel.ts';
import { sceneOf } from '../../src/mesh/istio/describe/scene.ts';
import type { EnvoyConfig } from '../../src/mesh/istio/envoy-answers.ts';
import { readZtunnelDump } from '../../src/mesh/istio/ztunnel.ts';
import type { ChainRow, ClusterRow, ConfigObject, EndpointRow, ListenerRow, RouteRow } from '../../src/model/proxy-config.ts';
import { resourceSet } from '../../src/model/resource-set.ts';
import { resourcesFrom } from '../builders.ts';

const NOW = Date.parse('2026-06-01T12:00:00Z');
const DAY = 86_400_000;
const HOST = 'cart.shop.svc.cluster.local';

const POD = `
apiVersion: v1
kind: Pod
metadata: {name: cart-1, namespace: shop, labels: {app: cart, version: v1}}
spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{containerPort: 8080}]}, {name: istio-proxy, image: proxyv2}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;
const ROUTE = `---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: cart, namespace: shop}
spec: {hosts: [cart], http: [{route: [{destination: {host: cart, subset: v1}}]}]}
`;
const RULE = `---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: cart, namespace: shop}
spec: {host: cart, subsets: [{name: v1, labels: {version: v1}}]}
`;
const policy = (spec = '{rules: [{from: [{source: {namespaces: [shop]}}]}]}'): string => `---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: {name: cart, namespace: shop}
spec: ${spec}
`;
const STRICT = `---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: {name: strict, namespace: shop}
spec: {mtls: {mode: STRICT}}
`;

const from = (kind: string, name: string): ConfigObject => ({ kind, namespace: 'shop', name });

const route = (origin?: ConfigObject, cluster = `outbound|80|v1|${HOST}`): RouteRow => ({
  ...{
    state: 'active',
    name: '80',
    virtualHost: `${HOST}:80`,
    domains: [HOST, 'cart'],
    match: '/*',
    path: { kind: 'prefix', value: '/' },
    methods: [],
  },
  ...{ destinations: [{ cluster, weight: 100 }], extras: [], from: origin },
});

const cluster = (subset?: string, origin?: ConfigObject): ClusterRow => ({
  ...{
    state: 'active',
    name: `outbound|80|${subset ?? ''}|${HOST}`,
    service: HOST,
    port: 80,
    subset,
    direction: 'outbound',
    type: 'EDS',
    endpoints: [],
    tls: '',
  },
  from: origin,
});

const endpoint = (name: string, status = 'HEALTHY'): EndpointRow => ({
  address: '10.0.0.1:8080',
  cluster: name,
  status,
  isEjected: false,
  weight: 1,
  priority: 0,
  locality: '',
});

const chain = (match: string, details: readonly string[] = []): ChainRow => ({
  match,
  destination: '',
  filters: [{ name: 'rbac', title: 'RBAC ALLOW', details }],
});

const inbound = (...chains: readonly ChainRow[]): ListenerRow => ({
  state: 'active',
  name: 'virtualInbound',
  addresses: ['0.0.0.0:15006'],
  port: 15006,
  type: 'HTTP',
  direction: 'INBOUND',
  chains,
});

const RBAC = ['ns[shop]-policy[cart]-rule[0]: from any to any'];
const PERMISSIVE = [chain('Trans: tls; App: Istio HTTP and TCP; Addr: *:8080'), chain('Trans: raw_buffer; Addr: *:8080')];

const HEALTHY: EnvoyConfig = {
  listeners: [inbound(...PERMISSIVE)],
  routes: [route()],
  clusters: [cluster(), cluster('v1')],
  endpoints: [endpoint(cluster().name), endpoint(cluster('v1').name)],
  secrets: [
    { name: 'default', type: 'certificate', state: 'active', notBefore: NOW - DAY / 2, notAfter: NOW + DAY / 2, subjectAltNames: [] },
  ],
};

function troubles(yaml: string, config: Partial<EnvoyConfig> = {}, more: Partial<AskedEnvoy> = {}): readonly string[] {
  // Without positions, as objects of a cluster are, of which all are there.
  const resources = resourceSet(
    resourcesFrom(POD + yaml).map((resource) => ({ ...resource, origin: undefined })),
    { complete: true, unread: new Map() },
  );
  const { workload } = sceneOf(targetWorkloads('pod/cart-1', 'shop', resources), resources);
  if (!workload) throw new Error('no workload');
  const asked: AskedEnvoy = {
    pod: workload.resource,
    workload,
    config: { ...HEALTHY, ...config },
    resources,
    kind: 'sidecar',
    gateways: [],
    only: undefined,
    now: NOW,
    ...more,
  };
  return envoyTroubles(asked).map(({ id, message }) => `${id}: ${message}`);
}

const ids = (...args: Parameters<typeof troubles>): readonly string[] => troubles(...args).map((each) => each.slice(0, each.indexOf(':')));

describe('a sidecar', () => {
  it('that has what it should shows no difference', () => {
    expect(troubles('')).toEqual([]);
    const routed = {
      routes: [route(from('VirtualService', 'cart'))],
      clusters: [cluster(undefined, from('DestinationRule', 'cart')), cluster('v1', from('DestinationRule', 'cart'))],
    };
    expect(troubles(ROUTE + RULE, routed)).toEqual([]);
  });

  it('misses the route of a VirtualService', () => {
    expect(troubles(ROUTE + RULE)).toEqual([
      expect.stringMatching(/^istio\/route-missing: VirtualService shop\/cart applies, but the proxy of Pod "shop\/cart-1" has no route/),
    ]);
  });

  it.each([
    [
      'is not exported to it',
      ROUTE.replace('{hosts', '{exportTo: [web], hosts')
        .replace('namespace: shop', 'namespace: web')
        .replace('hosts: [cart]', `hosts: [${HOST}]`),
    ],
    ['is for gateways', ROUTE.replace('{hosts', '{gateways: [gw], hosts')],
    ['is for a host that it does not know', ROUTE.replace('hosts: [cart]', 'hosts: [other.example]')],
    ['is for other clients', ROUTE.replace('{route', '{match: [{sourceLabels: {app: web}}], route')],
    ['is for clients of another namespace', ROUTE.replace('{route', '{match: [{sourceNamespace: web}], route')],
    [
      'has rules for gateways only',
      ROUTE.replace('{hosts', '{gateways: [mesh, gw], hosts').replace('{route', '{match: [{gateways: [gw]}], route'),
    ],
    ['has routes of TCP only', ROUTE.replace('http:', 'tcp:')],
    [
      'is left out by a Sidecar',
      `${ROUTE}---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: default, namespace: shop}\nspec: {egress: [{hosts: ["web/*"]}]}\n`,
    ],
  ])('need not have a route of one that %s', (_why, yaml) => {
    expect(ids(yaml)).not.toContain('istio/route-missing');
  });

  it('follows objects that are gone', () => {
    expect(troubles('', { routes: [route(from('VirtualService', 'old'))] })).toEqual([
      expect.stringMatching(/^istio\/object-gone: The proxy of .* follows VirtualService shop\/old, which does not exist/),
    ]);
    expect(ids('', { clusters: [cluster(undefined, from('DestinationRule', 'old')), cluster('v1')] })).toEqual(['istio/object-gone']);
    expect(ids('', { routes: [route(from('VirtualService', 'cart-0-istio-autogenerated-k8s-gateway'))] })).toEqual(['istio/object-gone']);
    const http = '---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: cart, namespace: shop}\nspec: {}\n';
    expect(ids(http, { routes: [route(from('VirtualService', 'cart-0-istio-autogenerated-k8s-gateway'))] })).toEqual([]);
  });

  it('misses the cluster of a subset', () => {
    expect(troubles(RULE, { clusters: [cluster()], routes: [] })).toEqual([
      expect.stringMatching(/^istio\/subset-missing: DestinationRule shop\/cart has subset "v1" of cart\.shop/),
    ]);
  });

  it('misses a policy, or has one that does not apply', () => {
    expect(troubles(policy())).toEqual([
      expect.stringMatching(
        /^istio\/policy-missing: AuthorizationPolicy shop\/cart applies to Pod "shop\/cart-1", but its proxy does not have it/,
      ),
    ]);
    const listeners = [inbound(chain('Trans: tls; Addr: *:8080', RBAC), chain('Trans: raw_buffer; Addr: *:8080', RBAC))];
    expect(ids(policy(), { listeners })).toEqual([]);
    expect(ids('', { listeners })).toEqual(['istio/policy-gone']);
    expect(ids(policy('{}'))).toEqual([]);
    expect(ids(policy('{action: AUDIT, rules: [{}]}'))).toEqual([]);
  });

  it('takes another mode of mutual TLS', () => {
    expect(troubles(STRICT)).toEqual([
      expect.stringMatching(
        /^istio\/mtls-differs: Port 8080 of Pod "shop\/cart-1" is STRICT by PeerAuthentication shop\/strict, but its proxy takes mutual TLS and plain text/,
      ),
    ]);
    expect(ids(STRICT, { listeners: [inbound(chain('Trans: tls; Addr: *:8080'))] })).toEqual([]);
    expect(ids('', { listeners: [inbound(chain('Trans: tls; Addr: *:8080'))] })).toEqual(['istio/mtls-differs']);
    expect(ids('', { listeners: [inbound(chain('Addr: *:8080'))] })).toEqual(['istio/mtls-differs']);
  });

  it('has a certificate that expired, or soon will', () => {
    const certificate = (left: number): EnvoyConfig['secrets'] => [
      { name: 'default', type: 'certificate', state: 'active', notBefore: NOW - DAY, notAfter: NOW + left, subjectAltNames: [] },
    ];
    expect(troubles('', { secrets: certificate(-1000) })).toEqual([
      expect.stringMatching(/^istio\/certificate-expired: The certificate of the proxy of .* expired on 2026-06-01/),
    ]);
    expect(ids('', { secrets: certificate(DAY / 24) })).toEqual(['istio/certificate-expired']);
    expect(ids('', { secrets: certificate(DAY) })).toEqual([]);
  });

  it('is routed to where nothing is healthy', () => {
    const routed = { routes: [route(from('VirtualService', 'cart'))] };
    const sick = { endpoints: [endpoint(cluster().name), endpoint(cluster('v1').name, 'UNHEALTHY')] };
    expect(troubles(ROUTE + RULE, { ...routed, ...sick })).toEqual([
      expect.stringMatching(
        /^istio\/no-healthy-endpoints: VirtualService shop\/cart sends 100% of the requests to cart\.shop\S+ subset "v1", which has one endpoint, which is not healthy/,
      ),
    ]);
    expect(ids(ROUTE + RULE, { ...routed, endpoints: [endpoint(cluster().name)] })).toEqual(['istio/no-healthy-endpoints']);
    expect(ids('', { endpoints: [] })).toEqual([]);
  });

  it('refuses what it is sent', () => {
    expect(troubles('', { listeners: [{ ...inbound(...PERMISSIVE), error: 'unknown filter' }] })).toEqual([
      expect.stringMatching(/^istio\/configuration-refused: .* listener "virtualInbound": unknown filter\.$/),
    ]);
  });
});

const GATEWAY = (server: string): string => `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: gw, namespace: shop}
spec: {selector: {app: cart}, servers: [${server}]}
`;

describe('a gateway', () => {
  const atGateway = ROUTE.replace('{hosts: [cart]', '{gateways: [gw], hosts: [shop.example]');
  const missing = (server: string): readonly string[] => {
    const yaml = atGateway + GATEWAY(server);
    const [gateway] = resourcesFrom(GATEWAY(server));
    return ids(yaml, {}, { kind: 'gateway', gateways: gateway ? [gateway] : [] });
  };

  it.each([
    ['serves the host', '{port: {number: 80, protocol: HTTP}, hosts: [shop.example]}', true],
    ['serves it by a wildcard', '{port: {number: 443, protocol: HTTPS}, tls: {mode: SIMPLE}, hosts: ["*.example"]}', true],
    ['serves another host', '{port: {number: 80, protocol: HTTP}, hosts: [other.example]}', false],
    ['passes connections on', '{port: {number: 443, protocol: HTTPS}, tls: {mode: PASSTHROUGH}, hosts: [shop.example]}', false],
    ['serves it for another namespace', '{port: {number: 80, protocol: HTTP}, hosts: [web/shop.example]}', false],
  ])('that %s', (_what, server, misses) => {
    expect(missing(server).includes('istio/route-missing')).toBe(misses);
  });
});

describe('a waypoint', () => {
  const ofService = policy('{targetRefs: [{group: "", kind: Service, name: cart}], rules: [{to: [{operation: {methods: [GET]}}]}]}');
  const gateway =
    '---\napiVersion: gateway.networking.k8s.io/v1\nkind: Gateway\nmetadata: {name: waypoint, namespace: shop}\nspec: {gatewayClassName: istio-waypoint}\n';
  const ask = (listeners: readonly ListenerRow[]): readonly string[] => {
    const [service] = resourcesFrom(POD).filter(({ name }) => name === 'cart');
    const [waypoint] = resourcesFrom(gateway);
    if (!service) throw new Error('no service');
    const entry = { host: HOST, namespace: 'shop', resource: service, ports: [], scope: new Set(['*']), selector: undefined };
    return ids(ofService + gateway, { listeners, routes: [] }, { kind: 'waypoint', only: [entry], waypoint });
  };
  const internal = (details: readonly string[]): ListenerRow => ({ ...inbound(chain('ALL', details)), name: 'main_internal' });

  it('has the policies of the services that it acts for', () => {
    expect(ask([internal(RBAC)])).toEqual([]);
    expect(ask([internal([])])).toEqual(['istio/policy-missing']);
    expect(ask([])).toEqual([]);
  });
});

const AMBIENT = resourceSet(
  resourcesFrom(`${POD.replace(', {name: istio-proxy, image: proxyv2}', '')}${policy()}`).map((resource) => ({
    ...resource,
    origin: undefined,
  })),
  { complete: true },
);

const dump = (
  workload: object,
  policies: readonly object[] = [{ namespace: 'shop', name: 'cart', action: 'Allow', scope: 'Namespace', rules: [] }],
): NonNullable<ReturnType<typeof readZtunnelDump>> => {
  const read = readZtunnelDump({ workloads: [workload], services: [], policies, certificates: [] });
  if (!read) throw new Error('no dump');
  return read;
};

describe('a ztunnel', () => {
  const ask = (read: ReturnType<typeof dump>): readonly string[] => {
    const [workload] = targetWorkloads('pod/cart-1', 'shop', AMBIENT).workloads;
    if (!workload) throw new Error('no workload');
    return ztunnelTroubles({
      pod: workload.resource,
      workload,
      enforcer: { kind: 'ztunnel', services: [] },
      dump: read,
      resources: AMBIENT,
      now: NOW,
    }).troubles.map(({ id }) => id);
  };
  const own = {
    namespace: 'shop',
    name: 'cart-1',
    protocol: 'HBONE',
    workloadIps: ['10.0.0.1'],
    node: 'n',
    status: 'Healthy',
    serviceAccount: 'cart',
  };

  it('knows the pod, its policies, and uses HBONE', () => {
    expect(ask(dump(own))).toEqual([]);
    expect(ask(dump({ ...own, name: 'other' }))).toEqual(['istio/ztunnel-unaware']);
    expect(ask(dump({ ...own, protocol: 'TCP' }))).toEqual(['istio/ztunnel-plain']);
    expect(ask(dump(own, []))).toEqual(['istio/policy-missing']);
  });
});
