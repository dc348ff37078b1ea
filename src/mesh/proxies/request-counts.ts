/** What a proxy counts of requests, out of its metrics. */
import { EXIT, MeshctlError } from '../../errors.ts';
import type { Counted, RateSource } from '../../model/rates.ts';
import { qualifiedName, type Resource } from '../../model/resource.ts';
import { readSamples } from '../../text/prometheus.ts';

type Labels = Readonly<Record<string, string>>;
type Place = Omit<Counted, 'count' | 'durations'>;

export interface RequestCounts {
  readonly portOf: (pod: Resource) => number | undefined;
  readonly path: string;
  /** Name of the counter of responses. */
  readonly total: string;
  /** Name of the histogram of their durations in milliseconds. */
  readonly durations: string;
  /** @returns undefined for what is no request of the workload, such as those of the proxy itself */
  place(labels: Labels, pod: Resource): Place | undefined;
}

export const rateSource = (counts: RequestCounts): RateSource => ({
  read: async (pod, { cluster, signal }) => {
    const port = counts.portOf(pod);
    const answer = port === undefined ? undefined : await cluster.podPort(pod, port).request(counts.path, { signal });
    if (answer?.status === 200) return countedIn(answer.body, counts, pod);
    throw new MeshctlError(
      'E_TAP',
      `The proxy of Pod ${qualifiedName(pod)} does not tell what it counts: ${answer ? `it answers with status ${answer.status}` : 'it has no port of administration'}.`,
      { exit: EXIT.unreachable },
    );
  },
});

/** Of metrics with the same place, such as those of single endpoints, the sums. */
export function countedIn(
  text: string,
  { total, durations, place }: Pick<RequestCounts, 'total' | 'durations' | 'place'>,
  pod: Resource,
): readonly Counted[] {
  const found = new Map<string, { readonly place: Place; count: number; readonly durations: Map<number, number> }>();
  const bucket = `${durations}_bucket`;
  for (const { name, labels, value } of readSamples(text, (each) => each === total || each === bucket)) {
    const where = place(labels, pod);
    if (!where) continue;
    const key = JSON.stringify(where);
    const entry = found.get(key) ?? { place: where, count: 0, durations: new Map<number, number>() };
    found.set(key, entry);
    if (name === total) {
      entry.count += value;
    } else {
      const most = Number((labels['le'] ?? '').replace('+Inf', 'Infinity'));
      entry.durations.set(most, (entry.durations.get(most) ?? 0) + value);
    }
  }
  return [...found.values()].map((entry) => ({ ...entry.place, count: entry.count, durations: entry.durations }));
}

/** `200`; undefined for what is none. */
export const statusIn = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined;
