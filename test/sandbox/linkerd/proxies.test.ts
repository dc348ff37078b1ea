/** Linkerd's proxies in the sandbox: what they count, and what their admin port answers. */
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { at, itemsAt } from '../../../src/model/body.ts';
import { meshTrust } from '../../../src/sandbox/linkerd/trust.ts';
import { emojivotoMesh } from '../../../src/sandbox/scenarios/_emojivoto.ts';
import type { Written } from '../../../src/sandbox/scenarios/_objects.ts';
import { brokenEmojivoto } from '../../../src/sandbox/scenarios/broken-emojivoto.ts';
import { changedMesh, openMesh, sumOf } from './mesh.ts';

const identity = (account: string): string => `${account}.emojivoto.serviceaccount.identity.linkerd.cluster.local`;
const INBOUND = { direction: 'inbound' };
const OUTBOUND = { direction: 'outbound' };

/** One round of the bot: seven times the list and a vote, of which one fails. */
const ROUND_MS = 7000;

describe('metrics', () => {
  it('count what the traffic does', async () => {
    const { clock, metrics } = await openMesh();
    expect(sumOf(await metrics('web'), 'request_total')).toBeUndefined();
    for (const rounds of [1, 2]) {
      clock.advance(ROUND_MS);
      const [web, voting] = [await metrics('web'), await metrics('voting')];
      expect(sumOf(web, 'request_total', INBOUND)).toBe(14 * rounds);
      expect(sumOf(web, 'response_total', { ...INBOUND, classification: 'failure', status_code: '500' })).toBe(rounds);
      expect(sumOf(web, 'request_total', { ...OUTBOUND, dst_deployment: 'emoji' })).toBe(14 * rounds);
      expect(sumOf(web, 'request_total', { ...OUTBOUND, dst_service: 'voting-svc', server_id: identity('voting') })).toBe(7 * rounds);
      expect(sumOf(web, 'inbound_http_authz_allow_total', { client_id: identity('default'), tls: 'true' })).toBe(14 * rounds);
      expect(sumOf(web, 'outbound_http_route_request_statuses_total', { parent_name: 'voting-svc', http_status: '200' })).toBe(7 * rounds);
      expect(sumOf(voting, 'response_total', { ...INBOUND, client_id: identity('web'), grpc_status: '2' })).toBe(rounds);
      expect(sumOf(voting, 'response_latency_ms_bucket', { ...INBOUND, le: '+Inf' })).toBe(7 * rounds);
      expect(sumOf(voting, 'response_latency_ms_count', INBOUND)).toBe(7 * rounds);
    }
  });

  it('tell of connections, endpoints, versions and certificates', async () => {
    const { clock, metrics } = await openMesh();
    clock.advance(ROUND_MS);
    const web = await metrics('web');
    expect(sumOf(web, 'tcp_open_connections', { peer: 'dst', tls: 'true', server_id: identity('voting') })).toBe(1);
    expect(sumOf(web, 'tcp_open_connections', { ...INBOUND, peer: 'src', client_id: identity('default') })).toBe(1);
    expect(sumOf(web, 'outbound_http_balancer_endpoints', { backend_name: 'voting-svc', endpoint_state: 'ready' })).toBe(1);
    expect(sumOf(web, 'control_destination_balancer_p2c_endpoints')).toBe(1);
    expect(sumOf(web, 'proxy_build_info', { version: '2.366.0' })).toBe(1);
    // The pods started an hour ago, and their certificates are for a day.
    const left = (sumOf(web, 'control_identity_cert_expiration_timestamp_seconds') ?? 0) - clock.now() / 1000;
    expect(Math.round(left / 3600)).toBe(23);
    clock.skip(20 * 3_600_000);
    const later = await metrics('web');
    expect(sumOf(later, 'control_identity_cert_refreshes_total')).toBe(2);
    expect((sumOf(later, 'control_identity_cert_expiration_timestamp_seconds') ?? 0) - clock.now() / 1000).toBeGreaterThan(19 * 3600);
  });

  it('forget a peer when its pod goes, and find the next one', async () => {
    const { clock, metrics, pod, cluster } = await openMesh();
    clock.advance(ROUND_MS);
    const { name } = pod('voting').metadata;
    await cluster.delete({ kind: 'core/Pod', namespace: 'emojivoto', name });
    clock.advance(ROUND_MS);
    const web = await metrics('web');
    expect(sumOf(web, 'request_total', { dst_pod: name })).toBeUndefined();
  });

  it('show plain text, opaque ports and old proxies', async () => {
    const { clock, metrics } = await openMesh(brokenEmojivoto.options());
    clock.advance(ROUND_MS);
    const [web, voting] = [await metrics('web'), await metrics('voting')];
    expect(sumOf(web, 'request_total', { ...INBOUND, tls: 'no_identity', no_tls_reason: 'no_tls_from_remote' })).toBe(14);
    expect(sumOf(web, 'request_total', { dst_service: 'voting-svc' })).toBeUndefined();
    expect(sumOf(web, 'tcp_open_total', { dst_service: 'voting-svc' })).toBe(1);
    expect(sumOf(voting, 'request_total', INBOUND)).toBe(7);
    expect(sumOf(voting, 'proxy_build_info', { version: '2.352.0' })).toBe(1);
    expect(sumOf(web, 'proxy_build_info', { version: '2.366.0' })).toBe(1);
  });

  it('count who is refused by the default policy', async () => {
    const replace = (object: Written): Written | undefined => {
      if (object.kind !== 'Namespace') return undefined;
      const annotations = { ...object.metadata.annotations, 'config.linkerd.io/default-inbound-policy': 'all-authenticated' };
      return { ...object, metadata: { ...object.metadata, annotations } };
    };
    const { clock, metrics } = await changedMesh({
      replace,
      before: (app, injection) => (app === 'vote-bot' ? undefined : injection),
    });
    clock.advance(ROUND_MS);
    const web = await metrics('web');
    expect(sumOf(web, 'inbound_http_authz_deny_total', { srv_name: 'all-authenticated', tls: 'no_identity' })).toBe(14);
    expect(sumOf(web, 'request_total', INBOUND)).toBeUndefined();
  });
});

describe('the admin port', () => {
  it('answers as the real one does', async () => {
    const { port } = await openMesh();
    const local = { LINKERD2_PROXY_IDENTITY_LOCAL_NAME: identity('web'), NONE: null };
    const expected: readonly (readonly [path: string, options: object, status: number, body?: string])[] = [
      ['/live', {}, 200, 'live\n'],
      ['/ready', {}, 200, 'ready\n'],
      ['/env.json?LINKERD2_PROXY_IDENTITY_LOCAL_NAME&NONE', {}, 200, JSON.stringify(local)],
      ['/env.json?a=b', {}, 400],
      ['/env.json', { method: 'POST' }, 405],
      ['/proxy-log-level', {}, 200, 'warn,linkerd=info,hickory=error,[{headers}]=off,[{request}]=off'],
      ['/proxy-log-level', { method: 'PUT', body: 'linkerd=loud' }, 400],
      ['/proxy-log-level', { method: 'PUT', body: 'warn,linkerd=debug' }, 204, ''],
      ['/proxy-log-level', {}, 200, 'warn,linkerd=debug'],
      ['/proxy-log-level', { method: 'POST' }, 405],
      ['/shutdown', { method: 'POST' }, 404, 'shutdown endpoint is not enabled\n'],
      ['/shutdown', {}, 405],
      ['/config_dump', {}, 404],
    ];
    for (const [path, options, status, body] of expected) {
      const answer = await port('web', 4191).request(path, options);
      expect([path, answer.status, body === undefined ? undefined : answer.body]).toEqual([path, status, body]);
    }
    expect((await port('emoji', 4191).request('/proxy-log-level')).body).not.toContain('debug');
  });

  it('resolves the environment as the kubelet does', async () => {
    const { port, pod } = await openMesh();
    const variables = JSON.parse((await port('web', 4191).request('/env.json')).body) as Record<string, string>;
    const { name } = pod('web').metadata;
    expect(JSON.parse(variables['LINKERD2_PROXY_DESTINATION_CONTEXT'] ?? '')).toEqual({
      ns: 'emojivoto',
      nodeName: 'sandbox-node',
      pod: name,
    });
    const controller = JSON.parse((await port('linkerd-destination', 4191, 'linkerd').request('/env.json')).body) as Record<string, string>;
    expect(controller['LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS']).toBe(variables['LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS']?.trim());
  });

  it('shuts the proxy down where that is allowed, and the kubelet starts it anew', async () => {
    const { clock, metrics, pod, port } = await changedMesh({
      before: (_app, injection) => ({
        ...injection,
        inherited: { ...injection.inherited, 'config.linkerd.io/proxy-admin-shutdown': 'enabled' },
      }),
    });
    clock.advance(ROUND_MS);
    expect(sumOf(await metrics('web'), 'request_total')).toBeGreaterThan(0);
    expect((await port('web', 4191).request('/shutdown', { method: 'POST' })).body).toBe('shutdown\n');
    clock.advance(1);
    expect(sumOf(await metrics('web'), 'request_total')).toBeUndefined();
    expect(at(pod('web'), ['status', 'initContainerStatuses', 1, 'restartCount'])).toBe(1);
  });

  it('speaks TLS too, with a certificate that the mesh trusts', async () => {
    const trust = meshTrust();
    const options = emojivotoMesh({ trust });
    const { sandbox, clock, pod } = await openMesh(options);
    const inside = { store: sandbox.store, now: clock.now, after: clock.after, closing: AbortSignal.abort(), judge: () => undefined };
    const stream = options.programs?.(inside).dial?.(pod('web'), 4191);
    expect(stream).toBeDefined();
    const socket = connect({ socket: stream as Duplex, ca: trust.anchor.certificatePem, servername: identity('web') });
    await once(socket, 'secureConnect');
    expect([socket.authorized, socket.getPeerCertificate().subject.CN]).toEqual([true, identity('web')]);
    socket.end('GET /ready HTTP/1.1\r\nhost: web\r\nconnection: close\r\n\r\n');
    const [answer] = (await once(socket, 'data')) as [Buffer];
    expect(answer.toString()).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*ready\n/);
    socket.destroy();
  });
});

describe('the admin ports of the control plane and viz', () => {
  it.each([
    ['linkerd', 'linkerd-identity', 9990, '/ping', 'pong\n'],
    ['linkerd', 'linkerd-destination', 9996, '/ready', 'ok\n'],
    ['linkerd', 'linkerd-destination', 9990, '/live', 'alive\n'],
    ['linkerd', 'linkerd-destination', 9997, '/ping', 'pong\n'],
    ['linkerd', 'linkerd-proxy-injector', 9995, '/ready', 'ok\n'],
    ['linkerd-viz', 'metrics-api', 9995, '/ready', 'ok\n'],
    ['linkerd-viz', 'prometheus', 9090, '/-/ready', 'Prometheus Server is Ready.\n'],
  ])('in %s, %s:%i%s', async (namespace, workload, number, path, body) => {
    const { port } = await openMesh();
    expect(await port(workload, number, namespace).request(path)).toMatchObject({ status: 200, body });
  });

  it('count what the injector was asked', async () => {
    const { sandbox, cluster, port, pod } = await openMesh();
    const metrics = async (): Promise<string> => (await port('linkerd-proxy-injector', 9995, 'linkerd').request('/metrics')).body;
    expect(await metrics()).not.toContain('proxy_inject_admission_requests_total');
    const body = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'new-1', namespace: 'emojivoto' },
      spec: { containers: [{ name: 'c', image: 'c:1' }] },
    };
    await cluster.apply({ kind: 'core/Pod', namespace: 'emojivoto', name: 'new-1', body });
    expect(await metrics()).toContain(
      'proxy_inject_admission_responses_total{owner_kind="",namespace="emojivoto",skip="false",skip_reason=""} 1',
    );
    const anchors = at(sandbox.store.get('core/ConfigMap', 'linkerd', 'linkerd-identity-trust-roots'), ['data', 'ca-bundle.crt']);
    const trusted = itemsAt(pod('new'), 'spec', 'initContainers', 1, 'env').find(
      ({ item }) => item['name'] === 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS',
    );
    expect(trusted?.item['value']).toBe(`${String(anchors)}\n`);
    expect(pod('new').metadata.annotations?.['viz.linkerd.io/tap-enabled']).toBe('true');
  });
});
