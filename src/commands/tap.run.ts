/** tap: pods → a stream of each → filtered, named, redacted → printed as they come → summary. */
import { EXIT, MeshctlError } from '../errors.ts';
import { stringMapAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import { friendlyName, qualifiedName } from '../model/resource.ts';
import type { TapEvent, TapTools } from '../model/tap.ts';
import { tapDocument } from '../reporters/tap-document.ts';
import { TapBuffer } from '../tap/buffer.ts';
import { rateLimit, sampling } from '../tap/rate.ts';
import { redacted, redactedPath } from '../tap/redact.ts';
import { TapSummary } from '../tap/summary.ts';
import { printableLine } from '../terminal/printable.ts';
import { redrawn } from '../terminal/screen.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Context, Outcome, Run } from './define.ts';
import { confirmed } from './install.confirm.ts';
import { cleanUp } from './tap.cleanup.ts';
import { type Addition, add, additionFor, RENEWAL_MS, remove, removeExpired } from './tap.enable.ts';
import { Names } from './tap.names.ts';
import { type TapPlan, tapPlan } from './tap.plan.ts';
import { keyOf, nothingToTap, type Tapped, tapTargets } from './tap.pods.ts';
import { type TapLook, tapLine, tapSummaryText, topText } from './tap.view.ts';

/** Events that wait to be printed. */
const MOST_WAITING = 10_000;
/** How often new pods are looked for. */
const LOOK_MS = 3000;
const TOP_MS = 1000;
const TOP_ROWS = 40;
const FATAL: ReadonlySet<string> = new Set(['E_CLUSTER_FORBIDDEN', 'E_CLUSTER_UNAUTHORIZED', 'E_TAP']);

export const run: Run = async ([target], options, context) => {
  if (options['cleanup'] === true) return cleanUp(options, context);
  const plan = tapPlan(options);
  const cluster = await context.cluster(options);
  const stop = new AbortController();
  const ending = context.host.ending();
  const signal = AbortSignal.any([ending, stop.signal]);
  const tools: TapTools = { cluster, signal, now: context.host.clock.now };
  let added: Wanted | undefined;
  let hasTapped = false;
  try {
    const removed = await removeExpired(cluster, namespaceOf(target, cluster), tools.now(), signal);
    if (removed.length > 0) tell(context, `An earlier tap had left ${removed.join(', ')}, which is removed.`);
    added = await additionWanted(target, plan, tools, context);
    if (added && !added.wasThere) await addAndWait(added.object, target, plan, tools, context);
    const { tapped, refusals } = await tapTargets(target, plan, tools, new Set());
    if (tapped.length === 0) throw nothingToTap(refusals);
    tell(context, opening(tapped));
    for (const refusal of refusals) tell(context, refusal);
    const tapping = new Tapping(tools, plan, context, stop);
    const outcome = await tapping.run(target, tapped, added?.object);
    hasTapped = tapping.hasTapped;
    return outcome;
  } catch (error) {
    if (!ending.aborted) throw error;
    return { text: '', exit: EXIT.fine };
  } finally {
    stop.abort(new Error('The tap is over.'));
    // An Envoy is tapped by one at a time: when it was this one, nobody else uses what was there.
    if (added && (hasTapped || !added.wasThere)) await takeAway(added.object, cluster, context);
    else if (added)
      tell(context, `${friendlyName(added.object)} stays, as another tap may be using it; "meshctl tap --cleanup" removes it.`);
  }
};

const namespaceOf = (target: string | undefined, cluster: Cluster): string =>
  /^(?:ns|namespaces?)\/(.+)$/.exec(target ?? '')?.[1] ?? cluster.namespace;

interface Wanted {
  readonly object: Addition;
  /** Left by a run that was killed, or in use by another. */
  readonly wasThere: boolean;
}

/** What is to be added that the best source works: when it is asked for, or agreed to on a terminal. */
async function additionWanted(target: string | undefined, plan: TapPlan, tools: TapTools, context: Context): Promise<Wanted | undefined> {
  const { host } = context;
  if (plan.source === 'logs') return undefined;
  const { tapped, refusals, pods } = await tapTargets(target, { ...plan, source: 'tap' }, tools, new Set());
  const addition = pods.length === 0 ? undefined : additionFor(pods);
  const isThere = addition && tapped.length > 0 && (await tools.cluster.get(addition, tools.signal)) !== undefined;
  if (isThere) return { object: addition, wasThere: true };
  if (tapped.length > 0 || refusals.length === 0) return undefined;
  if (plan.enables && !addition)
    throw new MeshctlError('E_TAP', 'These pods cannot be given a tap filter: their mesh has no way, or they have no labels in common.', {
      hint: 'Name one workload of Istio, or leave --enable out to read access logs.',
    });
  if (!addition) return undefined;
  const wanted = { object: addition, wasThere: false };
  if (plan.enables) return wanted;
  if (!host.stdin.isTTY || !host.err.isTTY) return undefined;
  const selector = Object.entries(stringMapAt(addition.body, 'spec', 'workloadSelector', 'labels')).map(
    ([key, value]) => `${key}=${value}`,
  );
  // Shown even with -q: nobody can agree to what they have not seen.
  const offer = `These proxies have no tap filter. ${friendlyName(addition)}, for pods with ${selector.join(',')}, gives them one; it is removed when the tap ends.`;
  host.err.write(`${wrap(printableLine(offer), host.err.columns, '  ')}\n`);
  return (await confirmed('Add it? (no: read access logs)', false, context, tools.signal)) ? wanted : undefined;
}

/** Proxies take what istiod sends them within seconds. */
const SPREAD_MS = 30_000;

async function addAndWait(added: Addition, target: string | undefined, plan: TapPlan, tools: TapTools, context: Context): Promise<void> {
  const { clock } = context.host;
  await add(tools.cluster, added, clock.now(), tools.signal);
  tell(context, `${friendlyName(added)} is added, and removed when the tap ends.`);
  for (const until = clock.now() + SPREAD_MS; clock.now() < until; await clock.sleep(500, tools.signal)) {
    const { refusals, tapped } = await tapTargets(target, { ...plan, source: 'tap' }, tools, new Set());
    if (tapped.length > 0 && refusals.length === 0) return;
  }
  tell(context, 'Not every proxy has taken the tap filter yet.');
}

async function takeAway(added: Addition, cluster: Cluster, context: Context): Promise<void> {
  try {
    await remove(cluster, added);
    tell(context, `${friendlyName(added)} is removed.`);
  } catch (error) {
    context.host.err.write(
      `${friendlyName(added)} could not be removed: ${printableLine((error as Error).message)}\nRun "meshctl tap --cleanup" to remove it.\n`,
    );
  }
}

function opening(tapped: readonly Tapped[]): string {
  const sources = [...new Set(tapped.map(({ source }) => source))];
  return sources
    .map((source) => {
      const pods = tapped.filter((each) => each.source === source).map(({ pod }) => qualifiedName(pod));
      const more = pods.length > 3 ? ` and ${pods.length - 3} more` : '';
      return `Tapping ${pods.slice(0, 3).join(', ')}${more} by ${source.title}. Ctrl-C ends it.`;
    })
    .join(' ');
}

function tell({ host, quiet }: Context, text: string): void {
  if (!quiet) host.err.write(`${wrap(printableLine(text), host.err.columns, '  ')}\n`);
}

class Tapping {
  readonly #buffer = new TapBuffer<TapEvent>(MOST_WAITING);
  readonly #open = new Set<string>();
  readonly #summary = new TapSummary();
  readonly #tools: TapTools;
  readonly #plan: TapPlan;
  readonly #context: Context;
  readonly #stop: AbortController;
  readonly #told = new Set<string>();
  #failure: MeshctlError | undefined;
  #thinned = 0;
  #shown = 0;
  /** Whether a tap filter has told of a request. */
  hasTapped = false;

  constructor(tools: TapTools, plan: TapPlan, context: Context, stop: AbortController) {
    this.#stop = stop;
    this.#tools = tools;
    this.#plan = plan;
    this.#context = context;
  }

  /** @throws MeshctlError of the cluster when nothing could be seen because it may not be */
  async run(target: string | undefined, tapped: readonly Tapped[], added: Addition | undefined): Promise<Outcome> {
    const { clock } = this.#context.host;
    const { signal } = this.#tools;
    const began = clock.now();
    const names = new Names(this.#tools.cluster, clock.now, signal);
    await names.read();
    for (const each of tapped) this.#start(each);
    const over = (): void => this.#buffer.end();
    signal.addEventListener('abort', over, { once: true });
    // Each of them ends with the signal's reason, which nobody else may see as a failure.
    const work = Promise.allSettled([this.#follow(target), this.#timer(), this.#redraw(began), this.#renew(added)]);
    await this.#print(names);
    this.#stop.abort(new Error('The tap is over.'));
    await work;
    if (this.#failure && this.#shown === 0) throw this.#failure;
    const elapsedMs = clock.now() - began;
    const { host, quiet } = this.#context;
    if (this.#plan.isTop) host.out.write(this.#top(elapsedMs));
    if (!quiet) host.err.write(tapSummaryText(this.#summary, { elapsedMs, dropped: this.#buffer.dropped, thinned: this.#thinned }));
    return { text: '', exit: EXIT.fine };
  }

  /** A stream that breaks is told; its pod is tried again with the next look. */
  #start({ pod, source }: Tapped): void {
    const key = keyOf(pod);
    this.#open.add(key);
    void (async () => {
      try {
        for await (const event of source.open(pod, this.#plan.query, this.#tools)) {
          this.hasTapped ||= source.id === 'tap';
          // An Envoy that is not read from would keep what it has to say in its own memory.
          if (source.id === 'logs') await this.#buffer.pushWhenRoom(event);
          else this.#buffer.push(event);
        }
      } catch (error) {
        if (this.#tools.signal.aborted) return;
        if (error instanceof MeshctlError && FATAL.has(error.code)) this.#failed(error);
        else this.#tellOnce(error instanceof MeshctlError ? error.message : `The tap of Pod ${qualifiedName(pod)} broke: ${String(error)}`);
      } finally {
        this.#open.delete(key);
      }
    })();
  }

  /** What may not be asked now may not be asked later either. */
  #failed(error: MeshctlError): void {
    this.#failure = error;
    this.#stop.abort(error);
  }

  #tellOnce(text: string): void {
    if (!this.#told.has(text)) tell(this.#context, text);
    this.#told.add(text);
  }

  async #follow(target: string | undefined): Promise<void> {
    const { clock } = this.#context.host;
    const { signal } = this.#tools;
    while (!signal.aborted) {
      await clock.sleep(LOOK_MS, signal);
      const found = await tapTargets(target, this.#plan, this.#tools, this.#open).catch((error: unknown) => {
        if (error instanceof MeshctlError) return undefined;
        throw error;
      });
      if (!found || found.tapped.length === 0) continue;
      // A pod whose stream broke is no news.
      this.#tellOnce(opening(found.tapped));
      for (const each of found.tapped) this.#start(each);
    }
  }

  async #timer(): Promise<void> {
    if (this.#plan.durationMs === undefined) return;
    await this.#context.host.clock.sleep(this.#plan.durationMs, this.#tools.signal);
    this.#stop.abort(new Error('The time is over.'));
  }

  /** So that nobody takes away what is in use. */
  async #renew(added: Addition | undefined): Promise<void> {
    while (added && !this.#tools.signal.aborted) {
      await this.#context.host.clock.sleep(RENEWAL_MS, this.#tools.signal);
      await add(this.#tools.cluster, added, this.#tools.now(), this.#tools.signal);
    }
  }

  async #redraw(began: number): Promise<void> {
    const { out, clock } = this.#context.host;
    if (!this.#plan.isTop || !out.isTTY) return;
    for (;;) {
      await clock.sleep(TOP_MS, this.#tools.signal);
      out.write(redrawn(this.#top(clock.now() - began)));
    }
  }

  #top(elapsedMs: number): string {
    return topText(this.#summary, elapsedMs, this.#look(), TOP_ROWS);
  }

  #look(): TapLook {
    const { color, host } = this.#context;
    return { color: color.out, width: host.out.columns, wide: this.#plan.format === 'wide' };
  }

  async #print(names: Names): Promise<void> {
    const { selection, samplePercent, maxRps, limit = Number.POSITIVE_INFINITY, isTop } = this.#plan;
    const [isSampled, hasRoom] = [sampling(samplePercent), rateLimit(maxRps, this.#tools.now)];
    for await (const batch of this.#buffer.batches()) {
      const lines: string[] = [];
      for (const raw of batch) {
        const event = names.named(raw);
        if (!selection.selects(event)) continue;
        if (!isTop && !(isSampled() && hasRoom())) {
          this.#thinned++;
          continue;
        }
        if (!this.#isSeenTwice(event)) this.#summary.add(event);
        if (!isTop) lines.push(this.#line(event));
        if (++this.#shown >= limit) break;
      }
      if (lines.length > 0) this.#context.host.out.write(lines.join(''));
      if (this.#shown >= limit || !(await this.#context.host.out.ready())) break;
    }
    this.#stop.abort(new Error('The limit is reached.'));
  }

  /** What one tapped pod sends to another is counted where it arrives. */
  #isSeenTwice({ direction, destination: { namespace, pod } }: TapEvent): boolean {
    return direction === 'outbound' && pod !== undefined && [...this.#open].some((key) => key.startsWith(`${namespace}/${pod}/`));
  }

  #line(event: TapEvent): string {
    const shown = this.#redacted(event);
    return `${this.#plan.format === 'json' ? JSON.stringify(tapDocument(shown)) : tapLine(shown, this.#look())}\n`;
  }

  #redacted(event: TapEvent): TapEvent {
    const { redacts, query, format } = this.#plan;
    const shows = query.wantsHeaders && format !== 'text';
    const clean = (headers: Readonly<Record<string, string>> | undefined): Readonly<Record<string, string>> | undefined =>
      shows && headers ? redacted(headers, redacts) : undefined;
    const { request, response } = event;
    return {
      ...event,
      request: { ...request, path: redactedPath(request.path), headers: clean(request.headers) },
      response: response && { ...response, headers: clean(response.headers) },
    };
  }
}
