/** A line a request, whatever the width. */
import { describe, expect, it } from 'vitest';
import { tapLine } from '../../src/commands/tap.view.ts';
import type { TapEvent } from '../../src/model/tap.ts';
import { visibleWidth } from '../../src/terminal/width.ts';

const event = (workload: string, path: string, more: Partial<TapEvent> = {}): TapEvent => ({
  ...{ time: Date.UTC(2026, 0, 1, 10), mesh: 'istio', proxy: { namespace: 'shop', name: 'web-1' }, direction: 'inbound', tls: 'mutual' },
  source: { workload },
  destination: { workload: 'productpage-v1' },
  request: { method: 'GET', authority: 'web', path },
  response: { status: 200, durationMs: 1234, bytes: 123_456 },
  ...more,
});

describe('a line of tap', () => {
  it.each([
    ['web', '/'],
    ['istio-ingressgateway', '/productpage'],
    ['a-workload-with-a-very-long-name-indeed', '/a/very/long/path/that/goes/on/and/on?with=parameters&and=more'],
    ['工作负载-网关', '/路径/路径/路径/路径/路径/路径/路径/路径/路径/路径'],
  ])('of %s fits into 80 columns', (workload, path) => {
    const line = tapLine(event(workload, path), { color: false, width: 80, wide: false });
    expect(visibleWidth(line)).toBeLessThanOrEqual(80);
    expect(line).toMatch(/^10:00:00 in {2}200 {2}1234ms {2}123kB mTLS \S+ → \S+ GET \//);
  });

  it('is whole where nothing is cut', () => {
    const path = `/${'a'.repeat(200)}`;
    expect(tapLine(event('web', path), { color: false, width: undefined, wide: false })).toContain(path);
  });

  it('tells flags, and what gRPC says', () => {
    const failed = event('web', '/a', { response: { status: 200, grpcStatus: 14, flags: 'UH' } });
    const line = tapLine(failed, { color: false, width: undefined, wide: false });
    expect(line).toMatch(/GET \/a {2}grpc 14 UNAVAILABLE; UH: no upstream endpoint is healthy$/);
  });

  it('has headers, hosts and identities when there is room', () => {
    const rich = event('web', '/a', {
      source: { namespace: 'shop', pod: 'web-1', identity: 'spiffe://td/ns/shop/sa/web' },
      request: { method: 'GET', authority: 'web.shop', path: '/a', headers: { accept: 'text/html' } },
    });
    const line = tapLine(rich, { color: false, width: undefined, wide: true });
    expect(line).toMatch(
      /^10:00:00\.000 .*shop\/web-1 → .*host web\.shop; from spiffe:\/\/td\/ns\/shop\/sa\/web\n {2}> accept: text\/html$/,
    );
  });

  it('never carries what a terminal would obey', () => {
    const evil = event('web\u001b[31m', '/\u001b]0;title\u0007');
    expect(tapLine(evil, { color: false, width: 80, wide: false })).not.toContain('\u001b');
  });
});
