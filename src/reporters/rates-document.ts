/** What passed between two ends in an interval, as a document of one line; its schema is `schemas/output/tap-rates.json`. */
import type { Rate } from '../model/rates.ts';
import { given, peerDocument, rounded } from './tap-document.ts';

export interface Interval {
  /** Its end, in milliseconds since the epoch. */
  readonly now: number;
  readonly elapsedMs: number;
}

/** @param percentile milliseconds that a part of the requests did not exceed */
export function ratesDocument(
  { direction, source, destination, requests, successes, statuses, tls }: Rate,
  { now, elapsedMs }: Interval,
  percentile: (part: number) => number | undefined,
): object {
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((part) => rounded(percentile(part)));
  return {
    ...{ apiVersion: 'meshctl.dev/v1', kind: 'TapRates', time: new Date(now).toISOString(), intervalMs: Math.round(elapsedMs), direction },
    source: peerDocument(source),
    destination: peerDocument(destination),
    ...{ requests, successes, statuses: Object.fromEntries([...statuses].sort(([left], [right]) => (left < right ? -1 : 1))) },
    ...(p50 === undefined ? {} : { latencyMs: { p50, p95, p99 } }),
    ...given({ tls }),
  };
}
