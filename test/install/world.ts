/** A sandbox without anything in it, a clock that runs fast, and small releases to bring into it. */
import { onTestFinished } from 'vitest';
import { connect } from '../../src/cluster/connect.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Release } from '../../src/install/release.ts';
import { type RunOptions, runRelease, type WantedRelease } from '../../src/install/release-run.ts';
import type { Clock } from '../../src/install/wait.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

/** Seconds of its own in one of ours. */
const SPEED = 50;

export function fastClock(): Clock {
  const start = Date.now();
  return {
    now: () => start + (Date.now() - start) * SPEED,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason as Error);
        const leave = (): void => {
          clearTimeout(timer);
          reject(signal?.reason as Error);
        };
        const timer = setTimeout(() => {
          signal?.removeEventListener('abort', leave);
          resolve();
        }, ms / SPEED);
        signal?.addEventListener('abort', leave);
      }),
  };
}

export interface World {
  readonly sandbox: Sandbox;
  readonly cluster: Cluster;
  readonly clock: Clock;
  run(wanted: WantedRelease, options?: Partial<RunOptions>): Promise<Release>;
  /** `Kind namespace/name` of what is in the namespaces, without what Kubernetes makes itself. */
  objects(): readonly string[];
  /** `v1 deployed`, the oldest first. */
  records(name: string): readonly string[];
}

/** Ends with the test. */
export async function openWorld(objects: readonly object[] = []): Promise<World> {
  const sandbox = await startSandbox({ objects, podStartMs: 20 });
  const cluster = await connect({ kubeconfig: '/kube' }, memoryHost({ files: { '/kube': sandbox.kubeconfig() } }));
  onTestFinished(async () => {
    await cluster.close();
    await sandbox.close();
  });
  const clock = fastClock();
  return {
    ...{ sandbox, cluster, clock },
    run: (wanted, options = {}) =>
      runRelease(cluster, wanted, { clock, timeoutMs: 60_000, waits: true, atomic: false, skipCrds: false, ...options }),
    objects: () =>
      KINDS.flatMap((kind) => sandbox.store.list(kind))
        .filter(
          ({ kind, metadata, type }) =>
            !(kind === 'Secret' && type === 'helm.sh/release.v1') &&
            metadata.namespace !== 'kube-system' &&
            metadata.namespace !== 'default' &&
            metadata.name !== 'kube-root-ca.crt' &&
            !(kind === 'ServiceAccount' && metadata.name === 'default'),
        )
        .map(({ kind, metadata }) => `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`)
        .sort(),
    records: (name) =>
      sandbox.store
        .list('core/Secret')
        .filter(({ metadata }) => metadata.labels?.['owner'] === 'helm' && metadata.labels['name'] === name)
        .map(({ metadata: { labels } }) => [Number(labels?.['version']), labels?.['status']] as const)
        .sort(([left], [right]) => left - right)
        .map(([version, status]) => `v${version} ${status}`),
  };
}

const KINDS = [
  ...[
    'core/ConfigMap',
    'core/Secret',
    'core/Service',
    'core/ServiceAccount',
    'apps/Deployment',
    'batch/Job',
    'rbac.authorization.k8s.io/ClusterRole',
  ],
  ...[
    'apiextensions.k8s.io/CustomResourceDefinition',
    'shop.example.com/Till',
    'admissionregistration.k8s.io/MutatingWebhookConfiguration',
  ],
] as const;

export const yaml = (...objects: readonly object[]): string => objects.map((object) => `---\n${JSON.stringify(object)}\n`).join('');

export const configMap = (name: string, data: object = {}, annotations: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, annotations },
  data,
});
export const deployment = (
  name: string,
  { image = 'web:1', annotations = {} }: { readonly image?: string; readonly annotations?: object } = {},
): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, labels: { app: name } },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name }, annotations }, spec: { containers: [{ name: 'main', image }] } },
  },
});
/** One whose pods crash, as the sandbox is told by an annotation. */
export const crashing = (name: string): object =>
  deployment(name, { image: 'web:bad', annotations: { 'sandbox.meshctl.dev/fate': 'CrashLoopBackOff' } });

export const TILLS: object = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'tills.shop.example.com' },
  spec: {
    group: 'shop.example.com',
    scope: 'Namespaced',
    names: { kind: 'Till', plural: 'tills', singular: 'till', listKind: 'TillList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

export function wantedRelease(manifest: string, more: Partial<WantedRelease> = {}): WantedRelease {
  return {
    ...{ name: 'web', namespace: 'shop', values: { replicas: 1 }, notes: '', hooks: [], manifest, crds: '' },
    chart: { metadata: { name: 'web', version: '1.0.0', apiVersion: 'v2' }, templates: [], values: {}, files: [] },
    ...more,
  };
}
