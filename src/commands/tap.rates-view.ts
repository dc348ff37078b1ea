/** Rates as a table for each interval, and their sum. */
import type { Rate } from '../model/rates.ts';
import { countedOnce, percentileOf, together } from '../tap/rates.ts';
import { peerName } from '../tap/summary.ts';
import { printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { count } from '../text/words.ts';
import { durationText, fullName } from './tap.view.ts';

export interface RatesLook {
  /** End of the interval; absent for the whole time. */
  readonly now?: number;
  readonly elapsedMs: number;
  readonly color: boolean;
  readonly width: number | undefined;
  readonly wide: boolean;
}

const PERCENTILES = [0.5, 0.95, 0.99] as const;
const MOST_ROWS = 40;

/** Seconds of an interval; never none, as what was counted took some time. */
const secondsOf = (ms: number): number => Math.max(0.001, ms / 1000);

export function ratesText(rates: readonly Rate[], { now, elapsedMs, color, width, wide }: RatesLook): string {
  const time = now === undefined ? 'WAY' : new Date(now).toISOString().slice(11, 19);
  const style = styleFor(color);
  if (rates.length === 0) return now === undefined ? '' : `${style.dim(time)} no requests\n`;
  const name = wide ? fullName : peerName;
  const rows = rates
    .slice(0, MOST_ROWS)
    .map((rate) => [
      { inbound: 'in', outbound: 'out', unknown: '?' }[rate.direction],
      printableLine(name(rate.source)),
      printableLine(name(rate.destination)),
      (rate.requests / secondsOf(elapsedMs)).toFixed(1),
      successText(rate),
      ...PERCENTILES.map((part) => durationText(percentileOf(rate.durations, part))),
      printableLine(statusesText(rate.statuses, wide)),
    ]);
  const head = [time, 'FROM', 'TO', 'RPS', 'SUCCESS', 'P50', 'P95', 'P99', wide ? 'STATUS' : 'NOT 200'];
  const more = rates.length > MOST_ROWS ? `${rates.length - MOST_ROWS} more with fewer requests.\n` : '';
  return `${table(rows, { head, color, width, flexible: [1, 2, 8] })}\n${more}`;
}

const successText = ({ successes, requests }: Pick<Rate, 'successes' | 'requests'>): string =>
  `${((successes / requests) * 100).toFixed(successes === requests ? 0 : 1)}%`;

/** The most frequent first. */
const statusesText = (statuses: Rate['statuses'], wide: boolean): string =>
  [...statuses]
    .filter(([status]) => wide || status !== '200')
    .sort(([, left], [, right]) => right - left)
    .map(([status, number]) => `${number}×${status}`)
    .join(' ');

export function ratesSummary(rates: readonly Rate[], elapsedMs: number): string {
  const all = together(countedOnce(rates));
  const seconds = secondsOf(elapsedMs);
  const within = `${count(all.requests, 'request')} in ${seconds.toFixed(1)}s`;
  if (all.requests === 0) return `${within}.\n`;
  const latencies = PERCENTILES.flatMap((part) => {
    const ms = percentileOf(all.durations, part);
    return ms === undefined ? [] : [`p${part * 100} ${durationText(ms)}`];
  });
  return `${[`${within} (${(all.requests / seconds).toFixed(1)} a second), ${successText(all)} successful`, ...latencies].join(', ')}.\n`;
}
