/** What Kuma's control plane does in a cluster: it injects new pods, and notes on each proxy what it is to do and how it fares. */
import { itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { Inside, Programs } from '../options.ts';
import type { Certificate } from '../pki/certificate.ts';
import { webhookServer } from '../programs/webhook-server.ts';
import { type KubeObject, timestamp } from '../store/object.ts';
import { INJECTION, KUMA_HUB, KUMA_VERSION } from './_kuma.ts';

const POD: Kind = 'core/Pod';
const DATAPLANE: Kind = 'kuma.io/Dataplane';
const INSIGHT: Kind = 'kuma.io/DataplaneInsight';
const SIDECAR = 'kuma-sidecar';
const PORT = 5443;
const HOUR_MS = 3_600_000;

/** What the injector made of pods before the sandbox opened. */
export const injectedByKuma = (pod: KubeObject, webhook: string): KubeObject =>
  webhook.endsWith('-kuma-injector.kuma.io') ? injected(pod) : pod;

/** @param serving the certificate that the webhooks are served with */
export function kumaWebhooks(serving: Certificate): () => Programs {
  return () => {
    const keep = (object: KubeObject): KubeObject => object;
    const paths = { '/inject-sidecar': injected, '/default-kuma-io-v1alpha1-mesh': keep, '/validate-kuma-io-v1alpha1': keep };
    const open = webhookServer(serving, paths);
    return { dial: ({ metadata }, port) => (port === PORT && metadata.labels?.['app'] === 'kuma-control-plane' ? open() : undefined) };
  };
}

const hasSidecar = (pod: KubeObject): boolean => itemsAt(pod, 'spec', 'initContainers').some(({ item }) => item['name'] === SIDECAR);

/** The sidecar as a native one. */
function injected(pod: KubeObject): KubeObject {
  if (hasSidecar(pod) || pod.metadata.labels?.[INJECTION] === 'disabled') return pod;
  const spec = objectAt(pod, 'spec');
  const init = {
    name: 'kuma-init',
    image: `${KUMA_HUB}/kuma-init:${KUMA_VERSION}`,
    command: ['/usr/bin/kumactl', 'install', 'transparent-proxy'],
    args: ['--config=/tmp/transparent-proxy/base/config.yaml'],
    securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] }, runAsUser: 0, runAsGroup: 0 },
  };
  const sidecar = {
    name: SIDECAR,
    image: `${KUMA_HUB}/kuma-dp:${KUMA_VERSION}`,
    args: ['run', '--log-level=info'],
    env: [{ name: 'KUMA_CONTROL_PLANE_URL', value: 'https://kuma-control-plane.kuma-system:5678' }],
    readinessProbe: { httpGet: { path: '/ready', port: 9902 } },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '512Mi' } },
    restartPolicy: 'Always',
    securityContext: { runAsUser: 5678, runAsGroup: 5678, allowPrivilegeEscalation: false },
  };
  return {
    ...pod,
    metadata: {
      ...pod.metadata,
      labels: { ...pod.metadata.labels, 'kuma.io/mesh': 'default' },
      annotations: { ...pod.metadata.annotations, 'kuma.io/sidecar-injected': 'true' },
    },
    spec: { ...spec, initContainers: [init, sidecar, ...listAt(spec, 'initContainers')] },
  };
}

/** Keeps a Dataplane and an insight for every pod with a sidecar. They go with their pod, which owns them. */
export function kumaControlPlane({ store, now, closing }: Inside): Programs {
  const keep = (pod: KubeObject): void => {
    const { name, namespace = '' } = pod.metadata;
    const address = stringAt(pod, 'status', 'podIP');
    if (address === undefined || !hasSidecar(pod) || store.get(DATAPLANE, namespace, name)) return;
    const since = Date.parse(pod.metadata.creationTimestamp ?? '') || now();
    store.create(DATAPLANE, object('Dataplane', pod, { spec: specOf(pod, address) }));
    store.create(INSIGHT, object('DataplaneInsight', pod, { status: statusOf(name, since) }));
  };
  for (const pod of store.list(POD)) keep(pod);
  const stop = store.subscribe(({ kind, type, object: changed }) => {
    if (kind === POD && type !== 'DELETED') keep(changed);
  });
  closing.addEventListener('abort', stop, { once: true });
  return {};
}

function object(kind: string, { metadata }: KubeObject, more: object): KubeObject {
  const { name, namespace = '', labels = {}, uid = '' } = metadata;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name, uid, controller: true, blockOwnerDeletion: true }];
  return { apiVersion: 'kuma.io/v1alpha1', kind, mesh: 'default', metadata: { name, namespace, labels, ownerReferences }, ...more };
}

function specOf(pod: KubeObject, address: string): object {
  const ports = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) =>
    listAt(item, 'ports').map((port) => objectAt(port)['containerPort']),
  );
  return {
    networking: {
      address,
      inbound: ports.map((port) => ({ port, state: 'Ready', health: { ready: true }, tags: { 'kuma.io/protocol': 'http' } })),
      transparentProxying: { redirectPortInbound: 15_006, redirectPortOutbound: 15_001 },
    },
  };
}

/** Counters are written as strings, as JSON of Protocol Buffers has 64-bit numbers. */
function statusOf(name: string, since: number): object {
  const answers = (number: number): object => ({ responsesSent: `${number}`, responsesAcknowledged: `${number}` });
  return {
    subscriptions: [
      {
        id: `${name}-1`,
        controlPlaneInstanceId: 'kuma-control-plane-1',
        connectTime: timestamp(since),
        generation: 1,
        status: {
          lastUpdateTime: timestamp(since),
          total: answers(8),
          cds: answers(3),
          eds: answers(2),
          lds: answers(3),
          rds: {},
        },
        version: {
          kumaDp: { version: KUMA_VERSION, gitTag: KUMA_VERSION, kumaCpCompatible: true },
          envoy: { version: '1.34.1', kumaDpCompatible: true },
        },
      },
    ],
    mTLS: {
      certificateExpirationTime: timestamp(since + 24 * HOUR_MS),
      lastCertificateRegeneration: timestamp(since),
      certificateRegenerations: 1,
      issuedBackend: 'ca-1',
      supportedBackends: ['ca-1'],
    },
  };
}
