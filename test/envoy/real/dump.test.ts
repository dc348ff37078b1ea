/** What a real Envoy writes of every form of configuration, read from saved answers. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ClusterRow, EndpointRow, ExtensionRow, ListenerRow, RouteRow, SecretRow } from '../../../src/model/proxy-config.ts';
import { assertNoSecret, meshctl, program, type Running, rowsOf, runWhole } from './running.ts';

const schema = JSON.parse(readFileSync(new URL('../../../schemas/output/proxy-config.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);

describe.skipIf(program === '')('a dump of a real Envoy', () => {
  let running: Running;
  let dump: string;

  beforeAll(async () => {
    running = await runWhole();
    await running.envoy.until('/clusters', (body) => /inbound\|9080\|\|::127\.0\.0\.1:1::health_flags::\/failed_active_hc/.test(body));
    dump = (await running.envoy.ask('/config_dump?include_eds')).body;
  });

  afterAll(() => running?.close());

  const rows = <Row>(part: string, ...more: readonly string[]): Promise<readonly Row[]> => rowsOf<Row>(part, dump, running.keys, ...more);

  it('is a document of the schema, with a table for each part and no key', async () => {
    assertNoSecret(dump, running.keys);
    const files = { '/dump.json': dump };
    const { out } = await meshctl(['pc', 'all', '-f', '/dump.json', '-o', 'json'], files, running.keys);
    expect(isValid(JSON.parse(out)), JSON.stringify(isValid.errors)).toBe(true);
    const table = await meshctl(['pc', 'all', '-f', '/dump.json', '-o', 'wide'], files, running.keys);
    for (const part of ['bootstrap', 'clusters', 'listeners', 'routes', 'endpoints', 'secrets', 'ecds'])
      expect(table.out).toContain(`${part}\n`);
    expect(table.out).not.toMatch(/undefined|NaN|\[object/);
  });

  it.each([
    ['clusters', 'static_clusters,dynamic_active_clusters'],
    ['listeners', 'static_listeners,dynamic_listeners'],
    ['routes', 'static_route_configs,dynamic_route_configs'],
    ['secrets', 'static_secrets,dynamic_active_secrets'],
  ])('says the same of %s in part as in whole', async (part, fields) => {
    // Scopes are a part of their own.
    const whole = (await rows<RouteRow>(part)).filter(({ name }) => name !== 'in-scope');
    const masked = (await running.envoy.ask(`/config_dump?mask=${fields}`)).body;
    expect(await rowsOf(part, masked, running.keys)).toEqual(whole);
    const lists = await Promise.all(fields.split(',').map((field) => running.envoy.json(`/config_dump?resource=${field}`)));
    const configs = lists.flatMap((each) => (each as { readonly configs: readonly object[] }).configs);
    expect(await rowsOf(part, JSON.stringify({ configs }), running.keys)).toEqual(whole);
    expect(whole.length).toBeGreaterThan(1);
  });

  it('has filters of ECDS in several parts, of which ?resource= gives the first alone', async () => {
    const ask = async (query: string): Promise<readonly string[]> => {
      const { body } = await running.envoy.ask(`/config_dump?${query}`);
      return (await rowsOf<ExtensionRow>('ecds', body, running.keys)).map(({ name }) => name);
    };
    expect(await ask('mask=ecds_filters')).toEqual(['delivered', 'delivered-network', 'delivered-rbac']);
    expect(await ask('resource=ecds_filters')).toEqual(['delivered', 'delivered-rbac']);
  });

  it('may be of what has a name, or of some fields of it', async () => {
    const some = (await running.envoy.ask('/config_dump?resource=dynamic_active_clusters&name_regex=.*reviews.*&mask=cluster.name')).body;
    expect((await rowsOf<ClusterRow>('clusters', some, running.keys)).map(({ name, port, state }) => [name, port, state])).toEqual([
      ['outbound|9080||reviews.shop.svc.cluster.local', 9080, 'active'],
      ['outbound|9080|v1|reviews.shop.svc.cluster.local', 9080, 'active'],
    ]);
    const none = (await running.envoy.ask('/config_dump?resource=dynamic_warming_clusters')).body;
    expect(none).toBe('{}\n');
    expect(await rowsOf('clusters', none, running.keys)).toEqual([]);
  });

  it('tells who the proxy is', async () => {
    const { out } = await meshctl(['pc', 'bootstrap', '-f', '/dump.json', '-o', 'json'], { '/dump.json': dump }, running.keys);
    expect(JSON.parse(out).bootstrap).toEqual({
      node: 'sidecar~10.244.0.7~web-5d7-x2x.shop~shop.svc.cluster.local',
      meshVersion: '1.30.0',
      envoyVersion: expect.stringMatching(/^1\.\d+\.\d+$/),
      cluster: 'web.shop',
      locality: 'eu/eu-1',
      admin: '127.0.0.1:0',
    });
  });

  it('has clusters of every type', async () => {
    const found = await rows<ClusterRow>('clusters');
    expect(found.map(({ name, type, tls, state }) => [name, type, tls, state].join('; ')).sort()).toEqual(
      [
        'BlackHoleCluster; STATIC; plain text; active',
        'PassthroughCluster; ORIGINAL_DST; plain text; active',
        'agent; STATIC; plain text; static',
        'aggregate; envoy.clusters.aggregate; plain text; active',
        'by-dns-cluster; envoy.cluster.dns; plain text; active',
        'by-quic; STATIC; TLS; active',
        'control-plane-that-is-away; STATIC; plain text; static',
        'dynamic-forward-proxy; envoy.clusters.dynamic_forward_proxy; plain text; active',
        'ejecting; STATIC; plain text; active',
        'inbound|9080||; STATIC; plain text; active',
        'logical-dns; LOGICAL_DNS; plain text; active',
        'outbound|80||short.shop.svc.cluster.local; EDS; plain text; active',
        'outbound|9080|v1|reviews.shop.svc.cluster.local; EDS; mutual TLS; active',
        'outbound|9080||reviews.shop.svc.cluster.local; EDS; mutual TLS or plain text; active',
        'plain-behind-internal; STATIC; plain text; active',
        'sds-grpc; STATIC; plain text; static',
        'starts-tls; STATIC; STARTTLS; active',
        'strict-dns; STRICT_DNS; plain text; active',
        'tls-behind-proxy-protocol; STATIC; mutual TLS; active',
        'tls-behind-tap; STATIC; mutual TLS; active',
        'tls-by-spiffe; STATIC; TLS; active',
        'tls-combined; STATIC; TLS; active',
        'tls-inline; STATIC; mutual TLS; active',
        'tls-simple; STATIC; TLS; active',
      ].sort(),
    );
    const { port } = running.upstream;
    const of = (name: string): ClusterRow | undefined => found.find((row) => row.name === name);
    expect(of('outbound|9080||reviews.shop.svc.cluster.local')).toMatchObject({
      ...{ service: 'reviews.shop.svc.cluster.local', port: 9080, direction: 'outbound', version: '1', endpoints: [] },
      from: { kind: 'DestinationRule', namespace: 'shop', name: 'reviews' },
    });
    expect(of('inbound|9080||')?.endpoints).toEqual([`127.0.0.1:${port}`, '127.0.0.1:1']);
    expect(of('strict-dns')?.endpoints).toEqual([`localhost:${port}`]);
    expect(of('sds-grpc')?.endpoints).toEqual(['unix://./etc/socket']);
    expect(of('plain-behind-internal')?.endpoints).toEqual(['envoy://connect_originate/10.0.0.7:9080']);
    expect(of('agent')).not.toHaveProperty('version');
    for (const { updatedAt } of found) expect(updatedAt).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('has listeners of every form, with what each chain takes', async () => {
    const found = await rows<ListenerRow>('listeners');
    const told = found.flatMap(({ name, addresses, type, direction, chains }) => [
      [name, addresses.join(',').replace(/\/tmp.*\//, '/'), type, direction ?? '-'].join(' '),
      ...chains.map(({ match, destination }) => `  ${match} > ${destination}`),
    ]);
    expect(told).toEqual([
      ' 127.0.0.1:0 HTTP -',
      '  ALL > Inline Route: /fails*, /healthz/ready',
      'tapped 127.0.0.1:0 HTTP INBOUND',
      '  ALL > Cluster: agent',
      'quic 127.0.0.1:0 HTTP+UDP -',
      '  ALL > Cluster: agent',
      'dns 127.0.0.1:0 UDP -',
      '  ALL > Cluster: agent',
      'connect_originate envoy://connect_originate TCP -',
      '  ALL > PassthroughCluster',
      'main_internal envoy://main_internal TCP -',
      '  Addr: 10.96.0.7:80 > Cluster: agent',
      '  Addr: 10.96.0.7:8080 > Cluster: agent',
      '  Addr: 10.0.0.0/8 > Cluster: agent',
      '  ALL > BlackHoleCluster',
      'socket-file unix:///listener.sock TCP -',
      '  ALL > Cluster: agent',
      '0.0.0.0_80 0.0.0.0:80 HTTP -',
      '  ALL > Route: 80',
      '  Addr: *:9080 > Route: 9080',
      '10.96.0.1_443 10.96.0.1:443 TCP OUTBOUND',
      '  ALL > Clusters: agent 25%, strict-dns 75%',
      'scoped 0.0.0.0:8081 HTTP -',
      '  ALL > Routes: scoped',
      'scoped-inline 0.0.0.0:8082 HTTP -',
      '  ALL > Routes: scoped',
      'inline-several 0.0.0.0:8083 HTTP -',
      '  ALL > Inline Route: /a, /b*',
      'virtualOutbound 0.0.0.0:15001,[::]:15001 TCP OUTBOUND',
      '  Addr: *:15001 > BlackHoleCluster',
      '  ALL > PassthroughCluster',
      'virtualInbound 0.0.0.0:15006 HTTP+TCP INBOUND',
      '  Addr: *:15006 > BlackHoleCluster',
      '  Trans: tls; App: Istio HTTP and TCP; Addr: *:9080 > Cluster: inbound|9080||',
      '  Trans: tls; SNI: a.example.com,*.b.example.com; Addr: *:9080 > Cluster: inbound|9080||',
      '  Trans: raw_buffer; Addr: *:9080; From: 10.0.0.0/8 > Cluster: inbound|9080||',
      '  Addr: 10.1.0.1/32,fd00::/64,0.0.0.0/0; From directly: 10.2.0.0/16; From ports: 5000,5001 > PassthroughCluster',
      '  From: this host > PassthroughCluster',
      '  App: HTTP; From: other hosts > Non-HTTP/Non-TCP',
    ]);
  });

  it('has filters, with policies in words', async () => {
    const [inbound] = await rows<ListenerRow>('listeners', '--name', 'virtualInbound');
    const filters = inbound?.chains[1]?.filters ?? [];
    expect(filters.map(({ title, details }) => [title, ...details])).toEqual([
      ['RBAC ALLOW', 'open: from any to any'],
      ['HTTP'],
      [
        'JWT',
        'issuer https://here, audiences web, keys given in the configuration, token forwarded',
        'issuer https://there, audiences any, keys https://there/keys',
      ],
      [
        'RBAC DENY',
        'ns[shop]-policy[web]-rule[0]: from ((spiffe://td/ns/a/sa/b or any authenticated) and not 10.0.0.0/8 and 192.168.1.1/32' +
          ' and request.auth.claims.groups=admin and io.istio.peer_principal=*/sa/b and user~j.*)' +
          ' to ((:method=GET or x) and path=/api* and not path~/api/private/.* and port 9080 and ports 9000 to 9099' +
          ' and 10.0.0.7/32 and SNI=web.shop and path=/a/* and age=1..9)',
      ],
      ['RBAC ALLOW', 'open: from any to any'],
      ['RBAC ALLOW', 'nothing matches'],
      ['RBAC LOG', 'open: from any to any'],
      ['RBAC dry run DENY', 'dry run: open: from any to any'],
      ['RBAC by conditions', 'ALLOW friends: SourceIP=10.0.0.1', 'DENY others: anything else'],
      ['RBAC without rules'],
      ['ext_authz'],
      ['fault'],
      ['tap'],
      ['lua'],
      ['cors'],
      ['delivered', 'delivered by ECDS: envoy.extensions.filters.http.buffer.v3.Buffer'],
      ['RBAC by ECDS', 'delivered by ECDS: envoy.extensions.filters.http.rbac.v3.RBAC'],
      ['router'],
    ]);
    expect(inbound?.chains[3]?.filters.map(({ title }) => title)).toEqual(['RBAC by ECDS', 'TCP']);
    expect(await rows<ExtensionRow>('ecds')).toMatchObject([
      { name: 'delivered', type: 'envoy.extensions.filters.http.buffer.v3.Buffer', state: 'active', version: '1' },
      { name: 'delivered-network', type: 'envoy.extensions.filters.network.rbac.v3.RBAC', state: 'active', version: '1' },
      { name: 'delivered-rbac', type: 'envoy.extensions.filters.http.rbac.v3.RBAC', state: 'active', version: '1' },
    ]);
  });

  it('has routes with every way to match, and everything that they may do', async () => {
    const of = async (name: string): Promise<readonly string[]> =>
      (await rows<RouteRow>('routes', '--name', name)).map(({ match, destinations, instead, extras }) => {
        const to = destinations.map(({ cluster, weight }) => `${cluster}${weight === undefined ? '' : ` ${weight}%`}`);
        return `${match} > ${[instead ?? to.join(', '), ...extras].join('; ')}`;
      });
    expect((await of('80')).map((each) => each.replace(/ > agent$/, ''))).toEqual([
      '/login',
      '/v[0-9]+/.*',
      'PathPrefix:/api',
      '/users/{id}/**',
      '/* CONNECT',
      '/case* in any case',
      '/h1* GET user=jason',
      '/h2* GET HEAD',
      '/h3* !user=ja* in any case',
      '/h4* user !bot',
      '/h5* age=1..9',
      '/h6* user=*on tag=*x*',
      '/q* ?q=x ?page',
      '/grpc* gRPC',
      '/some* 10%',
      '/meta* group=admin',
      '/tls* client certificate presented',
    ]);
    expect(await of('9080')).toEqual([
      '/weighted* > agent 80%, strict-dns 20%',
      '/by-header-weighted* > by header x-to 100%',
      '/by-header* > by header x-cluster',
      '/redirect* > 308 https://',
      '/moved* > 302 b.example.com:8443/x',
      '/regex-moved* > 301 /b/\\1',
      '/direct* > 503',
      '/nothing* > -',
      '/all* > agent; timeout 2.5s; retries 3; rewrite /; host h; mirror strict-dns 50%; fault',
      '/forever* > agent',
      '/rewrite-by-expression* > agent; rewrite by expression to /b',
      '/old/{id} > agent; rewrite /new/{id}',
      '/auto-host* > strict-dns; host of the endpoint',
      '/host-by-header* > agent; host by header x-host',
      '/mirror-by-header* > agent; mirror by header x-mirror',
      '/plugin* > by plugin envoy.router.cluster_specifier_plugin.lua',
      '/* > 404',
      '/* where :path=/exact > agent',
      '/* where user=jason > strict-dns',
      '/* > agent; only over TLS',
    ]);
    const [weighted] = await rows<RouteRow>('routes', '--virtual-service', 'shop/web');
    expect(weighted).toMatchObject({ name: '9080', routeName: 'split', virtualHost: 'actions', state: 'active', version: '1' });
    const all = await rows<RouteRow>('routes');
    expect([...new Set(all.map(({ name }) => name))]).toEqual(['', '80', '9080', 'in-scope', 'scoped-routes', 'several']);
    expect((await rows<RouteRow>('routes', '--name', '80', '--path', '/users/7/orders/1')).map(({ match }) => match)).toEqual([
      '/users/{id}/**',
      '/* CONNECT',
    ]);
  });

  it('has endpoints, that fare otherwise in the answer of /clusters', async () => {
    const { port } = running.upstream;
    const told = (found: readonly EndpointRow[]): readonly string[] =>
      found.map(({ address, status, weight, priority, locality }) =>
        [address.replace(`:${port}`, ''), status, weight, priority, locality].join(' ').trim(),
      );
    const reviews = 'outbound|9080||reviews.shop.svc.cluster.local';
    // A dump knows three conditions, and calls what is drained unhealthy.
    expect(told(await rows<EndpointRow>('endpoints', '--cluster', reviews))).toEqual([
      '127.0.0.1 HEALTHY 5 0 eu/eu-1/a',
      '127.0.0.2 UNHEALTHY 1 0 eu/eu-1/a',
      '127.0.0.3 UNHEALTHY 1 0 eu/eu-1/a',
      '[::1] DEGRADED 1 1 us',
    ]);
    const clusters = (await running.envoy.ask('/clusters?format=json')).body;
    const live = await rowsOf<EndpointRow>('endpoints', clusters, running.keys);
    expect(told(live.filter(({ cluster }) => cluster === reviews))).toEqual([
      '127.0.0.1 HEALTHY 5 0 eu/eu-1/a',
      '127.0.0.2 UNHEALTHY 1 0 eu/eu-1/a',
      '127.0.0.3 DRAINING 1 0 eu/eu-1/a',
      '[::1] DEGRADED 1 1 us',
    ]);
    const checked = live.filter(({ cluster }) => cluster === 'inbound|9080||');
    expect(checked.map(({ address, status, weight }) => [address, status, weight])).toEqual([
      [`127.0.0.1:${port}`, 'HEALTHY', 1],
      ['127.0.0.1:1', 'UNHEALTHY', 3],
    ]);
    // EDS said TIMEOUT.
    expect(told(live.filter(({ cluster }) => cluster.startsWith('outbound|80|')))).toEqual(['127.0.0.1 UNHEALTHY 1 0']);
    expect(live.map(({ address }) => address)).toEqual(
      expect.arrayContaining(['unix://./etc/socket', 'envoy://connect_originate/10.0.0.7:9080']),
    );
    expect(live.map(({ cluster }) => cluster)).toEqual(live.map(({ cluster }) => cluster).toSorted());
    // EDS calls it otherwise, and so does the dump.
    expect(dump).toContain('"cluster_name": "shared"');
    expect(told(await rows<EndpointRow>('endpoints', '--cluster', 'outbound|80||short.shop.svc.cluster.local'))).toEqual([
      '127.0.0.1 UNHEALTHY 1 0',
    ]);
  });

  it('has an endpoint that was ejected, with its counts', async () => {
    const listeners = (await running.envoy.ask('/listeners')).body;
    const [, address] = /^[0-9a-f-]{36}::(127\.0\.0\.1:\d+)$/m.exec(listeners) ?? [];
    expect((await fetch(`http://${address}/fails`)).status).toBe(500);
    expect((await fetch(`http://${address}/healthz/ready`)).status).toBe(200);
    const clusters = await running.envoy.until('/clusters?format=json', (body) => body.includes('failed_outlier_check'));
    const live = await rowsOf<EndpointRow>('endpoints', clusters, running.keys);
    expect(live.filter(({ isEjected }) => isEjected)).toMatchObject([
      { cluster: 'ejecting', status: 'HEALTHY', isEjected: true, stats: { rq_total: 1, rq_error: 1, rq_success: 0, cx_total: 1 } },
    ]);
    expect(live.find(({ cluster }) => cluster === 'agent')?.stats).toMatchObject({ rq_total: 1, rq_success: 1, cx_connect_fail: 0 });
    expect(
      (await rowsOf<EndpointRow>('endpoints', clusters, running.keys, '--status', 'unhealthy')).map(({ cluster }) => cluster),
    ).toContain('ejecting');
  });

  it('has secrets without their keys', async () => {
    const found = await rows<SecretRow>('secrets');
    expect(found.map(({ name, type, state, file, trustDomain }) => [name, type, state, file?.replace(/.*\//, ''), trustDomain])).toEqual([
      ['ROOTCA', 'authority', 'active', undefined, 'td'],
      ['SPIFFE', 'authority', 'active', undefined, 'td'],
      ['authority-from-file', 'authority', 'static', 'ca.crt', undefined],
      ['default', 'certificate', 'active', undefined, 'td'],
      ['from-files', 'certificate', 'static', 'tls.crt', undefined],
      ['generic', 'other', 'static', undefined, undefined],
      ['in-bytes', 'certificate', 'static', undefined, 'td'],
      ['tickets', 'other', 'static', undefined, undefined],
    ]);
    const own = found.find(({ name }) => name === 'default');
    expect(own?.subjectAltNames).toEqual(['web.shop.svc', 'spiffe://td/ns/shop/sa/web', '10.0.0.7']);
    const { certificates } = (await running.envoy.json('/certs')) as {
      readonly certificates: readonly {
        readonly cert_chain: readonly { readonly serial_number: string; readonly expiration_time: string }[];
      }[];
    };
    expect(certificates.map(({ cert_chain }) => cert_chain[0]?.serial_number)).toContain(own?.serial);
    expect(certificates.flatMap(({ cert_chain }) => cert_chain[0]?.expiration_time ?? [])).toContain(
      String(own?.notAfter).replace('.000Z', 'Z'),
    );
  });
});
