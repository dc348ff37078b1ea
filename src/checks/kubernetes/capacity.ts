/** What the nodes have left for a control plane. */

import { isEnded } from '../../mesh/checks/pods.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Check, Facts } from '../../model/check.ts';
import { groupBy } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { parseQuantity } from '../../text/quantity.ts';
import { PRE, REACHABLE } from './api.ts';
import { isReady, isSchedulable, linuxNodes, NODE } from './nodes.ts';

const POD: Kind = 'core/Pod';

interface Amount {
  /** Cores. */
  readonly cpu: number;
  /** Bytes. */
  readonly memory: number;
}

const GIB = 2 ** 30;

/** The largest pod of a control plane in its default size: istiod asks for 500m and 2Gi, those of others for less. */
const NEED: Amount = { cpu: 0.5, memory: GIB };

export const resourcesFree: Check = {
  id: 'kubernetes/resources-free',
  category: 'kubernetes',
  title: 'Some node has room for a control plane.',
  why: 'Pods of the control plane wait for a node with as much free as they request.',
  docs: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#how-pods-with-resource-requests-are-scheduled',
  modes: PRE,
  settles: true,
  needs: [REACHABLE, 'kubernetes/nodes-schedulable'],
  reads: [NODE, POD],
  run: async (facts) => {
    const nodes = (await linuxNodes(facts)).filter((node) => isReady(node) && isSchedulable(node));
    const pods = groupBy(
      (await facts.list(POD)).filter((pod) => !isEnded(pod)),
      ({ body }) => stringAt(body, 'spec', 'nodeName') ?? '',
    );
    const free = nodes.flatMap((node) => freeOn(node, pods.get(node.name) ?? []) ?? []);
    if (free.length === 0) return { is: 'ok', reason: 'The nodes do not tell what they have.' };
    const most: Amount = { cpu: Math.max(...free.map(({ cpu }) => cpu)), memory: Math.max(...free.map(({ memory }) => memory)) };
    const seen = `At the most ${coresOf(most.cpu)} and ${gibibytesOf(most.memory)} are not requested on one node.`;
    if (free.some(({ cpu, memory }) => cpu >= NEED.cpu && memory >= NEED.memory)) return { is: 'ok', reason: seen };
    if (await growsByItself(facts, nodes)) return { is: 'ok', reason: `${seen} The cluster adds nodes when they are needed.` };
    return {
      is: 'warning',
      reason: `${seen} Control planes want about ${coresOf(NEED.cpu)} and ${gibibytesOf(NEED.memory)}.`,
      hint: "Add a node, or lower the requests in the mesh's values.",
    };
  },
};

const coresOf = (cpu: number): string => `${Math.max(0, Math.round(cpu * 1000))}m CPU`;
const gibibytesOf = (memory: number): string => `${Math.max(0, Math.round((memory / GIB) * 10) / 10)}Gi memory`;

/** @returns undefined when the node does not tell what it has */
function freeOn(node: Resource, pods: readonly Resource[]): Amount | undefined {
  const has = amountAt(node.body, ['status', 'allocatable']);
  if (has.cpu === 0 || has.memory === 0) return undefined;
  const used = pods.map(requestsOf);
  return {
    cpu: has.cpu - used.reduce((sum, { cpu }) => sum + cpu, 0),
    memory: has.memory - used.reduce((sum, { memory }) => sum + memory, 0),
  };
}

/** Containers run together, and so do native sidecars; ordinary init containers run alone, before them. */
function requestsOf({ body }: Resource): Amount {
  const inits = itemsAt(body, 'spec', 'initContainers').map(({ item }) => item);
  const together = [
    ...itemsAt(body, 'spec', 'containers').map(({ item }) => item),
    ...inits.filter((item) => item['restartPolicy'] === 'Always'),
  ];
  const alone = inits.filter((item) => item['restartPolicy'] !== 'Always').map((item) => amountAt(item, ['resources', 'requests']));
  const sum = together.map((item) => amountAt(item, ['resources', 'requests'])).reduce(plus, { cpu: 0, memory: 0 });
  const most = {
    cpu: Math.max(sum.cpu, ...alone.map(({ cpu }) => cpu)),
    memory: Math.max(sum.memory, ...alone.map(({ memory }) => memory)),
  };
  return plus(most, amountAt(body, ['spec', 'overhead']));
}

const plus = (left: Amount, right: Amount): Amount => ({ cpu: left.cpu + right.cpu, memory: left.memory + right.memory });

function amountAt(value: unknown, path: readonly string[]): Amount {
  const read = (field: string): number => parseQuantity(stringAt(value, ...path, field) ?? '') ?? 0;
  return { cpu: read('cpu'), memory: read('memory') };
}

/** Nodes that are virtual, or made to measure for a pod. */
const ELASTIC_LABELS: readonly (readonly [key: string, value: string])[] = [
  ['eks.amazonaws.com/compute-type', 'fargate'],
  ['type', 'virtual-kubelet'],
];

/** Cluster Autoscaler notes its state in a ConfigMap, in clouds that run it out of sight as well; the others put labels on their nodes. */
async function growsByItself(facts: Facts, nodes: readonly Resource[]): Promise<boolean> {
  const isLabelled = nodes.some(
    ({ labels }) => labels['karpenter.sh/nodepool'] !== undefined || ELASTIC_LABELS.some(([key, value]) => labels[key] === value),
  );
  if (isLabelled) return true;
  return (await facts.get({ kind: 'core/ConfigMap', namespace: 'kube-system', name: 'cluster-autoscaler-status' })) !== undefined;
}
