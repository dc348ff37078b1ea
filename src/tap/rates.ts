/** What proxies have counted, at two moments → how often requests passed between, and how fast. */
import type { Counted, Rate } from '../model/rates.ts';
import type { TapEvent, TapPeer } from '../model/tap.ts';
import { isSuccess } from './outcome.ts';

const keyOf = ({ direction, source, destination, response, tls }: Counted): string =>
  JSON.stringify([direction, source, destination, response, tls]);

/** What came to the counts. A proxy that has begun anew counts from nothing. */
export function grown(before: readonly Counted[], after: readonly Counted[]): readonly Counted[] {
  const known = new Map(before.map((counted) => [keyOf(counted), counted]));
  return after.map((counted) => {
    const old = known.get(keyOf(counted));
    const isAnew = old === undefined || counted.count < old.count;
    if (isAnew) return counted;
    const durations = [...counted.durations].map(([ms, count]) => [ms, count - (old.durations.get(ms) ?? 0)] as const);
    return { ...counted, count: counted.count - old.count, durations: new Map(durations) };
  });
}

/** As the event that such a response would be, for what chooses and names events. */
export const asEvent = (counted: Counted, mesh: TapEvent['mesh'], proxy: TapEvent['proxy'], time: number): TapEvent => ({
  ...{ time, mesh, proxy, direction: counted.direction, source: counted.source, destination: counted.destination, tls: counted.tls },
  request: { method: '', authority: '', path: '' },
  response: counted.response,
});

export class RateTable {
  readonly #rates = new Map<string, Summing>();

  add(event: TapEvent, { count, durations, response }: Pick<Counted, 'count' | 'durations' | 'response'>): void {
    if (count === 0 && ![...durations.values()].some((each) => each > 0)) return;
    const { direction, tls } = event;
    const [source, destination] = [general(event.source), general(event.destination)];
    const key = JSON.stringify([direction, source, destination, tls]);
    const rate: Summing = this.#rates.get(key) ?? {
      ...{ direction, source, destination, tls, requests: 0, successes: 0 },
      ...{ statuses: new Map(), durations: new Map() },
    };
    this.#rates.set(key, rate);
    rate.requests += count;
    if (isSuccess(event)) rate.successes += count;
    const status = statusText(response);
    if (count > 0) rate.statuses.set(status, (rate.statuses.get(status) ?? 0) + count);
    for (const [ms, number] of durations) rate.durations.set(ms, (rate.durations.get(ms) ?? 0) + number);
  }

  /** Those with requests, the most frequent first. */
  rates(): readonly Rate[] {
    return [...this.#rates.values()].filter(({ requests }) => requests > 0).sort((left, right) => right.requests - left.requests);
  }
}

interface Summing extends Rate {
  requests: number;
  successes: number;
  readonly statuses: Map<string, number>;
  readonly durations: Map<number, number>;
}

/** All pods of a workload are one end. */
function general({ namespace, workload, service, pod, address, identity }: TapPeer): TapPeer {
  const who = workload === undefined && service === undefined ? { pod, address } : { workload, service };
  return { namespace, ...who, identity };
}

function statusText(response: Counted['response']): string {
  const { status, grpcStatus } = response ?? {};
  if (grpcStatus) return `grpc:${grpcStatus}`;
  return status === undefined || status === 0 ? 'none' : String(status);
}

/**
 * The duration that the part of all requests did not exceed, taken as even within a bucket, as Prometheus does.
 * @returns milliseconds; undefined when nothing was measured. What is longer than every bucket is told as the longest of them.
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function percentileOf(durations: ReadonlyMap<number, number>, part: number): number | undefined {
  const buckets = [...durations].sort(([left], [right]) => left - right);
  const total = buckets.at(-1)?.[1] ?? 0;
  if (total <= 0) return undefined;
  const wanted = total * part;
  let [from, below] = [0, 0];
  for (const [to, count] of buckets) {
    if (count >= wanted && to === Number.POSITIVE_INFINITY) return from;
    if (count >= wanted) return count === below ? to : from + ((to - from) * (wanted - below)) / (count - below);
    [from, below] = [to, count];
  }
  return from;
}

/** What one proxy sends to another that is read too is counted where it arrives. */
export function countedOnce(rates: readonly Rate[]): readonly Rate[] {
  const names = ({ namespace, workload, service }: TapPeer): readonly string[] => [
    ...(workload === undefined ? [] : [`${namespace}/${workload}`]),
    ...(service === undefined ? [] : [service]),
  ];
  const arrived = new Set(rates.filter(({ direction }) => direction === 'inbound').flatMap(({ destination }) => names(destination)));
  return rates.filter(({ direction, destination }) => direction !== 'outbound' || !names(destination).some((name) => arrived.has(name)));
}

/** Of several rates together. */
export function together(rates: readonly Rate[]): Pick<Rate, 'requests' | 'successes' | 'statuses' | 'durations'> {
  const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);
  const merged = <K>(maps: readonly ReadonlyMap<K, number>[]): ReadonlyMap<K, number> => {
    const all = new Map<K, number>();
    for (const map of maps) for (const [key, value] of map) all.set(key, (all.get(key) ?? 0) + value);
    return all;
  };
  return {
    requests: sum(rates.map(({ requests }) => requests)),
    successes: sum(rates.map(({ successes }) => successes)),
    statuses: merged(rates.map(({ statuses }) => statuses)),
    durations: merged(rates.map(({ durations }) => durations)),
  };
}
