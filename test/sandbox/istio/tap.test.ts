/** Envoy's tap filter in the sandbox. */
import { describe, expect, it } from 'vitest';
import { itemsAt, stringAt } from '../../../src/model/body.ts';
import { bookinfoMesh } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { object, type Written } from '../../../src/sandbox/scenarios/_objects.ts';
import { openMesh } from './mesh.ts';

const tapFilter = (app: string, id: string, records: object = {}): Written =>
  object('networking.istio.io/v1alpha3', 'EnvoyFilter', 'bookinfo', 'tap', {
    spec: {
      workloadSelector: { labels: { app } },
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
                common_config: { admin_config: { config_id: id } },
                ...records,
              },
            },
          },
        },
      ],
    },
  });

const asking = (config_id: string, match: object = { any_match: true }): string =>
  JSON.stringify({ config_id, tap_config: { match_config: match, output_config: { sinks: [{ streaming_admin: {} }] } } });

const header = (name: string, exact: string): object => ({ headers: [{ name, string_match: { exact } }] });

describe('/tap', () => {
  it('is refused where no filter has the name', async () => {
    const { port } = await openMesh(bookinfoMesh({ more: [tapFilter('ratings', 'other')] }));
    const ask = (body: string) => port('ratings-v1', 15_000).request('/tap', { method: 'POST', body });
    expect(await ask(asking('mine'))).toMatchObject({
      status: 400,
      body: "Unknown config id 'mine'. No extension has registered with this id.",
    });
    expect((await ask(': {')).status).toBe(400);
    expect(await ask('')).toMatchObject({ status: 400, body: '/tap requires a JSON/YAML body' });
    expect((await port('ratings-v1', 15_000).request('/tap')).status).toBe(405);
    // Without any filter there is no such command.
    expect((await port('reviews-v1', 15_000).request('/tap', { method: 'POST', body: asking('mine') })).status).toBe(404);
  });

  it.each([
    ['everything', { any_match: true }, true],
    ['a method that is used', { http_request_headers_match: header(':method', 'GET') }, true],
    ['what is not another method', { not_match: { http_request_headers_match: header(':method', 'POST') } }, true],
    ['another method', { http_request_headers_match: header(':method', 'POST') }, false],
    [
      'two that cannot both be',
      { and_match: { rules: [{ any_match: true }, { http_response_headers_match: header(':status', '500') }] } },
      false,
    ],
    [
      'one of two',
      {
        or_match: {
          rules: [{ http_request_headers_match: header(':path', '/ratings/0') }, { http_response_headers_match: header(':status', '500') }],
        },
      },
      true,
    ],
  ])('streams what fits: %s', async (_name, match, isSeen) => {
    // Times and connections are told by those filters alone that are to record them.
    const records = isSeen ? { record_headers_received_time: true, record_downstream_connection: true } : {};
    const { port, clock } = await openMesh(bookinfoMesh({ more: [tapFilter('ratings', 'mine', records)] }));
    const leaving = new AbortController();
    const stream = port('ratings-v1', 15_000).stream('/tap', { method: 'POST', body: asking('mine', match), signal: leaving.signal });
    let text = '';
    const traces = (): readonly object[] =>
      text
        .split(/\n(?=\{)/)
        .filter((each) => each.trim() !== '')
        .map((each) => JSON.parse(each));
    const reading = (async () => {
      for await (const chunk of stream) {
        text += Buffer.from(chunk).toString();
        if (traces().length >= 2) leaving.abort();
      }
    })();
    // The filter is attached when a second one is refused.
    for (;;) {
      const second = await port('ratings-v1', 15_000).request('/tap', {
        method: 'POST',
        body: asking('mine'),
        signal: AbortSignal.timeout(5000),
      });
      if (second.body.includes('already exists')) break;
    }
    for (let turn = 0; turn < 100; turn++) clock.advance(250);
    if (!isSeen) setTimeout(() => leaving.abort(), 200);
    await reading;
    expect(traces().length > 0).toBe(isSeen);
    for (const trace of traces()) {
      const headers = itemsAt(trace, 'http_buffered_trace', 'request', 'headers').map(({ item }) => [item['key'], item['value']]);
      expect(headers).toContainEqual([':path', '/ratings/0']);
      expect(stringAt(trace, 'http_buffered_trace', 'response', 'headers', 0, 'value')).toBe('200');
      expect(stringAt(trace, 'http_buffered_trace', 'request', 'headers_received_time')).toMatch(/Z$/);
      expect(stringAt(trace, 'http_buffered_trace', 'downstream_connection', 'remote_address', 'socket_address', 'protocol')).toBe('TCP');
    }
  });
});
