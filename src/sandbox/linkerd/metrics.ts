/** Counters and gauges of one program, in the text form of Prometheus. */

export type MetricLabels = Readonly<Record<string, string | number>>;

/** Upper ends of the buckets in which Linkerd counts milliseconds. */
const BOUNDS = [
  ...[1, 2, 3, 4, 5, 10, 20, 30, 40, 50, 100, 200, 300, 400, 500, 1000, 2000, 3000, 4000, 5000],
  ...[10_000, 20_000, 30_000, 40_000, 50_000, Number.POSITIVE_INFINITY],
];

type Type = 'counter' | 'gauge' | 'histogram';

interface Family {
  readonly type: Type;
  readonly samples: Map<string, number>;
}

export class Metrics {
  readonly #families = new Map<string, Family>();

  add(name: string, labels: MetricLabels, more = 1): void {
    const { samples } = this.#family(name, 'counter');
    const key = name + labelText(labels);
    samples.set(key, (samples.get(key) ?? 0) + more);
  }

  set(name: string, labels: MetricLabels, value: number, type: 'gauge' | 'counter' = 'gauge'): void {
    this.#family(name, type).samples.set(name + labelText(labels), value);
  }

  /** Counts a duration in the buckets of a histogram. */
  observe(name: string, labels: MetricLabels, value: number): void {
    const { samples } = this.#family(name, 'histogram');
    const add = (key: string, more: number): unknown => samples.set(key, (samples.get(key) ?? 0) + more);
    for (const bound of BOUNDS) {
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : bound;
      add(`${name}_bucket${labelText({ ...labels, le })}`, value <= bound ? 1 : 0);
    }
    add(`${name}_count${labelText(labels)}`, 1);
    add(`${name}_sum${labelText(labels)}`, value);
  }

  /** Forgets samples that have a label of that value, as proxies do with peers that they talk to no more. */
  drop(label: string, value: string): void {
    const wanted = `${label}="${value}"`;
    for (const { samples } of this.#families.values()) for (const key of samples.keys()) if (key.includes(wanted)) samples.delete(key);
  }

  text(): string {
    return [...this.#families]
      .map(([name, { type, samples }]) => {
        const lines = [...samples].map(([key, value]) => `${key} ${value}\n`);
        return `# HELP ${name} ${HELP[name] ?? name.replaceAll('_', ' ')}.\n# TYPE ${name} ${type}\n${lines.join('')}`;
      })
      .join('');
  }

  #family(name: string, type: Type): Family {
    const family = this.#families.get(name) ?? { type, samples: new Map<string, number>() };
    this.#families.set(name, family);
    return family;
  }
}

function labelText(labels: MetricLabels): string {
  const entries = Object.entries(labels);
  if (entries.length === 0) return '';
  return `{${entries.map(([name, value]) => `${name}="${String(value).replace(/[\\"\n]/g, escaped)}"`).join(',')}}`;
}

const escaped = (character: string): string => (character === '\n' ? '\\n' : `\\${character}`);

const HELP: Readonly<Record<string, string>> = {
  request_total: 'Requests that the proxy has passed on',
  response_total: 'Responses that the proxy has passed on',
  response_latency_ms: 'Milliseconds from a request to its response',
};
