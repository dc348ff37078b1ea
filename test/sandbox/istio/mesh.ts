/** The bookinfo mesh on a manual clock, asked through the real door to clusters. */
import { onTestFinished } from 'vitest';
import { connect } from '../../../src/cluster/connect.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import { at, itemsAt } from '../../../src/model/body.ts';
import type { Cluster, PodPort } from '../../../src/model/cluster.ts';
import { bookinfoMesh } from '../../../src/sandbox/scenarios/_bookinfo.ts';
import { type Sandbox, startSandbox } from '../../../src/sandbox/server.ts';
import type { KubeObject } from '../../../src/sandbox/store/object.ts';
import { type ManualClock, manualClock } from '../clock.ts';

export interface Mesh {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  readonly clock: ManualClock;
  /** The first pod whose name begins like this. */
  pod(name: string, namespace?: string): KubeObject;
  port(name: string, port: number, namespace?: string): PodPort;
  /** The answer of a proxy's administration. */
  admin(name: string, path: string, method?: string): Promise<{ readonly status: number; readonly body: string }>;
}

/** Ends with the test. */
export async function openMesh(options = bookinfoMesh()): Promise<Mesh> {
  const clock = manualClock();
  const sandbox = await startSandbox({ ...options, clock, podStartMs: 20 });
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
  onTestFinished(async () => {
    await cluster.close();
    await sandbox.close();
  });
  const pod = (name: string, namespace = 'bookinfo'): KubeObject => {
    const found = sandbox.store.list('core/Pod', namespace).find(({ metadata }) => metadata.name.startsWith(`${name}-`));
    if (!found) throw new RangeError(name);
    return found;
  };
  const port = (name: string, number: number, namespace = 'bookinfo'): PodPort =>
    cluster.podPort({ kind: 'core/Pod', namespace, name: pod(name, namespace).metadata.name }, number);
  return {
    ...{ sandbox, cluster, clock, pod, port },
    admin: (name, path, method = 'GET') =>
      port(name, 15_000, name.startsWith('istio') ? 'istio-system' : 'bookinfo').request(path, { method }),
  };
}

/** The entries of a part of a config dump, by the name of the field that holds them. */
export const dumped = (body: string, field: string): readonly object[] =>
  itemsAt(JSON.parse(body), 'configs').flatMap(({ item }) => itemsAt(item, field).map((each) => each.item));

/** The value of a counter; undefined when it is not there. */
export function stat(body: string, name: string): number | undefined {
  const value = itemsAt(JSON.parse(body), 'stats').find(({ item }) => item['name'] === name)?.item;
  return value && Number(at(value, ['value']));
}
