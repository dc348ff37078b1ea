/** Whether the pods of a mesh with sidecars have their proxies, and whether those run. */
import type { Check } from '../../model/check.ts';
import { MUTATING_WEBHOOK, meshWebhooks } from './pod-webhooks.ts';
import { API, needingPlane, proxiesOf, type SidecarMesh } from './sidecar-mesh.ts';
import { NAMESPACE, POD, podsWithoutSidecar, sidecarsMissing, sidecarsReady } from './sidecars.ts';

export function dataPlaneChecks(mesh: SidecarMesh): readonly Check[] {
  const { id, title, docs } = mesh;
  return [
    {
      id: `${id}/data-plane-proxies-ready`,
      category: 'data-plane',
      title: `Every proxy of ${title} is ready.`,
      why: 'A pod whose proxy is not ready gets no requests, and can send none into the mesh.',
      docs: docs.proxies,
      settles: true,
      needs: [API],
      reads: [POD],
      run: async (facts) => sidecarsReady(await proxiesOf(mesh, facts), facts.now),
    },
    needingPlane(mesh, {
      id: `${id}/data-plane-pods-injected`,
      category: 'data-plane',
      title: `Every pod that injection of ${title} is meant for has its sidecar.`,
      why: 'Traffic of a pod without sidecar is neither encrypted nor authorized by the mesh, and workloads that demand mutual TLS refuse it.',
      docs: docs.injection,
      reads: [POD, NAMESPACE, MUTATING_WEBHOOK],
      run: async (facts) => {
        const webhooks = (await meshWebhooks(facts, mesh.isWebhook)).filter(({ injects }) => injects);
        const decides = await mesh.injects(facts);
        const missing = await podsWithoutSidecar(facts, {
          isSidecar: mesh.isSidecar,
          wants: (pod, namespace) =>
            !mesh.isPart(pod) && webhooks.some(({ matches }) => matches(pod.labels, namespace.labels)) && decides(pod, namespace),
        });
        return sidecarsMissing(missing);
      },
    }),
  ];
}
