/** What a proxy of the sandbox says on Envoy's administration port, and on the ports beside it. */
import { X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { at, stringAt } from '../../../src/model/body.ts';
import { dumped, openMesh, stat } from './mesh.ts';

const RATINGS = 'outbound|9080||ratings.bookinfo.svc.cluster.local';

describe('/config_dump', () => {
  it('holds every part, each with an address of its type, and names them by resource', async () => {
    const { admin } = await openMesh();
    const parts = JSON.parse((await admin('reviews-v2', '/config_dump')).body).configs as readonly object[];
    expect(parts.map((part) => stringAt(part, '@type')?.replace('type.googleapis.com/envoy.admin.v3.', ''))).toEqual([
      'BootstrapConfigDump',
      'ClustersConfigDump',
      'ListenersConfigDump',
      'ScopedRoutesConfigDump',
      'RoutesConfigDump',
      'SecretsConfigDump',
    ]);
    const whole = await admin('reviews-v2', '/config_dump?include_eds');
    expect(dumped(whole.body, 'dynamic_endpoint_configs').map((each) => stringAt(each, 'endpoint_config', 'cluster_name'))).toContain(
      RATINGS,
    );
    const clusters = await admin('reviews-v2', '/config_dump?resource=dynamic_active_clusters&name_regex=outbound.*ratings.*');
    expect(JSON.parse(clusters.body).configs.map((each: object) => stringAt(each, 'cluster', 'name'))).toEqual([
      RATINGS,
      RATINGS.replace('||', '|v1|'),
    ]);
  });

  it('leaves what a mask does not name', async () => {
    const { admin } = await openMesh();
    const { body } = await admin('reviews-v2', '/config_dump?resource=dynamic_active_clusters&mask=cluster.name,version_info');
    const [first] = JSON.parse(body).configs;
    expect(Object.keys(first)).toEqual(['@type', 'cluster', 'version_info']);
    expect(Object.keys(first.cluster)).toEqual(['name']);
    const masked = await admin('reviews-v2', '/config_dump?mask=static_clusters');
    expect(JSON.parse(masked.body).configs.map((part: object) => Object.keys(part))).toEqual([['@type', 'static_clusters']]);
    const node = await admin('reviews-v2', '/config_dump?mask=bootstrap.node.cluster');
    expect(JSON.parse(node.body).configs).toMatchObject([{ bootstrap: { node: { cluster: 'reviews.bookinfo' } } }]);
  });

  it('refuses what it does not know', async () => {
    const { admin } = await openMesh();
    expect(await admin('reviews-v2', '/config_dump?resource=nothing')).toMatchObject({
      status: 404,
      body: 'nothing not found in config dump',
    });
    expect(await admin('reviews-v2', '/config_dump?name_regex=(')).toMatchObject({ status: 400 });
    // No part has both, and what is inside of lists has no name.
    for (const mask of ['ecds_filters', 'static_clusters,static_listeners', 'static_clusters.cluster'])
      expect(await admin('reviews-v2', `/config_dump?mask=${mask}`)).toMatchObject({
        status: 400,
        body: `FieldMask ${mask} could not be successfully applied to any configs.`,
      });
    expect(await admin('reviews-v2', '/config_dump?resource=bootstrap')).toMatchObject({ status: 400 });
    expect(await admin('reviews-v2', '/config_dump?resource=dynamic_warming_clusters')).toMatchObject({ status: 200, body: '{}' });
    expect(await admin('reviews-v2', '/config_dump?resource=dynamic_endpoint_configs')).toMatchObject({ status: 404 });
    expect((await admin('reviews-v2', '/nothing')).status).toBe(404);
  });

  it('follows the configuration of the mesh', async () => {
    const { admin, sandbox } = await openMesh();
    const weights = async (): Promise<unknown> => {
      const { body } = await admin('productpage-v1', '/config_dump?resource=dynamic_route_configs&name_regex=9080');
      const hosts = at(JSON.parse(body), ['configs', 0, 'route_config', 'virtual_hosts']) as readonly object[];
      const reviews = hosts.find((host) => stringAt(host, 'name')?.startsWith('reviews.bookinfo'));
      const clusters = at(reviews, ['routes', 0, 'route', 'weighted_clusters', 'clusters']) as readonly { weight: number }[] | undefined;
      return clusters?.map(({ weight }) => weight);
    };
    expect(await weights()).toEqual([80, 10, 10]);
    const kind = 'networking.istio.io/VirtualService';
    const route = sandbox.store.get(kind, 'bookinfo', 'reviews');
    if (!route) throw new Error('no route');
    const split = [50, 50].map((weight, index) => ({ destination: { host: 'reviews', subset: `v${index + 1}` }, weight }));
    sandbox.store.replace(kind, { ...route, spec: { hosts: ['reviews'], http: [{ route: split }] } });
    expect(await weights()).toEqual([50, 50]);
  });

  it('shows certificates without their keys', async () => {
    const { admin } = await openMesh();
    const { body } = await admin('reviews-v2', '/config_dump?resource=dynamic_active_secrets');
    const [own, root] = JSON.parse(body).configs as readonly object[];
    const pem = (entry: unknown, ...path: readonly string[]): X509Certificate =>
      new X509Certificate(Buffer.from(stringAt(entry, 'secret', ...path, 'inline_bytes') ?? '', 'base64'));
    const leaf = pem(own, 'tls_certificate', 'certificate_chain');
    expect(leaf.subjectAltName).toBe('URI:spiffe://cluster.local/ns/bookinfo/sa/bookinfo-reviews');
    expect(leaf.verify(pem(root, 'validation_context', 'trusted_ca').publicKey)).toBe(true);
    expect(Buffer.from(stringAt(own, 'secret', 'tls_certificate', 'private_key', 'inline_bytes') ?? '', 'base64').toString()).toBe(
      '[redacted]',
    );
    const certificates = JSON.parse((await admin('reviews-v2', '/certs')).body).certificates;
    expect(at(certificates, [0, 'cert_chain', 0, 'serial_number'])).toBe(leaf.serialNumber.toLowerCase());
  });
});

describe('a proxy counts', () => {
  it('what it sends and takes, by cluster and by endpoint', async () => {
    const { admin, clock } = await openMesh();
    for (let turn = 0; turn < 200; turn++) clock.advance(250);
    const page = await admin('productpage-v1', '/stats?format=json');
    const sent = ['v1', 'v2', 'v3'].map(
      (version) => stat(page.body, `cluster.outbound|9080|${version}|reviews.bookinfo.svc.cluster.local;.upstream_rq_200`) ?? 0,
    );
    const [first = 0, ...others] = sent;
    expect(first).toBeGreaterThan(50);
    for (const other of others) {
      expect(other).toBeGreaterThan(0);
      expect(other).toBeLessThan(first / 2);
    }
    const status = JSON.parse((await admin('reviews-v2', '/clusters?format=json')).body).cluster_statuses.find(
      ({ name }: { name: string }) => name === RATINGS,
    );
    const total = at(status, ['host_statuses', 0, 'stats']) as readonly { name: string; value?: string }[];
    expect(Number(total.find(({ name }) => name === 'rq_total')?.value)).toBe(sent[1]);
    const text = (await admin('reviews-v2', '/clusters')).body;
    expect(text).toMatch(new RegExp(`^${RATINGS.replaceAll('|', '\\|')}::10\\.[\\d.]+:9080::rq_success::${sent[1]}$`, 'm'));
    expect(text).toContain(`${RATINGS}::default_priority::max_requests::1000\n`);
  });

  it('for Prometheus on three ports, and from nothing after a reset', async () => {
    const { admin, port, clock } = await openMesh();
    for (let turn = 0; turn < 10; turn++) clock.advance(250);
    for (const number of [15_000, 15_020, 15_090]) {
      const { body } = await port('details-v1', number).request('/stats/prometheus');
      expect(body).toMatch(
        /^istio_requests_total\{reporter="destination",source_workload="productpage-v1",.*response_code="200".*\} \d+$/m,
      );
    }
    expect((await admin('details-v1', '/reset_counters', 'POST')).body).toBe('OK\n');
    expect((await port('details-v1', 15_090).request('/stats/prometheus')).body).not.toContain('istio_requests_total');
    expect((await admin('details-v1', '/stats?filter=%5Eserver%5C.live&usedonly')).body).toBe('server.live: 1\n');
    expect((await admin('details-v1', '/stats?filter=(')).status).toBe(400);
  });

  it('refusals by its policies and missing routes', async () => {
    const { admin, clock, port } = await openMesh();
    for (let turn = 0; turn < 10; turn++) clock.advance(250);
    const gateway = await admin('istio-ingressgateway', '/stats?format=json');
    expect(stat(gateway.body, 'http.outbound_0.0.0.0_8080;.no_route') ?? stat(gateway.body, 'http.outbound_0.0.0.0_9080;.no_route')).toBe(
      2,
    );
    expect((await port('ratings-v1', 9080).request('/ratings/0')).status).toBe(200);
  });
});

describe('the administration', () => {
  it('lists listeners, tells who it is, and that it is ready', async () => {
    const { admin, port, pod } = await openMesh();
    expect((await admin('reviews-v1', '/listeners')).body).toContain('virtualInbound::0.0.0.0:15006\n');
    const { listener_statuses } = JSON.parse((await admin('reviews-v1', '/listeners?format=json')).body);
    expect(listener_statuses).toContainEqual({
      name: 'virtualOutbound',
      local_address: { socket_address: { address: '0.0.0.0', port_value: 15_001 } },
    });
    const info = JSON.parse((await admin('reviews-v1', '/server_info')).body);
    expect(info).toMatchObject({ state: 'LIVE', node: { metadata: { NAME: pod('reviews-v1').metadata.name, ISTIO_VERSION: '1.30.0' } } });
    expect(await admin('reviews-v1', '/ready')).toMatchObject({ status: 200, body: 'LIVE\n' });
    expect((await port('reviews-v1', 15_021).request('/healthz/ready')).status).toBe(200);
    expect(Object.keys(JSON.parse((await admin('reviews-v1', '/memory')).body))).toContain('allocated');
  });

  it('sets levels of logging, and only by POST', async () => {
    const { admin } = await openMesh();
    expect(await admin('reviews-v1', '/logging')).toMatchObject({ status: 405, body: 'Method GET not allowed, POST required.' });
    expect((await admin('reviews-v1', '/logging?paths=http:debug,router:trace', 'POST')).body).toMatch(
      / {2}http: debug\n(.*\n)* {2}router: trace\n/,
    );
    expect((await admin('reviews-v1', '/logging', 'POST')).body).toContain('  http: debug\n');
    expect((await admin('reviews-v2', '/logging', 'POST')).body).toContain('  http: warning\n');
    expect(await admin('reviews-v1', '/logging?http=info&router=info', 'POST')).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^error: invalid number of parameters\n/),
    });
    expect(await admin('reviews-v1', '/logging?paths=http:info,nothing:info', 'POST')).toMatchObject({
      status: 400,
      body: expect.stringContaining('  http: debug\n'),
    });
    expect((await admin('reviews-v1', '/logging?level=error', 'POST')).body).not.toMatch(/: (?:debug|trace|warning)$/m);
    expect(await admin('reviews-v1', '/logging?nothing=debug', 'POST')).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^error: unknown logger name\n/),
    });
    expect(await admin('reviews-v1', '/logging?http=loud', 'POST')).toMatchObject({
      status: 400,
      body: expect.stringMatching(/^error: unknown logger level\n/),
    });
  });
});

describe('the log of a proxy', () => {
  it('holds a line for each request on both sides, by the same identifier, and goes on', async () => {
    const { cluster, clock, pod } = await openMesh();
    const ref = (name: string) => ({ kind: 'core/Pod', namespace: 'bookinfo', name: pod(name).metadata.name }) as const;
    const lines = async (name: string): Promise<readonly string[]> => {
      const found: string[] = [];
      for await (const line of cluster.logs(ref(name), { container: 'istio-proxy' })) found.push(line);
      return found;
    };
    clock.advance(250);
    const [page, details] = [await lines('productpage-v1'), await lines('details-v1')];
    const [outgoing] = page.filter((line) => line.includes('outbound|9080||details.bookinfo.svc.cluster.local'));
    const id = /"([0-9a-f-]{36})"/.exec(outgoing ?? '')?.[1] ?? 'none';
    expect(outgoing).toMatch(/^\[[\dT:.-]+Z\] "GET \/details\/0 HTTP\/1\.1" 200 - via_upstream /);
    expect(details.filter((line) => line.includes(id) && line.includes('inbound|9080||'))).toHaveLength(1);
    const followed: string[] = [];
    const leaving = new AbortController();
    const reading = (async () => {
      for await (const line of cluster.logs(ref('details-v1'), {
        container: 'istio-proxy',
        follow: true,
        tailLines: 1,
        signal: leaving.signal,
      })) {
        followed.push(line);
        if (followed.length === 1) clock.advance(250);
        else leaving.abort();
      }
    })();
    await reading;
    expect(followed[0]).toBe(details.at(-1));
    expect(followed[1]).toContain('"GET /details/0 HTTP/1.1" 200');
  });
});
