/** One tap: streams opened and followed, events filtered, named and redacted, lines printed, all of it summed up. */
import { EXIT, MeshctlError } from '../errors.ts';
import { qualifiedName } from '../model/resource.ts';
import type { TapAddition, TapEvent, TapTools } from '../model/tap.ts';
import { tapDocument } from '../reporters/tap-document.ts';
import { TapBuffer } from '../tap/buffer.ts';
import { rateLimit, sampling } from '../tap/rate.ts';
import { redacted, redactedPath } from '../tap/redact.ts';
import { TapSummary } from '../tap/summary.ts';
import { redrawn } from '../terminal/screen.ts';
import type { Context, Outcome } from './define.ts';
import { add, RENEWAL_MS } from './tap.enable.ts';
import { Names } from './tap.names.ts';
import type { TapPlan } from './tap.plan.ts';
import { keyOf, type Tapped, tapTargets } from './tap.pods.ts';
import { opening, tell } from './tap.tell.ts';
import { type TapLook, tapLine, tapSummaryText, topText } from './tap.view.ts';

/** Events that wait to be printed. */
const MOST_WAITING = 10_000;
/** How often new pods are looked for. */
const LOOK_MS = 3000;
const TOP_MS = 1000;
const TOP_ROWS = 40;
const FATAL: ReadonlySet<string> = new Set(['E_CLUSTER_FORBIDDEN', 'E_CLUSTER_UNAUTHORIZED', 'E_TAP']);

export class Tapping {
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
  async run(target: string | undefined, tapped: readonly Tapped[], added: TapAddition | undefined): Promise<Outcome> {
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
  async #renew(added: TapAddition | undefined): Promise<void> {
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
