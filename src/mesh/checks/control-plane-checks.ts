/** Whether the control plane of a mesh with sidecars is there and runs, and what is left when it is not there. */
import { itemsAt } from '../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../model/check.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { resourceSet } from '../../model/resource-set.ts';
import { count, quotedList } from '../../text/words.ts';
import { isOfGroups, showsEvidence } from '../evidence.ts';
import { podsHealthy } from './control-pods.ts';
import { versionOfWorkload } from './images.ts';
import { meshWebhooks } from './pod-webhooks.ts';
import { isEnded } from './pods.ts';
import { rolloutsReady } from './rollouts.ts';
import { API, corePlanes, DEPLOYMENT, existsId, needingPlane, type SidecarMesh } from './sidecar-mesh.ts';
import { NAMESPACE, POD } from './sidecars.ts';

export function controlPlaneChecks(mesh: SidecarMesh): readonly Check[] {
  const { title, docs } = mesh;
  return [
    {
      id: existsId(mesh),
      category: 'control-plane',
      title: `A control plane of ${title} is installed.`,
      why: 'Without one no proxy is configured, no certificate is renewed, and no pod is injected.',
      docs: docs.install,
      needs: [API],
      reads: [DEPLOYMENT],
      run: async (facts) => {
        const found = await corePlanes(mesh, facts);
        return found.length > 0 ? { is: 'ok', reason: `${quotedList(found.map(nameOf))}.` } : remains(mesh, facts);
      },
    },
    needingPlane(mesh, {
      id: `${mesh.id}/control-plane-ready`,
      category: 'control-plane',
      title: `Every Deployment of ${title}'s control plane has all its replicas ready.`,
      why: 'Proxies keep their last configuration while the control plane is away, new pods are not injected, and certificates run out.',
      docs: docs.install,
      settles: true,
      reads: [DEPLOYMENT],
      run: async (facts) => rolloutsReady((await facts.list(DEPLOYMENT)).filter((deployment) => mesh.isPart(deployment))),
    }),
    needingPlane(mesh, {
      id: `${mesh.id}/control-plane-pods-healthy`,
      category: 'control-plane',
      title: `Every pod of ${title}'s control plane is ready and has not restarted in the last hour.`,
      why: 'A control plane that restarts loses its connections to all proxies, and its webhooks do not answer meanwhile.',
      docs: 'https://kubernetes.io/docs/tasks/debug/debug-application/debug-pods/',
      settles: true,
      reads: [POD],
      run: async (facts) =>
        podsHealthy(
          (await facts.list(POD)).filter((pod) => mesh.isPart(pod) && !isEnded(pod)),
          facts.now,
        ),
    }),
  ];
}

function nameOf(deployment: Resource): string {
  const version = versionOfWorkload(deployment);
  return `${deployment.namespace}/${deployment.name}${version === undefined ? '' : ` ${version}`}`;
}

/** Pods and webhooks that depend on a control plane are in trouble without it; definitions and labels hurt nobody. */
async function remains(mesh: SidecarMesh, facts: Facts): Promise<CheckResult> {
  const { title, sign } = mesh;
  const gone = `No Deployment in the cluster is ${sign}`;
  const webhooks = [...new Set((await meshWebhooks(facts, mesh.isWebhook)).map(({ resource }) => resource))];
  const pods = (await facts.list(POD)).filter((pod) => !isEnded(pod) && hasSidecar(mesh, pod));
  const dependents: readonly Affected[] = [
    ...webhooks.map((resource) => ({ resource, detail: 'It calls a control plane that is not there.' })),
    ...pods.map((resource) => ({ resource, detail: 'Its proxy has no control plane.' })),
  ];
  if (dependents.length > 0) {
    return {
      is: 'failed',
      reason: `${gone}, but ${count(webhooks.length, 'webhook configuration')} and ${count(pods.length, 'pod')} depend on it.`,
      hint: `Install the control plane of ${title}, or remove what is left of it: first the webhook configurations, then restart the pods.`,
      affected: dependents,
    };
  }
  const served = [...(await facts.kinds()).keys()].filter((kind) => isOfGroups(kind, mesh.evidence));
  const namespaces = await facts.list(NAMESPACE);
  const marked = namespaces.filter((namespace) => mesh.marks(namespace));
  const isMentioned = showsEvidence(resourceSet([...namespaces, ...(await facts.list(DEPLOYMENT))]), mesh.evidence);
  if (served.length === 0 && marked.length === 0 && !isMentioned) {
    return {
      is: 'failed',
      reason: `${gone}, and nothing else of ${title} is there.`,
      hint: `Install ${title}, or name another mesh with --mesh.`,
    };
  }
  const left = [
    served.length > 0 ? count(served.length, 'definition') : '',
    marked.length > 0 ? count(marked.length, 'marked namespace') : '',
    served.length === 0 && marked.length === 0 ? 'labels and annotations' : '',
  ];
  return {
    is: 'warning',
    reason: `${gone}: only ${left.filter((each) => each !== '').join(' and ')} of ${title} ${served.length + marked.length === 1 ? 'is' : 'are'} left.`,
    hint:
      served.length > 0
        ? `Delete the CustomResourceDefinitions of ${quotedList([...new Set(served.map(groupOf))])}, and with them their objects, if ${title} is gone for good.`
        : `Remove the labels and annotations of ${title} from namespaces and workloads if it is gone for good.`,
    affected: marked.map((resource) => ({ resource, detail: 'It is still marked for injection.' })),
  };
}

const groupOf = (kind: Kind): string => kind.slice(0, kind.indexOf('/'));

function hasSidecar({ isSidecar }: SidecarMesh, pod: Resource): boolean {
  const spec = pod.body['spec'];
  return (['containers', 'initContainers'] as const).some((field) => itemsAt(spec, field).some(({ item }) => isSidecar(item, pod)));
}
