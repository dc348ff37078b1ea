/** How requests may end, through a real Envoy, as tap shows it; Kuma's way to the tap filter; and what Envoy counts. */
import { createServer as createHttp2, type Http2Server, connect as http2Connect } from 'node:http2';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetch, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isBody, stringAt } from '../../../src/model/body.ts';
import type { Kind } from '../../../src/model/resource.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { any, assignment, endpoint, socket } from '../configuration/any.ts';
import { admin } from '../configuration/bootstrap.ts';
import { http, router, tapFilter } from '../configuration/filters.ts';
import { type Envoy, startEnvoy } from '../envoy.ts';
import { program } from './running.ts';
import { pod, type Tapped, tapped, until } from './tapping.ts';

const PATCH: Kind = 'kuma.io/MeshProxyPatch';
const RECORDING = { record_headers_received_time: true, record_downstream_connection: true };

/** Answers a request by its path: not at all, in part, or as a whole that says that it closes. */
const rawServer = (): Server =>
  createServer((client) => {
    client.on('error', () => undefined);
    client.once('data', (bytes) => {
      const [, path = ''] = /^\S+ (\S+)/.exec(bytes.toString('latin1')) ?? [];
      if (path.startsWith('/reset')) client.resetAndDestroy();
      else if (path.startsWith('/half')) client.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf');
      else if (path.startsWith('/slow')) setTimeout(() => client.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n'), 300);
      else client.end('HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 2\r\n\r\nok');
    });
  });

/** gRPC as far as tap sees of it: a status in the trailers, one instead of a body, or a stream that is reset. */
function grpcServer(): Http2Server {
  const server = createHttp2();
  server.on('stream', (stream, { ':path': path = '' }) => {
    stream.on('error', () => undefined);
    const type = { ':status': 200, 'content-type': 'application/grpc' };
    if (path.endsWith('/Refused')) {
      stream.respond({ ...type, 'grpc-status': '7' }, { endStream: true });
    } else if (path.endsWith('/Reset')) {
      stream.respond(type);
      stream.write('partial');
      setTimeout(() => stream.close(2), 100);
    } else {
      stream.respond(type, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': path.endsWith('/Fails') ? '14' : '0' }));
      stream.end('SECRET-BODY');
    }
  });
  return server;
}

const portOf = (server: { address(): unknown }): number => (server.address() as AddressInfo).port;

const cluster = (name: string, port: number, more: object = {}): object => ({
  ...{ name, type: 'STATIC', load_assignment: assignment(name, endpoint('127.0.0.1', port)) },
  ...more,
});

const HTTP2 = {
  typed_extension_protocol_options: {
    'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': any('extensions.upstreams.http.v3.HttpProtocolOptions', {
      explicit_http_config: { http2_protocol_options: {} },
    }),
  },
};

const routes = {
  route_config: {
    virtual_hosts: [
      {
        ...{ name: 'all', domains: ['*'] },
        routes: [
          { match: { prefix: '/shop.Cart/' }, route: { cluster: 'cart_shop_svc_80' } },
          { match: { prefix: '/' }, route: { cluster: 'localhost_8080' } },
        ],
      },
    ],
  },
};

const listener = (filters: readonly object[]): object =>
  any('config.listener.v3.Listener', {
    ...{ name: 'app', address: socket('127.0.0.1', 0), traffic_direction: 'INBOUND' },
    filter_chains: [{ filters: [http('app', { ...routes, http_filters: [...filters, router] })] }],
  });

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'meshproxypatches.kuma.io' },
  spec: {
    ...{ group: 'kuma.io', scope: 'Namespaced', names: { kind: 'MeshProxyPatch', plural: 'meshproxypatches' } },
    versions: [
      {
        ...{ name: 'v1alpha1', served: true, storage: true },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

describe.skipIf(program === '')('a real Envoy', () => {
  const [raw, grpc] = [rawServer(), grpcServer()];
  let envoy: Envoy;
  let sandbox: Sandbox;
  let version = 1;

  const give = async (filters: readonly object[]): Promise<void> => {
    envoy.push('listeners', String(++version), [listener(filters)]);
    await envoy.until('/stats?filter=^listener_manager.lds.update_success$', (body) => Number(/: (\d+)/.exec(body)?.[1]) >= version);
  };

  const address = async (): Promise<string> => {
    const { listener_statuses } = (await envoy.json('/listeners?format=json')) as {
      listener_statuses: { local_address: { socket_address: { port_value: number } } }[];
    };
    return `http://127.0.0.1:${listener_statuses[0]?.local_address.socket_address.port_value}`;
  };

  beforeAll(async () => {
    for (const server of [raw, grpc]) await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    envoy = await startEnvoy(program, {
      bootstrap: (files) => ({
        ...{ node: { id: 'web', cluster: 'web' }, admin },
        static_resources: { clusters: [cluster('localhost_8080', portOf(raw)), cluster('cart_shop_svc_80', portOf(grpc), HTTP2)] },
        dynamic_resources: { lds_config: files.source('listeners') },
      }),
      resources: () => ({ listeners: [listener([])] }),
    });
    sandbox = await startSandbox({
      objects: [definition, pod('web', 'istio-proxy'), pod('kv', 'kuma-sidecar', 'kumahq/kuma-dp:2.11.2')],
      podStartMs: 0,
      programs: () => ({
        dial: (_pod, port) => (port === 15_000 || port === 9_901 ? connect(envoy.port, '127.0.0.1') : undefined),
      }),
    });
  });

  afterAll(async () => {
    await sandbox?.close();
    await envoy?.stop();
    raw.close();
    grpc.close();
  });

  const byPath = ({ events }: Tapped): Readonly<Record<string, unknown>> =>
    Object.fromEntries(events.map(({ request: { path }, response }) => [path, response]));

  /** A call of gRPC, as far as a client without gRPC gets. */
  async function call(origin: string, ...paths: readonly string[]): Promise<void> {
    const session = http2Connect(origin);
    for (const path of paths) {
      const headers = { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' };
      await new Promise<void>((resolve) => {
        const stream = session.request(headers);
        stream.on('error', () => undefined).on('close', () => resolve());
        stream.resume().end('SECRET-BODY');
      });
    }
    session.close();
  }

  it('shows the status of gRPC, from trailers and without them, and streams that are reset', async () => {
    await give([tapFilter('meshctl', RECORDING)]);
    const paths = ['/shop.Cart/Get', '/shop.Cart/Fails', '/shop.Cart/Refused', '/shop.Cart/Reset'];
    const found = await tapped(sandbox, ['web', '--source', 'tap', '--limit', '4'], async () => call(await address(), ...paths));
    expect(found.out).not.toContain('SECRET-BODY');
    expect(byPath(found)).toMatchObject({
      '/shop.Cart/Get': { status: 200, grpcStatus: 0 },
      '/shop.Cart/Fails': { status: 200, grpcStatus: 14 },
      '/shop.Cart/Refused': { status: 200, grpcStatus: 7 },
      '/shop.Cart/Reset': { status: 200 },
    });
    expect(found.events[3]?.response).not.toHaveProperty('grpcStatus');
    expect(found.err).toMatch(/4 requests in .*, 75\.0% successful/);
  });

  it('shows servers that reset, that close in the middle, and that close in the end', async () => {
    await give([tapFilter('meshctl', RECORDING)]);
    const found = await tapped(sandbox, ['web', '--source', 'tap', '--limit', '4'], async () => {
      const origin = await address();
      for (const path of ['/reset', '/half', '/closes', '/slow']) {
        const answer = await fetch(`${origin}${path}`);
        await answer.text().catch(() => undefined);
      }
    });
    expect(byPath(found)).toMatchObject({
      '/reset': { status: 503 },
      '/half': { status: 200 },
      '/closes': { status: 200 },
      '/slow': { status: 200 },
    });
    const slow = found.events.find(({ request: { path } }) => path === '/slow');
    expect(slow?.response?.durationMs).toBeGreaterThan(250);
  });

  it('is asked for statuses, and leaves out the rest itself', async () => {
    await give([tapFilter('meshctl', RECORDING)]);
    const found = async (status: string): Promise<readonly string[]> => {
      const { events } = await tapped(sandbox, ['web', '--source', 'tap', '--status', status], async () => {
        const origin = await address();
        await call(origin, '/shop.Cart/Get', '/shop.Cart/Fails', '/shop.Cart/Refused');
        await (await fetch(`${origin}/reset`)).text();
      });
      return events.map(({ request: { path } }) => path).sort();
    };
    const traces = async (): Promise<number> => Number(/: (\d+)/.exec((await envoy.ask('/stats?filter=rq_tapped')).body)?.[1] ?? 0);
    const before = await traces();
    expect(await found('5xx')).toEqual(['/reset']);
    expect((await traces()) - before).toBe(1);
    expect(await found('grpc:14')).toEqual(['/shop.Cart/Fails']);
    expect(await found('grpc:7,503')).toEqual(['/reset', '/shop.Cart/Refused']);
  });

  it('shows each of a thousand calls of gRPC at once, none twice', async () => {
    await give([tapFilter('meshctl', RECORDING)]);
    const paths = Array.from({ length: 100 }, (_, index) => `/shop.Cart/Get${index}`);
    const found = await tapped(sandbox, ['web', '--source', 'tap', '--limit', '1000'], async () => {
      const origin = await address();
      await Promise.all(Array.from({ length: 10 }, (_, at) => call(origin, ...paths.map((path) => `${path}-${at}`))));
    });
    expect(new Set(found.events.map(({ request: { path } }) => path)).size).toBe(1000);
    expect(found.events.every(({ response }) => response?.grpcStatus === 0)).toBe(true);
  });

  it('is given the tap filter by a MeshProxyPatch of Kuma, and loses it again', async () => {
    await give([]);
    const patches = (): readonly object[] => sandbox.store.list(PATCH);
    let sent: object = {};
    // What Kuma's control plane does: the filter comes first, and goes with the policy.
    const plane = (async () => {
      await until(() => patches().length > 0, 'The MeshProxyPatch');
      [sent = {}] = patches();
      const spec = (sent as { readonly spec: { readonly default: { readonly appendModifications: readonly object[] } } }).spec;
      const value = parseYaml(stringAt(spec.default.appendModifications[0], 'httpFilter', 'value') ?? '');
      await give(isBody(value) ? [value] : []);
      await until(() => patches().length === 0, 'The end of the MeshProxyPatch');
      await give([]);
    })();
    const found = await tapped(sandbox, ['kv', '--enable', '--limit', '1'], async () => (await fetch(`${await address()}/closes`)).text());
    await plane;
    expect(sent).toMatchObject({
      metadata: { namespace: 'shop', labels: { 'kuma.io/mesh': 'default', 'meshctl.dev/tap': expect.stringMatching(/^\d+$/) } },
      spec: { targetRef: { kind: 'Dataplane', labels: { app: 'kv' } } },
    });
    expect(found.events).toMatchObject([{ mesh: 'kuma', request: { path: '/closes' }, response: { status: 200 } }]);
    expect(found.err).toMatch(/MeshProxyPatch shop\/meshctl-tap-\w+ is added[\s\S]*is removed\.\n$/);
  });

  it('tells rates where there is nothing else', async () => {
    await give([]);
    const found = await tapped(sandbox, ['kv', '--duration', '8s'], async () => {
      const origin = await address();
      for (let index = 0; index < 20; index++) await (await request(`${origin}/closes`)).body.dump();
      for (let index = 0; index < 3; index++) await (await request(`${origin}/reset`)).body.dump();
      await call(origin, '/shop.Cart/Get');
      // Histograms come with Envoy's next flush.
      await sleep(5000);
    });
    expect(found.err).toMatch(/Its Envoy has no tap filter\..*\n[\s\S]*Reading every 5 seconds/);
    const sums = (direction: string): number =>
      (found.events as unknown as readonly { readonly direction: string; readonly requests: number }[])
        .filter((rate) => rate.direction === direction)
        .reduce((sum, { requests }) => sum + requests, 0);
    expect([sums('inbound'), sums('outbound')]).toEqual([23, 1]);
    expect(found.out).toContain('"destination":{"namespace":"shop","service":"cart.shop"}');
    expect(found.out).toMatch(/"statuses":\{"200":20,"503":3\},"latencyMs":\{"p50":/);
  });
});
