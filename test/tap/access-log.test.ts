/** Lines of access logs in the formats that meshes write. */
import { describe, expect, it } from 'vitest';
import { loggedRequest } from '../../src/envoy/access-log.ts';

describe('a line of an access log', () => {
  it("in Istio's format", () => {
    const line =
      '[2026-11-21T10:00:00.123Z] "GET /reviews/0?x=1 HTTP/1.1" 503 UF,URX via_upstream - "TLS error" 12 95 7 6 "-" "curl/8" "5a8f-1" "reviews:9080" "10.0.0.7:9080" outbound|9080|v1|reviews.shop.svc.cluster.local 10.0.0.5:40000 10.96.0.9:9080 10.0.0.5:50000 - default';
    expect(loggedRequest(line)).toEqual({
      ...{ time: Date.parse('2026-11-21T10:00:00.123Z'), method: 'GET', path: '/reviews/0?x=1', protocol: 'HTTP/1.1', status: 503 },
      ...{ grpcStatus: undefined, flags: 'UF,URX', bytesReceived: 12, bytesSent: 95, durationMs: 7, authority: 'reviews:9080' },
      ...{ requestId: '5a8f-1', upstreamHost: '10.0.0.7:9080', upstreamCluster: 'outbound|9080|v1|reviews.shop.svc.cluster.local' },
      ...{ downstreamLocal: '10.96.0.9:9080', downstreamRemote: '10.0.0.5:50000', serverName: undefined, routeName: 'default' },
    });
  });

  it("in Envoy's own format", () => {
    const line = '[2026-11-21T10:00:00.123Z] "POST /api HTTP/2" 200 - 3 44 18 17 "10.1.1.1" "grpc-go" "id-1" "api.shop" "10.0.0.9:8080"\n';
    expect(loggedRequest(line)).toMatchObject({
      method: 'POST',
      path: '/api',
      status: 200,
      bytesSent: 44,
      durationMs: 18,
      authority: 'api.shop',
      upstreamHost: '10.0.0.9:8080',
    });
    expect(loggedRequest(line)?.flags).toBeUndefined();
  });

  it('as JSON, with the names that meshes give the fields', () => {
    const istio = {
      start_time: '2026-11-21T10:00:00Z',
      method: 'GET',
      path: '/',
      response_code: 200,
      duration: 3,
      authority: 'a',
      upstream_cluster: 'inbound|80||',
      grpc_status: 'Unavailable',
    };
    expect(loggedRequest(JSON.stringify(istio))).toMatchObject({
      status: 200,
      durationMs: 3,
      upstreamCluster: 'inbound|80||',
      grpcStatus: 14,
    });
    const own = { timestamp: '2026-11-21T10:00:00Z', ':method': 'PUT', ':path': '/x', status: 404, 'x-request-id': 'r', duration_ms: 9 };
    expect(loggedRequest(JSON.stringify(own))).toMatchObject({ method: 'PUT', path: '/x', status: 404, requestId: 'r', durationMs: 9 });
  });

  it('without an answer has no status', () => {
    const line = '[2026-11-21T10:00:00.123Z] "GET / HTTP/1.1" 0 DC 0 0 5 - "-" "-" "id" "host" "10.0.0.9:8080"';
    expect(loggedRequest(line)).toMatchObject({ status: undefined, flags: 'DC' });
  });

  it('may hold blanks in its path', () => {
    expect(loggedRequest('[2026-11-21T10:00:00Z] "GET /a b HTTP/1.1" 200 - 0 0 5 - "-" "-" "id" "host" "-"')?.path).toBe('/a b');
  });

  it.each([
    ['what the proxy says of itself', '2026-11-21T10:00:00.1Z\tinfo\tcache\tgenerated new workload certificate'],
    [
      'a TCP connection',
      '[2026-11-21T10:00:00Z] "- - -" 0 - - - "-" 12 95 7 - "-" "-" "-" "-" "10.0.0.7:9080" outbound|1||x 1.1.1.1:1 1.1.1.1:1 1.1.1.1:1 - -',
    ],
    ['JSON of another kind', '{"level":"info","msg":"started"}'],
    ['broken JSON', '{"start_time": "2026'],
    ['a list', '[1, 2, 3]'],
    ['nothing', ''],
    ['a very long line', `[2026-11-21T10:00:00Z] "GET /${'a'.repeat(40_000)} HTTP/1.1" 200 - 0 0 5 - "-" "-" "id" "host" "-"`],
  ])('is none for %s', (_what, line) => {
    expect(loggedRequest(line)).toBeUndefined();
  });
});
