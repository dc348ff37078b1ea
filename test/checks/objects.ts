/** Objects that tests of meshes with sidecars need, as YAML documents. */

import type { ServedKind } from '../../src/model/cluster.ts';
import type { Kind } from '../../src/model/resource.ts';
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';
import { NOW } from './facts.ts';

const DAY_MS = 86_400_000;

/** A map as YAML on one line. */
const flow = (value: unknown): string => JSON.stringify(value);

const document = (value: object): string => `${flow(value)}\n---\n`;

type Labels = Readonly<Record<string, string>>;

export const namespace = (name: string, labels: Labels = {}, annotations: Labels = {}): string =>
  document({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } });

interface Workload {
  readonly kind?: 'Deployment' | 'StatefulSet';
  readonly labels?: Labels;
  readonly image?: string;
  readonly args?: readonly string[];
  readonly env?: Labels;
  readonly volumes?: readonly object[];
  readonly replicas?: number;
  readonly ready?: number;
}

/** @param path `namespace/name` */
export function workload(
  path: string,
  { kind = 'Deployment', labels = {}, image = 'main:1', args = [], env = {}, volumes = [], replicas = 1, ready = replicas }: Workload = {},
): string {
  const [within, name] = path.split('/');
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const containers = [{ name: 'main', image, args, env: variables }];
  return document({
    apiVersion: 'apps/v1',
    kind,
    metadata: { name, namespace: within, labels },
    spec: { replicas, template: { metadata: { labels }, spec: { containers, volumes } } },
    status: { readyReplicas: ready },
  });
}

interface Pod {
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Container and image of the sidecar; none when absent. */
  readonly sidecar?: readonly [name: string, image: string];
  readonly env?: Labels;
  readonly ready?: boolean;
  /** Why the sidecar does not run. */
  readonly waiting?: string;
  readonly phase?: string;
  readonly hostNetwork?: boolean;
  /** Before the tests' now. */
  readonly ageMs?: number;
}

/** @param path `namespace/name` */
export function pod(
  path: string,
  { labels = {}, annotations = {}, sidecar, env = {}, ready = true, waiting, phase = 'Running', hostNetwork, ageMs = 3_600_000 }: Pod = {},
): string {
  const [within, name] = path.split('/');
  const variables = Object.entries(env).map(([key, value]) => ({ name: key, value }));
  const own = sidecar ? [{ name: sidecar[0], image: sidecar[1], env: variables }] : [];
  const state = waiting === undefined ? {} : { waiting: { reason: waiting } };
  return document({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: within, labels, annotations, creationTimestamp: new Date(NOW - ageMs).toISOString() },
    spec: { containers: [{ name: 'app', image: 'app:1' }, ...own], ...(hostNetwork ? { hostNetwork } : {}) },
    status: { phase, containerStatuses: [{ name: 'app', ready: true }, ...own.map((each) => ({ name: each.name, ready, state }))] },
  });
}

interface Webhook {
  readonly configuration?: string;
  readonly service?: string;
  readonly failurePolicy?: string;
  readonly namespaceSelector?: object;
  readonly objectSelector?: object;
}

/** A webhook that is asked about new pods. */
export const podWebhook = (
  name: string,
  { configuration = name, service = 'system/server', failurePolicy = 'Fail', ...selectors }: Webhook = {},
): string =>
  document({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name: configuration },
    webhooks: [
      {
        name,
        clientConfig: { service: { namespace: service.split('/')[0], name: service.split('/')[1] }, caBundle: bundle },
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
        failurePolicy,
        ...selectors,
      },
    ],
  });

function pem(days: number): string {
  const validity = { notBefore: NOW - 100 * DAY_MS, notAfter: NOW + days * DAY_MS };
  return issueCertificate({ commonName: 'authority', isCa: true, ...validity }).certificatePem;
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

const bundle = base64(pem(3000));

/** A Secret whose certificate ends so many days after now. */
export const secret = (path: string, key: string, days: number): string =>
  document({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: path.split('/')[0], name: path.split('/')[1] },
    data: { [key]: base64(pem(days)) },
  });

/** @param body besides metadata */
export const custom = (apiVersion: string, kind: string, path: string, body: object = {}): string =>
  document({
    apiVersion,
    kind,
    metadata: path.includes('/') ? { namespace: path.split('/')[0], name: path.split('/')[1] } : { name: path },
    ...body,
  });

/** What an API server answers that serves those kinds. */
export const serving =
  (...kinds: readonly Kind[]) =>
  async (): Promise<ReadonlyMap<Kind, ServedKind>> =>
    new Map(kinds.map((kind) => [kind, { kind, apiVersion: 'v1', plural: 'things', namespaced: true, verbs: ['list'] }]));
