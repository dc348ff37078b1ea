/** A pod whose proxy has much to log. */
import type { LiveLog, SandboxOptions } from '../../src/sandbox/options.ts';

const line = (index: number): string =>
  `[${new Date(Date.UTC(2026, 0, 1) + index).toISOString()}] "GET /api/items/${index % 97}?page=${index} HTTP/1.1" ${index % 50 === 0 ? 503 : 200} ${index % 50 === 0 ? 'UH' : '-'} via_upstream - "-" 0 ${index % 4096} ${index % 250} ${index % 250} "-" "curl/8.5.0" "5a8f2c1e-7b3d-4e6f-9a0b-${String(index).padStart(12, '0')}" "web.shop:80" "10.244.0.9:8080" inbound|8080|| 127.0.0.6:40000 10.244.0.9:8080 10.244.0.7:50000 outbound_.80_._.web.shop.svc.cluster.local default\n`;

/** @param events that follow as soon as the log is followed */
export function loggingPod(events: number): SandboxOptions {
  const log: LiveLog = {
    text: line(0),
    added: async function* (signal) {
      for (let from = 0; from < events && !signal.aborted; from += 500) {
        yield Array.from({ length: Math.min(500, events - from) }, (_, index) => line(from + index)).join('');
        // Others have their turn.
        await new Promise((resolve) => setImmediate(resolve));
      }
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    },
  };
  return {
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } },
      {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'web', namespace: 'shop' },
        spec: { containers: [{ name: 'istio-proxy', image: 'proxyv2:1.30.0' }] },
      },
    ],
    podStartMs: 0,
    programs: () => ({ logs: () => log }),
  };
}
