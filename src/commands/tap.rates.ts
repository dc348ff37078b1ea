/** Rates instead of requests: what the proxies count, read at intervals → what came to it → tables. */
import { EXIT, MeshctlError } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import { inParallel } from '../model/parallel.ts';
import type { Counted, Rate } from '../model/rates.ts';
import { qualifiedName, type Resource } from '../model/resource.ts';
import type { TapEvent, TapTools } from '../model/tap.ts';
import { ratesDocument } from '../reporters/rates-document.ts';
import { asEvent, grown, percentileOf, RateTable } from '../tap/rates.ts';
import { redrawn } from '../terminal/screen.ts';
import type { Context, Outcome } from './define.ts';
import { Names } from './tap.names.ts';
import type { TapPlan } from './tap.plan.ts';
import { keyOf, MOST_PODS, podsOf } from './tap.pods.ts';
import { ratesSummary, ratesText } from './tap.rates-view.ts';
import { tell } from './tap.tell.ts';

/** Envoy brings its histograms up to date as often. */
const INTERVAL_MS = 5000;
const AT_ONCE = 8;

interface Reading {
  readonly pod: Resource;
  readonly mesh: TapEvent['mesh'];
  readonly counted: readonly Counted[];
}

export interface Readings {
  readonly read: ReadonlyMap<string, Reading>;
  /** Why others could not be read, each once. */
  readonly refusals: readonly string[];
}

/** What the proxies have counted up to now. */
export async function readCounts(target: string | undefined, tools: TapTools): Promise<Readings> {
  const pods = await podsOf(target, tools);
  const refusals = new Set<string>();
  if (pods.length > MOST_PODS) refusals.add(`${pods.length - MOST_PODS} more pods are not read: ${MOST_PODS} are the most at once.`);
  const readings = await inParallel(pods.slice(0, MOST_PODS), AT_ONCE, async (pod): Promise<Reading | undefined> => {
    const mesh = meshes.find(({ proxyOf }) => proxyOf?.(pod));
    try {
      if (mesh?.rates) return { pod, mesh: mesh.id, counted: await mesh.rates.read(pod, tools) };
      refusals.add(mesh ? `${mesh.title} has no statistics of requests.` : `Pod ${qualifiedName(pod)} has no proxy of a mesh.`);
    } catch (error) {
      if (!(error instanceof MeshctlError) || error.exit !== EXIT.unreachable) throw error;
      refusals.add(error.message);
    }
    return undefined;
  });
  const read = new Map(readings.flatMap((reading) => (reading ? [[keyOf(reading.pod), reading] as const] : [])));
  return { read, refusals: [...refusals] };
}

/** Until it is told to end, the time is over, or so many requests were counted as were asked for. */
export async function showRates(
  target: string | undefined,
  first: Readings,
  plan: TapPlan,
  tools: TapTools,
  context: Context,
): Promise<Outcome> {
  const { clock, out, err } = context.host;
  const { signal } = tools;
  tell(context, opening(first));
  const names = new Names(tools.cluster, clock.now, signal);
  await names.read();
  const began = clock.now();
  const end = began + (plan.durationMs ?? Number.POSITIVE_INFINITY);
  const limit = plan.limit ?? Number.POSITIVE_INFINITY;
  const [all, told] = [new RateTable(), new Set(first.refusals)];
  let [last, lastAt, requests] = [first.read, began, 0];
  try {
    while (clock.now() < end && requests < limit) {
      await clock.sleep(Math.min(INTERVAL_MS, end - clock.now()), signal);
      const { read, refusals } = await readCounts(target, tools);
      const [now, here] = [clock.now(), new RateTable()];
      for (const refusal of refusals) {
        if (!told.has(refusal)) tell(context, refusal);
        told.add(refusal);
      }
      for (const [key, { pod, mesh, counted }] of read) {
        const before = last.get(key);
        // Of a pod that has come since, nobody knows since when it counts.
        for (const each of before ? grown(before.counted, counted) : []) {
          const event = names.named(asEvent(each, mesh, pod, now));
          if (!plan.selection.selects(event)) continue;
          here.add(event, each);
          all.add(event, each);
        }
      }
      out.write(shown(here.rates(), now, now - lastAt, plan, context));
      requests = all.rates().reduce((sum, rate) => sum + rate.requests, 0);
      [last, lastAt] = [read, now];
      if (!(await out.ready())) break;
    }
  } catch (error) {
    // Ctrl-C is its normal end.
    if (!signal.aborted) throw error;
  }
  const elapsedMs = lastAt - began;
  if (plan.isTop) out.write(ratesText(all.rates(), { elapsedMs, ...lookOf(plan, context) }));
  if (!context.quiet) err.write(ratesSummary(all.rates(), elapsedMs));
  return { text: '', exit: EXIT.fine };
}

function shown(rates: readonly Rate[], now: number, elapsedMs: number, plan: TapPlan, context: Context): string {
  if (plan.format === 'json') {
    const line = (rate: Rate): object => ratesDocument(rate, { now, elapsedMs }, (part) => percentileOf(rate.durations, part));
    return rates.map((rate) => `${JSON.stringify(line(rate))}\n`).join('');
  }
  if (plan.isTop && !context.host.out.isTTY) return '';
  const text = ratesText(rates, { now, elapsedMs, ...lookOf(plan, context) });
  return plan.isTop ? redrawn(text) : text;
}

const lookOf = ({ format }: TapPlan, { color, host }: Context): { color: boolean; width: number | undefined; wide: boolean } => ({
  ...{ color: color.out, width: host.out.columns, wide: format === 'wide' },
});

function opening({ read }: Readings): string {
  const pods = [...read.values()].map(({ pod }) => qualifiedName(pod));
  const more = pods.length > 3 ? ` and ${pods.length - 3} more` : '';
  return `Reading every ${INTERVAL_MS / 1000} seconds what the proxy of ${pods.slice(0, 3).join(', ')}${more} counts: single requests do not show. Ctrl-C ends it.`;
}
