/** A made-up Linkerd mesh on a manual clock, asked through the real door to clusters. */
import { onTestFinished } from 'vitest';
import { connect } from '../../../src/cluster/connect.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import type { Cluster, PodPort } from '../../../src/model/cluster.ts';
import { type Changes, emojivotoMesh } from '../../../src/sandbox/scenarios/_emojivoto.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import type { KubeObject } from '../../../src/sandbox/store/object.ts';
import { type ManualClock, manualClock } from '../clock.ts';

export interface Mesh {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  readonly clock: ManualClock;
  /** The pod of a workload; those of the application are in namespace emojivoto. */
  pod(workload: string, namespace?: string): KubeObject;
  port(workload: string, port: number, namespace?: string): PodPort;
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
  const clock = manualClock();
  const sandbox = await startSandbox({ ...options, clock, podStartMs: 20 });
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
  onTestFinished(async () => {
    await cluster.close();
    await sandbox.close();
  });
  const pod = (workload: string, namespace = 'emojivoto'): KubeObject => {
    const found = sandbox.store.list('core/Pod', namespace).find(({ metadata }) => metadata.name.startsWith(`${workload}-`));
    if (!found) throw new RangeError(workload);
    return found;
  };
  const port = (workload: string, number: number, namespace = 'emojivoto'): PodPort =>
    cluster.podPort({ kind: 'core/Pod', namespace, name: pod(workload, namespace).metadata.name }, number);
  return {
    ...{ sandbox, cluster, clock, pod, port },
    metrics: async (workload) => samplesOf((await port(workload, 4191).request('/metrics')).body),
  };
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
