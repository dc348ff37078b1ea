/** What was seen in all, and by route and peer. */
import type { TapEvent, TapPeer } from '../model/tap.ts';
import { Latencies } from './latencies.ts';
import { isSuccess } from './outcome.ts';

export interface TapRow {
  readonly source: string;
  readonly destination: string;
  readonly method: string;
  readonly path: string;
  count: number;
  success: number;
  readonly latencies: Latencies;
}

/** Different rows that are kept; further ones are counted together. */
const MOST_ROWS = 500;

export class TapSummary {
  readonly #rows = new Map<string, TapRow>();
  readonly #flags = new Map<string, number>();
  readonly all: TapRow = emptyRow('', '', '', '');

  add(event: TapEvent): void {
    const { request, response } = event;
    const [source, destination, path] = [peerName(event.source), peerName(event.destination), pathPattern(request.path)];
    const key = [source, destination, request.method, path].join('\n');
    const known = this.#rows.get(key);
    const isFull = !known && this.#rows.size >= MOST_ROWS;
    const row = known ?? (isFull ? this.#other() : emptyRow(source, destination, request.method, path));
    if (!known && !isFull) this.#rows.set(key, row);
    const isWell = isSuccess(event);
    for (const each of [row, this.all]) {
      each.count++;
      if (isWell) each.success++;
      if (response?.durationMs !== undefined) each.latencies.add(response.durationMs);
    }
    if (response?.flags) this.#flags.set(response.flags, (this.#flags.get(response.flags) ?? 0) + 1);
  }

  #other(): TapRow {
    const row = this.#rows.get('') ?? emptyRow('…', '…', '', 'others');
    this.#rows.set('', row);
    return row;
  }

  /** The most frequent first. */
  rows(): readonly TapRow[] {
    return [...this.#rows.values()].sort((left, right) => right.count - left.count || (left.path < right.path ? -1 : 1));
  }

  /** How often each combination of response flags was seen. */
  flags(): readonly (readonly [flags: string, count: number])[] {
    return [...this.#flags].sort(([, left], [, right]) => right - left);
  }
}

const emptyRow = (source: string, destination: string, method: string, path: string): TapRow => ({
  ...{ source, destination, method, path },
  ...{ count: 0, success: 0, latencies: new Latencies() },
});

/** The shortest name that tells who it is. */
export function peerName({ workload, service, pod, address, identity, namespace }: TapPeer): string {
  return workload ?? service?.split('.')[0] ?? pod ?? address ?? accountIn(identity) ?? namespace ?? '-';
}

/** `sa/web` of `spiffe://cluster.local/ns/shop/sa/web`, and of `web.shop.serviceaccount.identity.linkerd.cluster.local`. */
function accountIn(identity: string | undefined): string | undefined {
  const [, spiffe, linkerd] = /\/sa\/([^/]+)$|^([^.]+)\.[^.]+\.serviceaccount\./.exec(identity ?? '') ?? [];
  const account = spiffe ?? linkerd;
  return account === undefined ? identity : `sa/${account}`;
}

/** Without the query, and with numbers and identifiers as one: requests of one route belong together. */
function pathPattern(path: string): string {
  const [bare = ''] = path.split('?');
  return bare
    .split('/')
    .map((segment) => (/^(?:\d+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22,}|[0-9a-f]{16,})$/i.test(segment) ? '*' : segment))
    .join('/');
}
