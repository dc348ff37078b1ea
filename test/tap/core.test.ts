/** What is shown of requests: which, how they are summed up, and what of them stays hidden. */
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../src/errors.ts';
import type { TapEvent } from '../../src/model/tap.ts';
import { type TapFilters, tapSelection } from '../../src/tap/filter.ts';
import { flagMeanings } from '../../src/tap/flags.ts';
import { Latencies } from '../../src/tap/latencies.ts';
import { isSuccess, outcomeOf } from '../../src/tap/outcome.ts';
import { rateLimit, sampling } from '../../src/tap/rate.ts';
import { redacted, redactedPath } from '../../src/tap/redact.ts';
import { TapSummary } from '../../src/tap/summary.ts';

const event = (more: Partial<TapEvent> = {}): TapEvent => ({
  ...{ time: 0, mesh: 'istio', proxy: { namespace: 'shop', name: 'web-1' }, direction: 'outbound' },
  source: { namespace: 'shop', workload: 'web', pod: 'web-1' },
  destination: { namespace: 'shop', workload: 'cart-v1', pod: 'cart-1', service: 'cart.shop', address: '10.0.0.9' },
  request: { method: 'GET', authority: 'cart.shop:80', path: '/api/v1/items?x=1', headers: { 'x-user': 'ann' } },
  response: { status: 200, durationMs: 120 },
  ...more,
});
const response = (status: number, more: object = {}): Partial<TapEvent> => ({ response: { status, durationMs: 10, ...more } });

const selects = (filters: Partial<TapFilters>, of = event()): boolean => tapSelection({ status: [], headers: [], ...filters }).selects(of);

describe('a filter', () => {
  it.each<[Partial<TapFilters>, boolean]>([
    [{}, true],
    [{ method: 'get' }, true],
    [{ method: 'POST' }, false],
    [{ path: '/api' }, true],
    [{ path: '/other' }, false],
    [{ path: '/api/*/items' }, true],
    [{ path: '/api/*' }, false],
    [{ path: '/api/**' }, true],
    [{ path: '~v[0-9]/it' }, true],
    [{ path: '~^/v' }, false],
    [{ path: '=/api/v1/items' }, true],
    [{ path: '=/api' }, false],
    [{ authority: 'cart.shop' }, true],
    [{ authority: 'cart' }, false],
    [{ to: 'cart' }, true],
    [{ to: 'svc/cart' }, true],
    [{ to: 'svc/cart.shop' }, true],
    [{ to: 'cart.other' }, false],
    [{ to: 'deploy/cart-v1' }, true],
    [{ to: 'deploy/cart' }, false],
    [{ to: 'pod/cart-1' }, true],
    [{ to: '10.0.0.9' }, true],
    [{ to: 'ns/shop' }, true],
    [{ to: 'ns/other' }, false],
    [{ from: 'web' }, true],
    [{ from: 'cart' }, false],
    [{ status: ['2xx'] }, true],
    [{ status: ['5xx', '200'] }, true],
    [{ status: ['201-299'] }, false],
    [{ slowerThanMs: 100 }, true],
    [{ slowerThanMs: 120 }, false],
    [{ headers: ['x-user'] }, true],
    [{ headers: ['X-User=ann'] }, true],
    [{ headers: ['x-user=bob'] }, false],
    [{ direction: 'inbound' }, false],
  ])('%j is %s', (filters, is) => {
    expect(selects(filters)).toBe(is);
  });

  it('knows the status of gRPC', () => {
    const failed = event({ response: { status: 200, grpcStatus: 14 } });
    expect([selects({ status: ['grpc:14'] }, failed), selects({ status: ['grpc:0'] }, failed)]).toEqual([true, false]);
  });

  it.each<[Partial<TapFilters>, RegExp]>([
    [{ path: '~(' }, /no regular expression: error parsing regexp/],
    [{ status: ['abc'] }, /--status "abc" is no status/],
    [{ status: ['6xx'] }, /no status/],
  ])('%j is refused', (filters, words) => {
    expect(() => selects(filters)).toThrow(MeshctlError);
    expect(() => selects(filters)).toThrow(words);
  });

  it('takes no longer for an expression than its text is long', () => {
    expect(selects({ path: '~^(a+)+$' }, event({ request: { method: 'GET', authority: '', path: `${'a'.repeat(5000)}!` } }))).toBe(false);
  });
});

describe('the outcome', () => {
  it.each<[Partial<TapEvent>, string, boolean]>([
    [response(204), 'ok', true],
    [response(302), 'redirect', true],
    [response(404), 'client-error', true],
    [response(503), 'server-error', false],
    [response(200, { grpcStatus: 0 }), 'ok', true],
    [response(200, { grpcStatus: 5 }), 'client-error', true],
    [response(200, { grpcStatus: 14 }), 'server-error', false],
    [{ response: undefined }, 'none', false],
    [{ response: { flags: 'DC' } }, 'none', false],
  ])('of %j is %s', (more, outcome, success) => {
    expect([outcomeOf(event(more)), isSuccess(event(more))]).toEqual([outcome, success]);
  });
});

describe('a summary', () => {
  it('counts by peers and routes, without queries and numbers', () => {
    const summary = new TapSummary();
    const asked = (path: string, more: Partial<TapEvent> = {}): TapEvent =>
      event({ request: { method: 'GET', authority: '', path }, ...more });
    for (const path of ['/items/1', '/items/2?x=y', '/items/5a8f2c1e-7b3d-4e6f-9a0b-00000000003c']) summary.add(asked(path));
    summary.add(asked('/items', response(503, { flags: 'UH' })));
    expect(summary.rows().map(({ path, count, success }) => [path, count, success])).toEqual([
      ['/items/*', 3, 3],
      ['/items', 1, 0],
    ]);
    expect(summary.all).toMatchObject({ count: 4, success: 3 });
    expect(summary.flags()).toEqual([['UH', 1]]);
  });

  it('keeps a bounded number of rows', () => {
    const summary = new TapSummary();
    for (let index = 0; index < 2000; index++) summary.add(event({ request: { method: 'GET', authority: '', path: `/p${index}x` } }));
    expect(summary.rows().length).toBeLessThanOrEqual(501);
    expect(summary.rows()[0]).toMatchObject({ path: 'others', count: 1500 });
    expect(summary.all.count).toBe(2000);
  });
});

describe('latencies', () => {
  it('are known to some per cent', () => {
    const latencies = new Latencies();
    expect(latencies.percentile(0.5)).toBeUndefined();
    for (let ms = 1; ms <= 1000; ms++) latencies.add(ms);
    for (const part of [0.5, 0.95, 0.99]) {
      const found = latencies.percentile(part) ?? 0;
      expect(Math.abs(found - 1000 * part) / (1000 * part)).toBeLessThan(0.06);
    }
    latencies.add(0);
    latencies.add(1e12);
    expect(latencies.count).toBe(1002);
  });
});

describe('what is secret', () => {
  it('does not show in headers', () => {
    const shown = redacted(
      {
        authorization: 'Bearer SECRET',
        cookie: 'SECRET',
        'x-api-key': 'SECRET',
        'x-my-token': 'SECRET',
        'x-own': 'SECRET',
        accept: 'text/html',
        ':path': '/?SECRET',
      },
      new Set(['x-own']),
    );
    expect(JSON.stringify(shown)).not.toContain('SECRET');
    expect(shown).toMatchObject({ accept: 'text/html', authorization: '[redacted]' });
  });

  it('does not show in queries', () => {
    expect(redactedPath('/a?token=SECRET&page=2&access_token=SECRET')).toBe('/a?token=[redacted]&page=2&access_token=[redacted]');
    expect(redactedPath('/a')).toBe('/a');
  });
});

describe('the flags of Envoy', () => {
  it('are explained', () => {
    expect(flagMeanings('UF,URX')).toEqual([
      { flag: 'UF', meaning: 'the connection to the upstream failed' },
      { flag: 'URX', meaning: 'all retries were used up' },
    ]);
    expect(flagMeanings('-')).toEqual([]);
    expect(flagMeanings('XYZ')).toHaveLength(1);
  });
});

describe('a limit', () => {
  it('lets so many a second through', () => {
    let now = 0;
    const limit = rateLimit(10, () => now);
    const passed = (): number => Array.from({ length: 100 }, limit).filter(Boolean).length;
    expect(passed()).toBe(10);
    now += 500;
    expect(passed()).toBe(5);
    now += 60_000;
    expect(passed()).toBe(10);
  });

  it('or a part of them, evenly', () => {
    const sampled = Array.from({ length: 100 }, sampling(25));
    expect(sampled.filter(Boolean)).toHaveLength(25);
    expect(sampled.slice(0, 8)).toEqual([false, false, false, true, false, false, false, true]);
  });
});
