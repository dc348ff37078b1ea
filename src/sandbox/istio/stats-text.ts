/** Counters as Envoy's admin port shows them: as text, as JSON, and for Prometheus. */
import { BUCKETS, type ProxyStats } from './stats.ts';

export interface Shown {
  readonly stats: ProxyStats;
  /** Values that are not counted by requests, such as `server.uptime`. */
  readonly gauges: Readonly<Record<string, number>>;
}

const QUANTILES = [0, 25, 50, 75, 90, 95, 99, 99.5, 99.9, 100];

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : left > right ? 1 : 0;

export interface Selection {
  readonly matches: (name: string) => boolean;
  readonly usedOnly: boolean;
}

function valuesOf({ stats, gauges }: Shown, { matches, usedOnly }: Selection): readonly (readonly [string, number])[] {
  const all = [...stats.counters, ...Object.entries(gauges)];
  return all.filter(([name, value]) => matches(name) && !(usedOnly && value === 0)).sort(byName);
}

const histogramsOf = ({ stats }: Shown, { matches }: Selection): readonly (readonly [string, readonly number[]])[] =>
  [...stats.histograms].filter(([name]) => matches(name)).sort(byName);

function quantile(sorted: readonly number[], percent: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? 0;
}

const sortedCopy = (values: readonly number[]): readonly number[] => [...values].sort((left, right) => left - right);

export function statsText(shown: Shown, selection: Selection): string {
  const lines = valuesOf(shown, selection).map(([name, value]) => `${name}: ${value}`);
  const histograms = histogramsOf(shown, selection).map(([name, values]) => {
    const sorted = sortedCopy(values);
    return `${name}: ${QUANTILES.map((percent) => `P${percent}(nan,${quantile(sorted, percent)})`).join(' ')}`;
  });
  return [...lines, ...histograms].map((line) => `${line}\n`).join('');
}

export function statsJson(shown: Shown, selection: Selection): object {
  const values = valuesOf(shown, selection).map(([name, value]) => ({ name, value }));
  const computed_quantiles = histogramsOf(shown, selection).map(([name, observed]) => {
    const sorted = sortedCopy(observed);
    return { name, values: QUANTILES.map((percent) => ({ cumulative: quantile(sorted, percent), interval: null })) };
  });
  const histograms = computed_quantiles.length > 0 ? [{ histograms: { supported_quantiles: QUANTILES, computed_quantiles } }] : [];
  return { stats: [...values, ...histograms] };
}

type Labels = Readonly<Record<string, string>>;

const quoted = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const labelled = (labels: Labels): string =>
  `{${Object.entries(labels)
    .map(([name, value]) => `${name}="${quoted(value)}"`)
    .join(',')}}`;

/** The name of a family, and what of Envoy's name becomes a label. */
function familyOf(name: string): { readonly family: string; readonly labels: Labels } {
  const [, scope, of, rest = ''] = /^(cluster|http)\.(.+?);?\.([a-zA-Z0-9_.]+)$/.exec(name) ?? [];
  if (of === undefined) return { family: `envoy_${name.replace(/[^a-zA-Z0-9]/g, '_')}`, labels: {} };
  const [, code, codeClass] = /^.*_rq_(?:(\d{3})|(\d)xx)$/.exec(rest) ?? [];
  const label = scope === 'cluster' ? { cluster_name: of } : { http_conn_manager_prefix: of };
  const status: Labels = { ...(code ? { response_code: code } : {}), ...(codeClass ? { response_code_class: codeClass } : {}) };
  const base = rest.replace(/_\d{3}$/, '').replace(/_\dxx$/, '_xx');
  return { family: `envoy_${scope}_${base.replaceAll('.', '_')}`, labels: { ...status, ...label } };
}

/** In the order of Envoy. */
const TYPES = ['counter', 'gauge', 'histogram'];

export function prometheusText(shown: Shown, selection: Selection): string {
  const families = new Map<string, { readonly type: string; readonly lines: string[] }>();
  const add = (family: string, type: string, line: string): void => {
    const known = families.get(family) ?? { type, lines: [] };
    families.set(family, known);
    known.lines.push(line);
  };
  for (const [name, value] of valuesOf(shown, selection)) {
    const { family, labels } = familyOf(name);
    add(family, name in shown.gauges ? 'gauge' : 'counter', `${family}${labelled(labels)} ${value}`);
  }
  for (const { labels, count, durations } of shown.stats.telemetry.values()) {
    add('istio_requests_total', 'counter', `istio_requests_total${labelled(labels)} ${count}`);
    const name = 'istio_request_duration_milliseconds';
    for (const [index, end] of BUCKETS.entries()) {
      add(name, 'histogram', `${name}_bucket${labelled({ ...labels, le: String(end) })} ${durations.counts[index] ?? 0}`);
    }
    add(name, 'histogram', `${name}_bucket${labelled({ ...labels, le: '+Inf' })} ${durations.count}`);
    add(name, 'histogram', `${name}_sum${labelled(labels)} ${durations.sum}`);
    add(name, 'histogram', `${name}_count${labelled(labels)} ${durations.count}`);
  }
  const byType = (left: { readonly type: string }, right: { readonly type: string }): number =>
    TYPES.indexOf(left.type) - TYPES.indexOf(right.type);
  return [...families]
    .sort((left, right) => byType(left[1], right[1]) || byName(left, right))
    .flatMap(([family, { type, lines }]) => [`# TYPE ${family} ${type}\n`, ...lines.map((line) => `${line}\n`)])
    .join('');
}
