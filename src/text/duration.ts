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
