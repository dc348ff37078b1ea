import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import { compileLabelSelector } from '../../model/labels.ts';
import type { Body, Kind, Resource } from '../../model/resource.ts';
import type { SidecarMesh } from '../checks/sidecar-mesh.ts';

export const INJECTOR = 'appmesh.k8s.aws/sidecarInjectorWebhook';
export const VIRTUAL_NODE: Kind = 'appmesh.k8s.aws/VirtualNode';

export const isController = ({ labels }: Resource): boolean =>
  labels['app.kubernetes.io/name'] === 'appmesh-controller' || labels['control-plane'] === 'appmesh-controller';

/** The controller tells App Mesh, a service of AWS, what the cluster wants; the control plane of the proxies is there. */
export const appmeshMesh: SidecarMesh = {
  id: 'appmesh',
  title: 'AWS App Mesh',
  docs: {
    install: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/getting-started-kubernetes.html',
    injection: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/troubleshooting-kubernetes.html',
    proxies: 'https://docs.aws.amazon.com/app-mesh/latest/userguide/troubleshooting.html',
  },
  evidence: { groups: ['appmesh.k8s.aws'], keys: ['appmesh.k8s.aws/'] },
  isCore: isController,
  isPart: isController,
  sign: 'labelled "app.kubernetes.io/name=appmesh-controller"',
  isWebhook: (name) => name.endsWith('.appmesh.k8s.aws'),
  webhookServer: {
    name: 'the App Mesh controller',
    hint: 'Upgrade the release, which makes a new certificate and writes the bundle, or let cert-manager renew it, and restart the controller.',
  },
  // Other meshes call theirs "envoy" too.
  isSidecar: (container) => container['name'] === 'envoy' && namesResource(container),
  marks: ({ labels }) => labels[INJECTOR] === 'enabled',
  injects: async (facts) => {
    const isNode = await virtualNodes(facts);
    return (pod, namespace) => (pod.annotations[INJECTOR] ?? namespace.labels[INJECTOR]) === 'enabled' && isNode(pod);
  },
};

const namesResource = (container: Body): boolean =>
  itemsAt(container, 'env').some(({ item }) => stringAt(item, 'name')?.startsWith('APPMESH_') === true);

/** Whether a VirtualNode selects the pod. Of other pods the webhook makes nothing. */
async function virtualNodes(facts: Facts): Promise<(pod: Resource) => boolean> {
  const nodes = (await facts.scoped(VIRTUAL_NODE)).flatMap(({ namespace, body }) => {
    const selector = objectAt(body, 'spec')['podSelector'];
    return selector === undefined ? [] : [{ namespace, selects: compileLabelSelector(selector) }];
  });
  return (pod) => nodes.some(({ namespace, selects }) => namespace === pod.namespace && selects(pod.labels));
}
