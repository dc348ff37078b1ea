/** One line a request: what is of the same width first, so that the eye finds it; the path last, where it may be cut. */
import type { TapEvent } from '../model/tap.ts';
import { flagMeanings } from '../tap/flags.ts';
import { outcomeOf, type TapOutcome } from '../tap/outcome.ts';
import { peerName, type TapRow, type TapSummary } from '../tap/summary.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { cellsOf, visibleWidth } from '../terminal/width.ts';
import { grpcCodeText } from '../text/grpc-codes.ts';
import { count } from '../text/words.ts';

export interface TapLook {
  readonly color: boolean;
  readonly width: number | undefined;
  readonly wide: boolean;
}

/** A path shorter than this tells little. */
const LEAST_PATH = 12;

/** `10:00:00 in  200   120ms   95B mTLS`, the arrow, and the blanks around what follows. */
const HEAD_WIDTH = 8 + 1 + 3 + 1 + 3 + 1 + 7 + 1 + 6 + 1 + 4 + 6;

/** A name shorter than this tells little. */
const LEAST_NAME = 8;

/** Both names, the longer one cut first where there is no room for both. */
function fitted([from = '', to = '']: readonly string[], room: number): readonly string[] {
  const [left, right] = [visibleWidth(from), visibleWidth(to)];
  if (left + right <= room) return [from, to];
  const half = Math.max(LEAST_NAME, Math.floor(room / 2));
  return [cut(from, Math.max(half, room - right)), cut(to, Math.max(half, room - left))];
}

export function tapLine(event: TapEvent, { color, width, wide }: TapLook): string {
  const style = styleFor(color);
  const { time, direction, source, destination, request, response, tls } = event;
  const outcome = outcomeOf(event);
  const clock = new Date(time).toISOString().slice(11, wide ? 23 : 19);
  const way = { inbound: 'in ', outbound: 'out', unknown: '?  ' }[direction];
  const status = (response?.status === undefined ? '-' : String(response.status)).padStart(3);
  const head = [clock, way, status, durationText(response?.durationMs).padStart(7), bytesText(response?.bytes).padStart(6), tlsText(tls)];
  const name = wide ? fullName : peerName;
  const [whole, path] = [[name(source), name(destination)].map(printableLine), printableLine(request.path)];
  const notes = notesOf(event, wide);
  // Measured in parts, as the arrow alone would have each line looked at letter by letter.
  const fixed = HEAD_WIDTH + visibleWidth(request.method) + (notes === '' ? 0 : visibleWidth(notes) + 2);
  const room = width === undefined || wide ? undefined : width - fixed;
  const [from = '', to = ''] = room === undefined ? whole : fitted(whole, room - Math.min(LEAST_PATH, visibleWidth(path)));
  const before = `${from} → ${to} ${request.method}`;
  const left = room === undefined ? undefined : Math.max(LEAST_PATH, room - visibleWidth(from) - visibleWidth(to));
  const [painted, dim] = [paintFor(outcome, style), style.dim];
  const line = [dim(head[0] ?? ''), way, painted(status), ...head.slice(3, 5), dim(head[5] ?? ''), before, cut(path, left)].join(' ');
  const told = notes === '' ? line : `${line}  ${painted(notes)}`;
  return wide && request.headers ? `${told}${headerLines(event, style)}` : told;
}

function notesOf({ request, response, destination, source, routeName }: TapEvent, wide: boolean): string {
  const flags = flagMeanings(response?.flags ?? '').map(({ flag, meaning }) => `${flag}: ${meaning}`);
  const grpc = response?.grpcStatus ? [`grpc ${grpcCodeText(response.grpcStatus)}`] : [];
  const more = wide
    ? [
        request.authority === '' ? '' : `host ${request.authority}`,
        routeName ? `route ${routeName}` : '',
        source.identity ? `from ${source.identity}` : '',
        destination.identity ? `to ${destination.identity}` : '',
      ]
    : [];
  return printableLine([...grpc, ...flags, ...more.filter((each) => each !== '')].join('; '));
}

function headerLines({ request, response }: TapEvent, style: Style): string {
  const lines = (mark: string, headers: Readonly<Record<string, string>> | undefined): readonly string[] =>
    Object.entries(headers ?? {}).map(([name, value]) => `\n  ${style.dim(mark)} ${printableLine(`${name}: ${value}`)}`);
  return [...lines('>', request.headers), ...lines('<', response?.headers)].join('');
}

export const fullName = (peer: TapEvent['source']): string => {
  const name = peer.pod ?? peer.service ?? peer.workload ?? peer.address ?? '-';
  const port = peer.port === undefined ? '' : `:${peer.port}`;
  return peer.namespace === undefined || name.includes('.') ? `${name}${port}` : `${peer.namespace}/${name}${port}`;
};

const tlsText = (tls: TapEvent['tls']): string => (tls === 'mutual' ? 'mTLS' : tls === 'none' ? 'open' : '-   ');

export function durationText(ms: number | undefined): string {
  if (ms === undefined) return '-';
  if (ms < 10 && ms % 1 !== 0) return `${ms.toFixed(1)}ms`;
  if (ms < 10_000) return `${Math.round(ms)}ms`;
  return ms < 600_000 ? `${(ms / 1000).toFixed(1)}s` : `${Math.round(ms / 60_000)}m`;
}

function bytesText(bytes: number | undefined): string {
  if (bytes === undefined) return '-';
  if (bytes < 10_000) return `${bytes}B`;
  return bytes < 10_000_000 ? `${Math.round(bytes / 1000)}kB` : `${Math.round(bytes / 1_000_000)}MB`;
}

function cut(text: string, room: number | undefined): string {
  if (room === undefined || visibleWidth(text) <= room) return text;
  let used = 0;
  for (const { width, at } of cellsOf(text)) {
    if (used + width > room - 1) return `${text.slice(0, at)}…`;
    used += width;
  }
  return text;
}

function paintFor(outcome: TapOutcome, style: Style): (text: string) => string {
  if (outcome === 'ok') return style.added;
  if (outcome === 'redirect') return style.info;
  return outcome === 'client-error' ? style.warning : style.error;
}

export interface TapTotals {
  readonly elapsedMs: number;
  readonly dropped: number;
  /** Left out by --max-rps and --sample. */
  readonly thinned: number;
}

export function tapSummaryText(summary: TapSummary, { elapsedMs, dropped, thinned }: TapTotals): string {
  const { all } = summary;
  const seconds = Math.max(0.001, elapsedMs / 1000);
  const rate = all.count === 0 ? '' : ` (${(all.count / seconds).toFixed(1)} a second), ${percentText(all)} successful${latencyText(all)}`;
  return [
    `${count(all.count, 'request')} in ${seconds.toFixed(1)}s${rate}.`,
    ...summary
      .flags()
      .slice(0, 5)
      .map(
        ([flags, number]) =>
          `  ${number} with ${
            flagMeanings(flags)
              .map(({ flag, meaning }) => `${flag} (${meaning})`)
              .join(', ') || flags
          }`,
      ),
    ...(thinned > 0 ? [`  ${thinned} more were not shown: --max-rps and --sample say how many are.`] : []),
    ...(dropped > 0 ? [`  ${dropped} more were lost, as they came faster than they could be printed.`] : []),
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const latencyText = ({ latencies }: TapRow): string =>
  latencies.count === 0
    ? ''
    : `, ${(
        [
          [0.5, 'p50'],
          [0.95, 'p95'],
          [0.99, 'p99'],
        ] as const
      )
        .map(([part, name]) => `${name} ${durationText(latencies.percentile(part))}`)
        .join(', ')}`;

function percentText({ count: number, success }: TapRow): string {
  return `${((success / number) * 100).toFixed(success === number ? 0 : 1)}%`;
}

interface TopColumn {
  readonly head: string;
  cell(row: TapRow): string;
  /** Left out where the names would be cut for it. */
  readonly isExtra?: boolean;
}

/** Columns of a terminal from which on there is room for all. */
const ROOMY = 100;

/** The most frequent of them. */
export function topText(summary: TapSummary, elapsedMs: number, { color, width }: TapLook, most: number): string {
  const seconds = Math.max(0.001, elapsedMs / 1000);
  const columns: readonly TopColumn[] = [
    { head: 'FROM', cell: ({ source }) => source },
    { head: 'TO', cell: ({ destination }) => destination },
    { head: 'ROUTE', cell: ({ method, path }) => `${method} ${path}` },
    { head: 'COUNT', cell: ({ count: number }) => String(number), isExtra: true },
    { head: 'RPS', cell: ({ count: number }) => (number / seconds).toFixed(1) },
    { head: 'SUCCESS', cell: percentText },
    { head: 'P50', cell: ({ latencies }) => durationText(latencies.percentile(0.5)) },
    { head: 'P95', cell: ({ latencies }) => durationText(latencies.percentile(0.95)), isExtra: true },
    { head: 'P99', cell: ({ latencies }) => durationText(latencies.percentile(0.99)) },
  ];
  const shown = columns.filter(({ isExtra }) => !isExtra || width === undefined || width >= ROOMY);
  const rows = summary
    .rows()
    .slice(0, most)
    .map((row) => shown.map(({ cell }) => printableLine(cell(row))));
  return `${table(rows, { head: shown.map(({ head }) => head), color, width, flexible: [0, 1, 2] })}\n`;
}
