/** A sandbox on a manual clock, asked through the real door to clusters. */
import { onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Cluster, PodPort } from '../../src/model/cluster.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import type { KubeObject } from '../../src/sandbox/store/object.ts';
import { type ManualClock, manualClock } from './clock.ts';

export interface OpenCluster {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  readonly clock: ManualClock;
  /** The first pod whose name begins like this. */
  pod(name: string, namespace?: string): KubeObject;
  port(name: string, port: number, namespace?: string): PodPort;
}

/** Ends with the test. @param home namespace of pods when none is named */
export async function openCluster(options: SandboxOptions, home: string): Promise<OpenCluster> {
  const clock = manualClock();
  const sandbox = await startSandbox({ ...options, clock, podStartMs: 20 });
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
  onTestFinished(async () => {
    await cluster.close();
    await sandbox.close();
  });
  const pod = (name: string, namespace = home): KubeObject => {
    const found = sandbox.store.list('core/Pod', namespace).find(({ metadata }) => metadata.name.startsWith(`${name}-`));
    if (!found) throw new RangeError(name);
    return found;
  };
  const port = (name: string, number: number, namespace = home): PodPort =>
    cluster.podPort({ kind: 'core/Pod', namespace, name: pod(name, namespace).metadata.name }, number);
  return { sandbox, cluster, clock, pod, port };
}
