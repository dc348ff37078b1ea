/** A made-up Linkerd mesh on a manual clock, and the metrics of its proxies. */
import { type Changes, emojivotoMesh } from '../../../src/sandbox/scenarios/_emojivoto.ts';
import { type OpenCluster, openCluster } from '../cluster.ts';

export interface Mesh extends OpenCluster {
  /** Samples of a proxy's metrics. */
  metrics(workload: string): Promise<readonly Sample[]>;
}

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** Ends with the test. */
export async function openMesh(options = emojivotoMesh()): Promise<Mesh> {
  const opened = await openCluster(options, 'emojivoto');
  return { ...opened, metrics: async (workload) => samplesOf((await opened.port(workload, 4191).request('/metrics')).body) };
}

export const changedMesh = (changes: Changes): Promise<Mesh> => openMesh(emojivotoMesh(changes));

const samplesOf = (text: string): readonly Sample[] =>
  [...text.matchAll(/^(\w+)(?:\{(.*)\})? (\S+)$/gm)].map(([, name = '', labels = '', value = '']) => ({
    name,
    labels: Object.fromEntries([...labels.matchAll(/(\w+)="([^"]*)"/g)].map(([, label = '', text = '']) => [label, text])),
    value: Number(value),
  }));

/** The sum of the samples that have the labels; undefined when there are none. */
export function sumOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = samples.filter(
    (each) => each.name === name && Object.entries(labels).every(([label, value]) => each.labels[label] === value),
  );
  return found.length === 0 ? undefined : found.reduce((sum, { value }) => sum + value, 0);
}
