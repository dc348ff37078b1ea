/** The administration of the sandbox's proxies beside that of a real Envoy: what one answers, the other does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect } from '../../../src/cluster/connect.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import { bookinfoMesh } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { object } from '../../../src/sandbox/scenarios/_objects.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import type { Answer } from '../envoy.ts';
import { program, type Running, runWhole } from './running.ts';

/** Has a tap filter put into a proxy, which brings the command. */
const tap = object('networking.istio.io/v1alpha3', 'EnvoyFilter', 'bookinfo', 'tap', {
  spec: {
    workloadSelector: { labels: { app: 'ratings' } },
    configPatches: [
      {
        applyTo: 'HTTP_FILTER',
        match: { context: 'SIDECAR_INBOUND' },
        patch: {
          operation: 'INSERT_BEFORE',
          value: {
            name: 'envoy.filters.http.tap',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap',
              common_config: { admin_config: { config_id: 'meshctl' } },
              ...{ record_headers_received_time: true, record_downstream_connection: true },
            },
          },
        },
      },
    ],
  },
});

describe.skipIf(program === '')('the sandbox and a real Envoy', () => {
  let running: Running;
  let sandbox: Sandbox;
  let cluster: Cluster;
  let pod: string;

  beforeAll(async () => {
    running = await runWhole();
    sandbox = await startSandbox(bookinfoMesh({ more: [tap] }));
    cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
    pod = sandbox.store.list('core/Pod', 'bookinfo').find(({ metadata }) => metadata.name.startsWith('ratings-'))?.metadata.name ?? '';
  });

  afterAll(async () => {
    await cluster?.close();
    await sandbox?.close();
    await running?.close();
  });

  interface Both {
    readonly real: Answer;
    readonly ours: Answer;
  }

  async function both(path: string, method: 'GET' | 'POST' = 'GET', body?: string): Promise<Both> {
    const port = cluster.podPort({ kind: 'core/Pod', namespace: 'bookinfo', name: pod }, 15_000);
    const answer = await port.request(path, { method, ...(body === undefined ? {} : { body }) });
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, String(value)]));
    return { real: await running.envoy.ask(path, method, body), ours: { status: answer.status, body: answer.body, headers } };
  }

  /** Versions of Envoy differ in what they have: loggers, counters. The rest has to be in the same order. */
  function inCommon<T>(ours: readonly T[], real: readonly T[]): readonly [ours: readonly T[], real: readonly T[]] {
    const keys = [ours, real].map((each) => new Set(each.map((one) => JSON.stringify(one))));
    const kept = (each: readonly T[]): readonly T[] => each.filter((one) => keys.every((known) => known.has(JSON.stringify(one))));
    return [kept(ours), kept(real)];
  }

  const told = ({ status, headers }: Answer): readonly unknown[] => [
    status,
    ...['content-type', 'cache-control', 'server'].map((name) => headers[name]),
    // Some answers of Envoy have it twice.
    headers['x-content-type-options']?.split(',')[0],
  ];

  it.each([
    ...['/', '/certs', '/clusters', '/clusters?format=json', '/config_dump', '/config_dump?include_eds', '/help', '/listeners'],
    ...['/listeners?format=json', '/memory', '/nothing', '/ready', '/server_info', '/stats', '/stats?format=json', '/stats?format=none'],
    ...['/stats?format=prometheus', '/stats/prometheus', '/stats?filter=(', '/logging', '/reset_counters', '/tap'],
    ...['/config_dump?resource=static_clusters', '/config_dump?resource=dynamic_warming_clusters', '/config_dump?resource=nothing'],
    ...['/config_dump?resource=bootstrap', '/config_dump?resource=dynamic_endpoint_configs', '/config_dump?mask=nothing'],
    ...['/config_dump?mask=bootstrap', '/config_dump?mask=bootstrap.node.id', '/config_dump?mask=static_clusters,static_listeners'],
    ...['/config_dump?mask=static_clusters.cluster', '/config_dump?mask=version_info', '/config_dump?name_regex=('],
  ])('answer GET %s with the same status and headers', async (path) => {
    const { real, ours } = await both(path);
    // The home page is for people.
    const isKept = (_: unknown, at: number): boolean => path !== '/' || at !== 1;
    expect(told(ours).filter(isKept)).toEqual(told(real).filter(isKept));
  });

  it.each([
    ['/logging', 'POST'],
    ['/logging?nothing=debug', 'POST'],
    ['/logging?http=loud', 'POST'],
    ['/logging?level=loud', 'POST'],
    ['/logging?paths=http:debug,nothing:info', 'POST'],
    ['/logging?paths=http:debug,router:info', 'POST'],
    ['/logging?http=debug&router=info', 'POST'],
    ['/logging?level=warning', 'POST'],
    ['/logging', 'GET'],
    ['/ready', 'GET'],
    ['/reset_counters', 'POST'],
    ['/stats?format=none', 'GET'],
    ['/stats?filter=%5Eserver%5C.live%24', 'GET'],
    ['/stats?filter=nothing-has-this-name', 'GET'],
    ['/stats?format=json&filter=%5Eserver%5C.live%24', 'GET'],
    ['/stats?format=json&filter=nothing-has-this-name', 'GET'],
    ['/stats/prometheus?filter=%5Eserver%5C.live%24', 'GET'],
    ['/config_dump?resource=dynamic_warming_clusters', 'GET'],
    ['/config_dump?resource=nothing', 'GET'],
    ['/config_dump?resource=bootstrap', 'GET'],
    ['/config_dump?mask=nothing', 'GET'],
    ['/config_dump?mask=static_clusters,static_listeners', 'GET'],
    ['/config_dump?mask=version_info,nothing', 'GET'],
  ] as const)('say the same to %s by %s', async (path, method) => {
    const { real, ours } = await both(path, method);
    expect(ours.status).toBe(real.status);
    // Whether a document ends with a line tells nothing.
    const lines = ({ body }: Answer): readonly string[] => body.trimEnd().split('\n');
    const [own, theirs] = inCommon(lines(ours), lines(real));
    expect(own).toEqual(theirs);
    for (const line of [...lines(ours), ...lines(real)]) if (!own.includes(line)) expect(line).toMatch(/^ {2}\w+: |\?group=/);
  });

  it.each([
    ['', '/tap requires a JSON/YAML body'],
    ['{"config_id": "other"}', undefined],
    ['{{{', undefined],
    [
      '{"config_id": "other", "tap_config": {"match": {"any_match": true}, "output_config": {"sinks": [{"streaming_admin": {}}]}}}',
      "Unknown config id 'other'. No extension has registered with this id.",
    ],
  ])('refuse a tap by %j', async (body, text) => {
    const { real, ours } = await both('/tap', 'POST', body);
    expect(told(ours)).toEqual(told(real));
    expect(real.status).toBe(400);
    if (text !== undefined) expect([ours.body, real.body]).toEqual([text, text]);
  });

  it('stream traces of the same form, one after the other', async () => {
    const body = JSON.stringify({
      config_id: 'meshctl',
      tap_config: { match: { any_match: true }, output_config: { sinks: [{ streaming_admin: {} }] } },
    });
    const leaving = new AbortController();
    const port = cluster.podPort({ kind: 'core/Pod', namespace: 'bookinfo', name: pod }, 15_000);
    const ours = firstTrace(port.stream('/tap', { method: 'POST', body, signal: leaving.signal }));
    const response = await fetch(`http://127.0.0.1:${running.envoy.port}/tap`, { method: 'POST', body, signal: leaving.signal });
    const real = firstTrace(response.body as AsyncIterable<Uint8Array>);
    const listeners = (await running.envoy.ask('/listeners')).body;
    const [, address] = /^tapped::(127\.0\.0\.1:\d+)$/m.exec(listeners) ?? [];
    expect((await fetch(`http://${address}/api?x=1`, { headers: { user: 'jason' } })).status).toBe(200);
    const [theirs, own] = [await real, await ours];
    leaving.abort();
    expect(theirs.http_buffered_trace.request.headers).toContainEqual({ key: 'user', value: 'jason', raw_value: '' });
    expect(keys(theirs.http_buffered_trace)).toEqual(keys(own.http_buffered_trace));
    for (const part of ['request', 'response'] as const) {
      const [mine, other] = inCommon(keys(own.http_buffered_trace[part]), keys(theirs.http_buffered_trace[part]));
      expect(mine).toEqual(other);
      expect(mine).toEqual(['headers', 'trailers', 'headers_received_time']);
    }
    expect(shape(own.http_buffered_trace.downstream_connection)).toEqual(shape(theirs.http_buffered_trace.downstream_connection));
  });

  it('name the same commands', async () => {
    const { real, ours } = await both('/help');
    const lines = (text: string): readonly string[] => [...text.matchAll(/^ {2}\/\S*(?: \(POST\))?:/gm)].map(([line]) => line);
    const [own, theirs] = inCommon(lines(ours.body), lines(real.body));
    expect(own).toEqual(theirs);
    expect(own).toEqual(lines(ours.body));
    expect(own.length).toBeGreaterThan(10);
    expect((await both('/nothing')).ours.body).toBe(`invalid path. ${ours.body}`);
    expect((await both('/nothing')).real.body).toBe(`invalid path. ${real.body}`);
  });

  interface Trace {
    readonly http_buffered_trace: {
      readonly request: { readonly headers: readonly object[] };
      readonly response: { readonly headers: readonly object[] };
      readonly downstream_connection: object;
    };
  }

  /** Each is an object over several lines, whose last line is its brace. */
  async function firstTrace(stream: AsyncIterable<Uint8Array>): Promise<Trace> {
    let text = '';
    for await (const chunk of stream) {
      text += Buffer.from(chunk).toString();
      const end = /^\}$/m.exec(text);
      if (end) return JSON.parse(text.slice(0, end.index + 1));
    }
    throw new Error(`The stream ended with ${text}.`);
  }

  /** The names in a document: keys in their order, and what lists hold, once. */
  function shape(value: unknown): unknown {
    if (Array.isArray(value)) return value.length === 0 ? [] : [shape(value[0])];
    if (typeof value !== 'object' || value === null) return typeof value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shape(each)]));
  }

  const keys = (value: unknown): readonly string[] => Object.keys(value as object);
  interface Host {
    readonly stats: readonly { readonly name: string; readonly type?: string }[];
  }
  interface Status {
    readonly name: string;
    readonly host_statuses?: readonly Host[];
  }

  it('write clusters with the same names in the same order', async () => {
    const statusOf = ({ body }: Answer, name: string): Status =>
      (JSON.parse(body) as { readonly cluster_statuses: readonly Status[] }).cluster_statuses.find((each) => each.name === name) as Status;
    const { real, ours } = await both('/clusters?format=json');
    const [theirs, own] = [statusOf(real, 'agent'), statusOf(ours, 'agent')];
    expect(keys(own)).toEqual(keys(theirs));
    expect(keys(own.host_statuses?.[0])).toEqual(keys(theirs.host_statuses?.[0]));
    const stats = (status: Status): readonly unknown[] => status.host_statuses?.[0]?.stats.map(({ name, type }) => [name, type]) ?? [];
    const [counts, theirCounts] = inCommon(stats(own), stats(theirs));
    expect(counts).toEqual(theirCounts);
    expect(counts.length).toBeGreaterThan(7);
    expect(keys(statusOf(ours, 'outbound|9080|v1|ratings.bookinfo.svc.cluster.local'))).toEqual(
      keys(statusOf(real, 'outbound|9080||reviews.shop.svc.cluster.local')),
    );
    const text = await both('/clusters');
    const lines = ({ body }: Answer): readonly string[] =>
      body
        .split('\n')
        .filter((line) => line.startsWith('agent::'))
        .map((line) => line.replace(/::127\.0\.0\.1:\d+/, '').replace(/::[^:]*$/, ''));
    const [said, theySaid] = inCommon(lines(text.ours), lines(text.real));
    expect(said).toEqual(theySaid);
    expect(lines(text.real).length).toBe(theySaid.length);
  });

  it('write the rest of their JSON with the same names in the same order', async () => {
    for (const path of ['/memory', '/listeners?format=json']) {
      const { real, ours } = await both(path);
      const own = shape(JSON.parse(ours.body));
      expect([path, JSON.stringify(own)]).toEqual([path, JSON.stringify(shape(JSON.parse(real.body)))]);
    }
    const certificates = await both('/certs');
    const chain = ({ body }: Answer): unknown => {
      const all = JSON.parse(body).certificates as readonly { readonly cert_chain: readonly object[] }[];
      const found = all.find(({ cert_chain }) => cert_chain.length > 0);
      return [keys(found), keys(found?.cert_chain[0])];
    };
    expect(chain(certificates.ours)).toEqual(chain(certificates.real));
    const { real, ours } = await both('/server_info');
    // Later versions of Envoy have more.
    const info = keys(JSON.parse(ours.body));
    expect(keys(JSON.parse(real.body)).filter((name) => info.includes(name))).toEqual(info);
    expect(keys(JSON.parse(real.body).command_line_options)).toEqual(
      expect.arrayContaining([...keys(JSON.parse(ours.body).command_line_options)]),
    );
    const secrets = await both('/config_dump?resource=dynamic_active_secrets');
    const own = ({ body }: Answer): object => JSON.parse(body).configs.find((each: { readonly name: string }) => each.name === 'default');
    expect(keys(own(secrets.ours))).toEqual(keys(own(secrets.real)));
    // It depends on how the secret was given.
    expect(JSON.stringify(own(secrets.real))).toContain('"private_key":{"inline_string":"[redacted]"}');
    expect(JSON.stringify(own(secrets.ours))).toContain(`"private_key":{"inline_bytes":"${btoa('[redacted]')}"}`);
    const parts = ({ body }: Answer): readonly string[] =>
      JSON.parse(body).configs.map((part: object) => (part as { '@type': string })['@type']);
    const dumps = await both('/config_dump?include_eds');
    const known = parts(dumps.ours);
    expect(parts(dumps.real).filter((type) => known.includes(type))).toEqual(known);
  });

  it('write stats in the same order', async () => {
    const types = ({ body }: Answer): readonly string[] => [
      ...new Set([...body.matchAll(/^# TYPE \S+ (\S+)$/gm)].map(([, type = '']) => type)),
    ];
    const { real, ours } = await both('/stats/prometheus');
    expect(types(real)).toEqual(['counter', 'gauge', 'histogram']);
    expect(types(ours)).toEqual(types(real).filter((type) => types(ours).includes(type)));
  });
});
