/** What the injector of a mesh with sidecars says to a single pod. */
import { objectAt } from '../../model/body.ts';
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import { meshWebhooks } from './pod-webhooks.ts';
import type { SidecarMesh } from './sidecar-mesh.ts';

export function injectionDecision(mesh: SidecarMesh): NonNullable<MeshAdapter['decides']> {
  return async (pod, home, facts) => {
    if (objectAt(pod.body, 'spec')['hostNetwork'] === true) {
      return { injects: false, because: "It is on the host's network, where a proxy would capture the traffic of the node." };
    }
    const asked = (await meshWebhooks(facts, mesh.isWebhook)).filter(({ injects, matches }) => injects && matches(pod.labels, home.labels));
    if (asked.length === 0) return { injects: false, because: `No webhook of ${mesh.title} is asked about it.` };
    const injects = (await mesh.injects(facts))(pod, home);
    return {
      injects,
      because: injects
        ? 'Neither its labels and annotations nor those of its namespace speak against it.'
        : 'Its labels and annotations, or those of its namespace, leave it out.',
    };
  };
}
