/** Pods by the names that users of kubectl and istioctl write: `pod/x`, `deploy/x`, `svc/x`, `x.namespace`, `x`. */
import { EXIT, MeshctlError } from '../errors.ts';
import { itemsAt, stringAt, stringMapAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { nearest } from '../text/nearest.ts';

const POD: Kind = 'core/Pod';

/** Kinds by what stands before the slash. */
const KINDS: readonly (readonly [kind: Kind, names: readonly string[]])[] = [
  [POD, ['pod', 'pods', 'po']],
  ['apps/Deployment', ['deployment', 'deployments', 'deploy']],
  ['apps/StatefulSet', ['statefulset', 'statefulsets', 'sts']],
  ['apps/DaemonSet', ['daemonset', 'daemonsets', 'ds']],
  ['apps/ReplicaSet', ['replicaset', 'replicasets', 'rs']],
  ['core/Service', ['service', 'services', 'svc']],
  ['gateway.networking.k8s.io/Gateway', ['gateway', 'gateways', 'gtw']],
];

export interface Target {
  readonly kind: Kind;
  readonly name: string;
  readonly namespace: string;
}

/** @throws MeshctlError E_USAGE for a kind that has no pods */
export function targetOf(text: string, namespace: string): Target {
  const slash = text.indexOf('/');
  const type = slash < 0 ? 'pod' : text.slice(0, slash).toLowerCase();
  const rest = text.slice(slash + 1);
  const kind = KINDS.find(([, names]) => names.includes(type))?.[0];
  if (kind === undefined || rest === '') {
    const known = KINDS.flatMap(([, names]) => names);
    const close = nearest(type, known);
    throw new MeshctlError('E_USAGE', `"${text}" names no workload.`, {
      hint: `${close && close !== type ? `Did you mean "${close}/${rest}"? ` : ''}Write the name of a pod, or TYPE/NAME with one of pod, deploy, sts, ds, svc and gateway.`,
    });
  }
  // Names of objects may hold dots, so that the last one parts the namespace only where istioctl reads it so: behind names of pods.
  const dot = rest.lastIndexOf('.');
  return dot > 0 && kind !== 'core/Service'
    ? { kind, name: rest.slice(0, dot), namespace: rest.slice(dot + 1) }
    : { kind, name: rest, namespace };
}

/**
 * The pods that are meant, those that are ready first.
 * @throws MeshctlError E_TARGET when there is none, E_USAGE when the text names nothing that has pods
 */
export async function targetPods(text: string, namespace: string, cluster: Cluster, signal?: AbortSignal): Promise<readonly Resource[]> {
  const target = targetOf(text, namespace);
  const found = await cluster.get(target, signal);
  if (!found) throw await missing(target, cluster);
  if (target.kind === POD) return [found];
  const selector = selectorOf(found);
  const pods = selector === '' ? [] : await selected(selector, target.namespace, cluster, signal);
  if (pods.length === 0) {
    const plain = `${target.kind.slice(target.kind.indexOf('/') + 1)} "${target.namespace}/${target.name}"`;
    throw new MeshctlError('E_TARGET', `${plain} has no pods${selector === '' ? ' that a selector names' : ` (labels ${selector})`}.`, {
      hint: `Run "kubectl -n ${target.namespace} get pods" for those that are there.`,
      exit: EXIT.question,
    });
  }
  return pods;
}

/**
 * The pods that labels select, those that are ready first.
 * @throws MeshctlError E_TARGET when there is none
 */
export async function podsBySelector(
  selector: string,
  namespace: string,
  cluster: Cluster,
  signal?: AbortSignal,
): Promise<readonly Resource[]> {
  const pods = await selected(selector, namespace, cluster, signal);
  if (pods.length > 0) return pods;
  throw new MeshctlError('E_TARGET', `No pod in namespace "${namespace}" has the labels ${selector}.`, {
    hint: `Run "kubectl -n ${namespace} get pods --show-labels" for those that are there, or name another namespace with -n.`,
    exit: EXIT.question,
  });
}

async function selected(labelSelector: string, namespace: string, cluster: Cluster, signal?: AbortSignal): Promise<readonly Resource[]> {
  const pods: Resource[] = [];
  for await (const page of cluster.list(POD, { namespace, labelSelector, signal })) pods.push(...page);
  const alive = pods.filter((pod) => stringAt(pod.body, 'metadata', 'deletionTimestamp') === undefined);
  return alive.sort((left, right) => Number(isReady(right)) - Number(isReady(left)) || (left.name < right.name ? -1 : 1));
}

export const isReady = ({ body }: Resource): boolean =>
  itemsAt(body, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

function selectorOf({ kind, body, name }: Resource): string {
  if (kind === 'gateway.networking.k8s.io/Gateway') return `gateway.networking.k8s.io/gateway-name=${name}`;
  const labels = kind === 'core/Service' ? stringMapAt(body, 'spec', 'selector') : stringMapAt(body, 'spec', 'selector', 'matchLabels');
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

async function missing({ kind, name, namespace }: Target, cluster: Cluster): Promise<MeshctlError> {
  const plain = kind.slice(kind.indexOf('/') + 1);
  const names: string[] = [];
  try {
    for await (const page of cluster.list(kind, { namespace, metadataOnly: true })) names.push(...page.map((each) => each.name));
  } catch {
    // That it is not there is known; what is there instead would only have been a help.
  }
  const close = nearest(name, names) ?? names.find((each) => each.startsWith(`${name}-`));
  return new MeshctlError('E_TARGET', `There is no ${plain} "${name}" in namespace "${namespace}".`, {
    hint: close ? `Did you mean "${close}"?` : lookFor(plain, namespace),
    exit: EXIT.question,
  });
}

/** What to do where nothing of the kind has the name that was asked for. */
export const lookFor = (kind: string, namespace: string): string =>
  `Run "kubectl -n ${namespace} get ${kind.toLowerCase()}s" for those that are there, or name another namespace with -n.`;
