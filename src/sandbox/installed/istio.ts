/**
 * Istio where charts have installed it. istiod makes an authority, publishes its certificate in every namespace, writes it
 * into the webhooks of its revision, and serves them. What it writes is in no chart, and stays when the chart goes.
 */
import type { Duplex } from 'node:stream';
import { itemsAt, listAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import { MUTATING, VALIDATING } from '../admission/webhook-match.ts';
import { shapeOf } from '../change/list-shape.ts';
import { manageUpdate } from '../change/managed-fields.ts';
import { isReady, POD } from '../controllers/workload-parts.ts';
import { istioPrograms } from '../istio/programs.ts';
import type { Inside, Programs } from '../options.ts';
import type { Certificate } from '../pki/certificate.ts';
import { together } from '../programs/together.ts';
import { ISTIOD_WEBHOOK_PORT, istiodServer } from '../scenarios/_injector.ts';
import { authority } from '../scenarios/_istio.ts';
import { type Fields, type KubeObject, timestamp } from '../store/object.ts';
import type { Store } from '../store/store.ts';

const NAMESPACE: Kind = 'core/Namespace';
const WATCHED: readonly Kind[] = [POD, NAMESPACE, MUTATING, VALIDATING];

export function installedIstio(inside: Inside): Programs {
  const own = authority();
  return together(webhooksOf(own), istioPrograms({ authority: own, application: { behaviours: [], clients: [] } }))(inside);
}

const webhooksOf =
  (issuer: Certificate) =>
  (inside: Inside): Programs => {
    const { store, after, closing } = inside;
    let isScheduled = false;
    const servers = new Map<string, () => Duplex>();
    const work = (): void => {
      isScheduled = false;
      for (const pod of store.list(POD).filter((each) => isIstiod(each) && isReady(each))) start(inside, pod, issuer);
    };
    const unsubscribe = store.subscribe(({ kind }) => {
      if (isScheduled || !WATCHED.includes(kind)) return;
      isScheduled = true;
      after(0, work);
    });
    closing.addEventListener('abort', unsubscribe, { once: true });
    return {
      dial: (pod, port) => {
        if (port !== ISTIOD_WEBHOOK_PORT || !isIstiod(pod)) return undefined;
        const { uid = '', namespace = '' } = pod.metadata;
        const server =
          servers.get(uid) ?? istiodServer(issuer, { dnsNames: [`${serviceOf(pod)}.${namespace}.svc`], version: versionOf(pod) });
        servers.set(uid, server);
        return server();
      },
    };
  };

const isIstiod = ({ metadata }: KubeObject): boolean => metadata.labels?.['app'] === 'istiod';

const revisionOf = ({ metadata }: KubeObject): string => metadata.labels?.['istio.io/rev'] ?? 'default';

const serviceOf = (pod: KubeObject): string => (revisionOf(pod) === 'default' ? 'istiod' : `istiod-${revisionOf(pod)}`);

const versionOf = (pod: KubeObject): string =>
  (stringAt(itemsAt(pod, 'spec', 'containers')[0]?.item, 'image') ?? '').split(':').at(-1) ?? '';

/** What a start leads to is done once; later ones find it done. */
function start({ store, now }: Inside, pod: KubeObject, { certificatePem, keyPem }: Certificate): void {
  const { namespace = '', name } = pod.metadata;
  put(store, 'core/Secret', {
    ...{ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'istio-ca-secret', namespace }, type: 'istio.io/ca-root' },
    data: { 'ca-cert.pem': base64(certificatePem), 'ca-key.pem': base64(keyPem) },
  });
  put(store, 'coordination.k8s.io/Lease', {
    ...{ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'istio-leader', namespace } },
    spec: { holderIdentity: name, leaseDurationSeconds: 30, acquireTime: `${timestamp(now()).slice(0, -1)}.000000Z` },
  });
  for (const { metadata } of store.list(NAMESPACE)) {
    if (metadata.deletionTimestamp !== undefined || metadata.name.startsWith('kube-')) continue;
    put(store, 'core/ConfigMap', {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'istio-ca-root-cert', namespace: metadata.name } },
      data: { 'root-cert.pem': certificatePem },
    });
  }
  for (const kind of [MUTATING, VALIDATING]) {
    for (const configuration of store.list(kind)) {
      if (revisionOf(configuration) === revisionOf(pod) && 'istio.io/rev' in stringMapAt(configuration, 'metadata', 'labels'))
        store.replace(kind, written(configuration, certificatePem, timestamp(now())));
    }
  }
}

/** With the fields that istiod sets, as its own: a chart that is applied anew meets them. */
function written(configuration: KubeObject, pem: string, time: string): KubeObject {
  const next = { ...configuration, webhooks: listAt(configuration, 'webhooks').map((each) => ready(each as Fields, pem)) };
  const author = { manager: 'pilot-discovery', apiVersion: 'admissionregistration.k8s.io/v1', subresource: '', time };
  const { managedFields = [] } = configuration.metadata;
  return {
    ...next,
    metadata: { ...next.metadata, managedFields: manageUpdate(configuration, next, managedFields, author, shapeOf(undefined)) },
  };
}

/** A webhook that API servers can call: they know its authority, and may rely on its answer. */
const ready = (webhook: Fields, pem: string): Fields => ({
  ...webhook,
  clientConfig: { ...(webhook['clientConfig'] as Fields), caBundle: base64(pem) },
  failurePolicy: 'Fail',
});

function put(store: Store, kind: Kind, object: KubeObject): void {
  const { namespace = '', name } = object.metadata;
  if (!store.get(kind, namespace, name)) store.create(kind, object);
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');
