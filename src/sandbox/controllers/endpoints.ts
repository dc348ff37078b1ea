/** Endpoints and EndpointSlices of services with a selector. */
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import { controllerReference, isLive, isReady, POD } from './workload-parts.ts';

export const SERVICE: Kind = 'core/Service';

const ENDPOINTS: Kind = 'core/Endpoints';
const SLICE: Kind = 'discovery.k8s.io/EndpointSlice';

/** The number that a service's port leads to in a pod; undefined when the pod names no such port. */
function targetOf(port: Fields, pod: KubeObject | undefined): number | undefined {
  const target = port['targetPort'] ?? port['port'];
  if (typeof target !== 'string') return typeof target === 'number' ? target : undefined;
  const ports = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'ports'));
  return numberAt(ports.find(({ item }) => item['name'] === target)?.item, 'containerPort');
}

export function reconcileEndpoints(backend: Backend, service: KubeObject): void {
  const selector = stringMapAt(service, 'spec', 'selector');
  const { name, namespace = '', labels } = service.metadata;
  if (Object.keys(selector).length === 0 || service.metadata.deletionTimestamp !== undefined) return;
  const pods = backend.store
    .list(POD, namespace)
    .filter((pod) => stringAt(pod, 'status', 'podIP') !== undefined && isLive(pod) && labelsMatch(selector, pod.metadata.labels ?? {}));
  const ports = itemsAt(service, 'spec', 'ports').flatMap(({ item }) => {
    const port = targetOf(item, pods[0]);
    return port === undefined
      ? []
      : [{ ...(item['name'] === undefined ? {} : { name: item['name'] }), port, protocol: item['protocol'] ?? 'TCP' }];
  });
  const targetRef = (pod: KubeObject): Fields => ({ kind: 'Pod', name: pod.metadata.name, namespace, uid: pod.metadata.uid });
  const address = (pod: KubeObject): Fields => ({
    ip: stringAt(pod, 'status', 'podIP'),
    nodeName: stringAt(pod, 'spec', 'nodeName'),
    targetRef: targetRef(pod),
  });
  const [ready, waiting] = [pods.filter(isReady), pods.filter((pod) => !isReady(pod))];
  put(backend, ENDPOINTS, {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { name, namespace, labels: { ...labels }, ownerReferences: [controllerReference(service)] },
    ...(pods.length === 0
      ? {}
      : {
          subsets: [
            {
              ...(ready.length > 0 ? { addresses: ready.map(address) } : {}),
              ...(waiting.length > 0 ? { notReadyAddresses: waiting.map(address) } : {}),
              ports,
            },
          ],
        }),
  });
  put(backend, SLICE, {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      name: `${name}-sandbox`,
      namespace,
      labels: {
        ...labels,
        'kubernetes.io/service-name': name,
        'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io',
      },
      ownerReferences: [controllerReference(service)],
    },
    addressType: 'IPv4',
    ports: ports.map((port) => ({ name: '', ...port })),
    endpoints: pods.map((pod) => ({
      addresses: [stringAt(pod, 'status', 'podIP')],
      conditions: { ready: isReady(pod), serving: isReady(pod), terminating: false },
      nodeName: stringAt(pod, 'spec', 'nodeName'),
      targetRef: targetRef(pod),
    })),
  });
}

function put(backend: Backend, kind: Kind, object: KubeObject): void {
  const present = backend.store.get(kind, object.metadata.namespace ?? '', object.metadata.name);
  if (!present) backend.store.create(kind, object);
  // What somebody else made, such as a scenario, is left alone.
  else if (present.metadata.ownerReferences?.some(({ uid }) => uid === object.metadata.ownerReferences?.[0]?.uid)) {
    backend.store.replace(kind, { ...object, metadata: { ...present.metadata, ...object.metadata } });
  }
}
