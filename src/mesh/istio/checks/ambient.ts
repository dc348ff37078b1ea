/** Ambient mode: the agents on the nodes, and the pods that they capture. */
import { booleanAt, itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Affected, Check, CheckResult, Facts } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { parseVersion } from '../../../text/semver.ts';
import { count } from '../../../text/words.ts';
import { brokenContainers, isEnded } from '../../checks/pods.ts';
import { DATAPLANE_MODE, SYSTEM_NAMESPACES } from '../injection.ts';
import { DAEMON_SET, NAMESPACE, POD } from '../kinds.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes, versionOfImage } from './control-plane.ts';
import { isZtunnel, PROXY, proxyImage } from './proxies.ts';

const API = 'kubernetes/api-reachable';
const DOCS = 'https://istio.io/latest/docs/ambient/usage/troubleshoot-ztunnel/';
const CNI_READY = 'istio/ambient-cni-ready';
const REDIRECTION = 'ambient.istio.io/redirection';
const UNUSED = 'Ambient mode is not in use.';

const isCni = ({ labels }: Resource): boolean => labels['k8s-app'] === 'istio-cni-node' || labels['app.kubernetes.io/name'] === 'istio-cni';
const isZtunnelSet = ({ labels, name }: Resource): boolean =>
  labels['app.kubernetes.io/name'] === 'ztunnel' || labels['app'] === 'ztunnel' || name === 'ztunnel';

/** Pods that ask to be in ambient mode, by their own label or that of their namespace. */
async function ambientPods(facts: Facts): Promise<readonly Resource[]> {
  const namespaces = new Map((await facts.list(NAMESPACE)).map(({ name, labels }) => [name, labels]));
  return (await facts.list(POD)).filter((pod) => {
    if (isEnded(pod) || SYSTEM_NAMESPACES.has(pod.namespace)) return false;
    if (facts.namespace !== undefined && pod.namespace !== facts.namespace) return false;
    return (pod.labels[DATAPLANE_MODE] ?? namespaces.get(pod.namespace)?.[DATAPLANE_MODE]) === 'ambient';
  });
}

const asksForAmbient = ({ labels }: Resource): boolean => labels[DATAPLANE_MODE] === 'ambient';

async function usesAmbient(facts: Facts): Promise<boolean> {
  return (await facts.list(NAMESPACE)).some(asksForAmbient) || (await facts.list(POD)).some(asksForAmbient);
}

const cniReady: Check = {
  id: CNI_READY,
  category: 'data-plane',
  title: "Where it is needed, Istio's CNI agent is ready on every node that it is meant for.",
  why: 'Pods on a node without the agent are not captured in ambient mode, or do not start where sidecars rely on it.',
  settles: true,
  docs: 'https://istio.io/latest/docs/setup/additional-setup/cni/',
  needs: [API],
  reads: [DAEMON_SET, NAMESPACE, POD],
  run: async (facts) => {
    const sets = (await facts.list(DAEMON_SET)).filter(isCni);
    if (sets.length === 0) {
      // On some platforms, such as GKE's managed mesh, an agent of another name does its work.
      const captured = (await facts.list(POD)).some(({ annotations }) => annotations[REDIRECTION] === 'enabled');
      if (captured || !(await usesAmbient(facts)))
        return { is: 'ok', reason: captured ? 'An agent of another name captures pods.' : UNUSED };
      return missing('istio-cni', 'cni', 'captures the pods that ask for ambient mode');
    }
    return daemonSetsReady(facts, sets);
  },
};

const ztunnelReady: Check = {
  id: 'istio/ambient-ztunnel-ready',
  category: 'data-plane',
  title: 'Where ambient mode is in use, ztunnel is ready on every node that it is meant for.',
  why: 'Pods in ambient mode on a node without ztunnel can neither be reached nor reach others.',
  settles: true,
  docs: DOCS,
  needs: [API],
  reads: [DAEMON_SET, NAMESPACE, POD],
  run: async (facts) => {
    const sets = (await facts.list(DAEMON_SET)).filter(isZtunnelSet);
    if (sets.length > 0) return daemonSetsReady(facts, sets);
    if (!(await usesAmbient(facts)) || (await facts.list(POD)).some(isZtunnel)) return { is: 'ok', reason: UNUSED };
    return missing('ztunnel', 'ztunnel', 'carries the traffic of pods in ambient mode');
  },
};

function missing(name: string, chart: string, does: string): CheckResult {
  return {
    is: 'failed',
    reason: `Namespaces or pods ask for ambient mode, but there is no DaemonSet "${name}", which ${does}.`,
    hint: `Install Istio's chart "${chart}", or remove the label ${DATAPLANE_MODE}: "kubectl get namespaces -l ${DATAPLANE_MODE}=ambient" lists who carries it.`,
  };
}

/** Kubernetes counts the nodes that a DaemonSet is meant for, going by its selectors and tolerations. */
async function daemonSetsReady(facts: Facts, sets: readonly Resource[]): Promise<CheckResult> {
  const affected = sets.flatMap(({ body, ...set }): readonly Affected[] => {
    const wanted = numberAt(body, 'status', 'desiredNumberScheduled') ?? 0;
    const ready = numberAt(body, 'status', 'numberReady') ?? 0;
    if (ready < wanted) return [{ resource: set, detail: `It is ready on ${ready} of ${count(wanted, 'node')}.` }];
    return wanted === 0 ? [{ resource: set, detail: 'No node of the cluster is one that it may run on.' }] : [];
  });
  const [first] = affected;
  if (!first)
    return {
      is: 'ok',
      reason: `${sets.map(({ name, body }) => `"${name}" on ${count(numberAt(body, 'status', 'numberReady') ?? 0, 'node')}`).join(', ')}.`,
    };
  const { namespace, name } = first.resource;
  const broken = await brokenPods(facts, sets);
  const isFailure = sets.some(({ body }) => (numberAt(body, 'status', 'numberReady') ?? 0) === 0) || broken.length > 0;
  return {
    is: isFailure ? 'failed' : 'warning',
    reason: 'An agent does not run on every node that it is meant for.',
    hint: `Run "kubectl -n ${namespace} get pods -o wide", and "kubectl -n ${namespace} describe daemonset ${name}".`,
    affected: [...affected, ...broken],
  };
}

/** Nodes that have just joined, and agents that are being replaced, are ready within minutes. */
const STARTED_MS = 300_000;

async function brokenPods(facts: Facts, sets: readonly Resource[]): Promise<readonly Affected[]> {
  const names = new Set(sets.map(({ namespace, name }) => `${namespace}/${name}`));
  return (await facts.list(POD)).flatMap((pod) => {
    const owner = itemsAt(pod.body, 'metadata', 'ownerReferences').find(({ item }) => item['kind'] === 'DaemonSet')?.item;
    const started = Date.parse(stringAt(pod.body, 'metadata', 'creationTimestamp') ?? '');
    const isNew = facts.now - started < STARTED_MS;
    if (isNew || isEnded(pod) || !names.has(`${pod.namespace}/${stringAt(owner, 'name')}`)) return [];
    const detail = brokenContainers(pod);
    const node = stringAt(pod.body, 'spec', 'nodeName');
    return detail === undefined ? [] : [{ resource: pod, detail: node === undefined ? detail : `${detail} Its node is "${node}".` }];
  });
}

/** The agent sees a new pod when its network is set up, before any container starts. */
const podsCaptured: Check = {
  id: 'istio/ambient-pods-captured',
  category: 'data-plane',
  title: 'Every pod that asks for ambient mode is captured by ztunnel.',
  why: 'Traffic of the pod is neither encrypted nor authorized by the mesh, and workloads that demand mutual TLS refuse it.',
  settles: true,
  docs: DOCS,
  needs: [CNI_READY],
  reads: [POD, NAMESPACE],
  run: async (facts) => {
    const pods = (await ambientPods(facts)).filter(canBeCaptured);
    if (pods.length === 0) return { is: 'ok', reason: 'No pod that runs asks for ambient mode.' };
    const affected = pods.filter(({ annotations }) => annotations[REDIRECTION] !== 'enabled');
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${pods.length} of ${pods.length}.` };
    const node = stringAt(first.body, 'spec', 'nodeName') ?? '';
    return {
      is: 'failed',
      reason: `${affected.length} of ${count(pods.length, 'pod')} in ambient mode: not captured.`,
      hint: `Look at the log of the istio-cni pod on the node of "${first.namespace}/${first.name}": "kubectl get pods -A -l k8s-app=istio-cni-node --field-selector spec.nodeName=${node}". Deleting the pod has it captured anew.`,
      affected: affected.map((resource) => ({ resource, detail: `It has no annotation "${REDIRECTION}: enabled".` })),
    };
  },
};

/** Pods with a sidecar, or on the network of their node, stay out of ambient mode. */
function canBeCaptured(pod: Resource): boolean {
  const isOnNode = booleanAt(pod.body, 'spec', 'hostNetwork') === true;
  const hasStarted = itemsAt(pod.body, 'status', 'containerStatuses').some(({ item }) => item['ready'] === true);
  return hasStarted && !isOnNode && !hasSidecar(pod) && proxyImage(pod) === undefined;
}

const hasSidecar = ({ annotations }: Resource): boolean => annotations['sidecar.istio.io/status'] !== undefined;

/** The injector fills gateways, too: pods of nothing but a proxy. */
const isGateway = ({ body }: Resource): boolean => itemsAt(body, 'spec', 'containers').every(({ item }) => item['name'] === PROXY);

const modesDistinct: Check = {
  id: 'istio/ambient-pods-without-sidecar',
  category: 'data-plane',
  title: 'No pod that asks for ambient mode has a sidecar.',
  why: 'The sidecar wins: the pod stays out of ambient mode, and waypoints do not see what it sends.',
  docs: 'https://istio.io/latest/docs/ambient/usage/add-workloads/',
  needs: [API],
  reads: [POD, NAMESPACE],
  run: async (facts) => {
    const affected = (await ambientPods(facts)).filter((pod) => hasSidecar(pod) && !isGateway(pod));
    const [first] = affected;
    if (!first) return { is: 'ok' };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'pod')} in ambient mode ${affected.length === 1 ? 'has' : 'have'} a sidecar all the same.`,
      hint: `Remove the labels that ask for injection from namespace "${first.namespace}" and from the workload of pod "${first.name}", and restart it; or set ${DATAPLANE_MODE}=none where the sidecar is wanted.`,
      affected: affected.map((resource) => ({ resource, detail: 'It is labelled for ambient mode, and has a sidecar.' })),
    };
  },
};

/** Minor versions that the agents may be away from their control plane. */
const MOST_APART = 1;

const agentVersionsClose: Check = {
  id: 'istio/versions-ambient-agents-close',
  category: 'versions',
  title: "Istio's CNI agent and ztunnel are at most one minor version away from the control plane.",
  why: 'The three speak to each other in ways that change between releases, and are tested one minor version apart.',
  docs: 'https://istio.io/latest/docs/ambient/upgrade/helm/',
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DAEMON_SET],
  run: async (facts) => {
    const minors = (await controlPlanes(facts)).flatMap(({ version }) => (version?.major === 1 ? version.minor : []));
    const agents = (await facts.list(DAEMON_SET)).filter((set) => isCni(set) || isZtunnelSet(set));
    if (minors.length === 0 || agents.length === 0)
      return { is: 'ok', reason: agents.length === 0 ? 'There is no agent.' : 'The version of the control plane is not known.' };
    const affected = agents.flatMap((set): readonly Affected[] => {
      const [container] = itemsAt(set.body, 'spec', 'template', 'spec', 'containers');
      const text = versionOfImage(stringAt(container?.item, 'image') ?? '');
      const version = parseVersion(text ?? '');
      const isClose = version?.major !== 1 || minors.some((minor) => Math.abs(minor - version.minor) <= MOST_APART);
      return isClose ? [] : [{ resource: set, detail: `It is ${text}.` }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(agents.length, 'agent')}.` };
    return {
      is: 'warning',
      reason: `An agent on the nodes is more than one minor version away from the control plane, which is 1.${Math.max(...minors)}.`,
      hint: `Upgrade DaemonSet "${first.resource.namespace}/${first.resource.name}" with its chart.`,
      affected,
    };
  },
};

export const ambientChecks: readonly Check[] = [cniReady, ztunnelReady, podsCaptured, modesDistinct];
export const ambientVersionChecks: readonly Check[] = [agentVersionsClose];
