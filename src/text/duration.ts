/** Spans of time as Go writes them, which is what Istio, Linkerd and Kubernetes read. */

const DURATION = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/;
const PART = /([\d.]+)([a-zµμ]+)/g;

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

/**
 * Reads a duration such as `5s`, `1h30m` or `-1.5s`; `0` needs no unit.
 * @returns milliseconds; undefined for what is no duration
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0;
  if (!DURATION.test(text)) return undefined;
  let sum = 0;
  for (const [, number, unit = ''] of text.matchAll(PART)) sum += Number(number) * (MILLISECONDS[unit] ?? 0);
  return text.startsWith('-') ? -sum : sum;
}

/**
 * Writes a duration as Go does: `1h0m0s`, `1.5s`, `250ms`, `0s`.
 * @param milliseconds of which parts below a microsecond are dropped
 */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? '-' : '';
  const total = Math.abs(milliseconds);
  if (total === 0) return '0s';
  if (total < 1) return `${sign}${trimmed(total * 1000)}µs`;
  if (total < 1000) return `${sign}${trimmed(total)}ms`;
  const [hours, minutes] = [Math.floor(total / 3_600_000), Math.floor((total % 3_600_000) / 60_000)];
  const seconds = `${trimmed((total % 60_000) / 1000)}s`;
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}` : `${sign}${seconds}`;
}

const trimmed = (value: number): string => String(Number(value.toFixed(9)));
