/** Whether control planes and gateways outlive the loss of a pod or a node: replicas, budgets, spread. */
import { has, numberAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Check, CheckResult, Facts } from '../../../model/check.ts';
import { labelSelectorMatches } from '../../../model/labels.ts';
import { type Kind, type Resource, shortKind } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { isEnded } from '../pods.ts';
import { POD, type PostureTraits, postureCheck } from './traits.ts';
import { type VerdictWords, verdictOn } from './verdict.ts';

const BUDGET: Kind = 'policy/PodDisruptionBudget';
const AUTOSCALER: Kind = 'autoscaling/HorizontalPodAutoscaler';
const NODE: Kind = 'core/Node';

export function availabilityPosture(traits: PostureTraits): readonly Check[] {
  const { mesh, title, docs, controlPlaneKinds: kinds, highAvailability } = traits;
  const none = `No control plane of ${title} runs in this cluster.`;
  const each = async (
    facts: Facts,
    words: Omit<VerdictWords, 'none'>,
    problem: (workload: Resource) => string | undefined,
  ): Promise<CheckResult> => {
    const workloads = (await traits.controlPlane(facts)).map((resource) => ({ resource }));
    return verdictOn(workloads, { none, ...words }, ({ resource }) => problem(resource));
  };
  return [
    postureCheck({
      id: `${mesh}/posture-control-plane-replicated`,
      title: 'The control plane and its gateways have more than one replica.',
      why: 'While a node is drained or a pod restarts, the only replica is away: no pod is injected, no proxy is configured, and a gateway serves nobody.',
      docs,
      reads: [...kinds, AUTOSCALER],
      run: async (facts) => {
        const scalers = await facts.list(AUTOSCALER);
        return each(facts, { reason: (number) => `${number} of ${title} may run as a single pod.`, hint: highAvailability }, (workload) => {
          const least = leastReplicas(workload, scalers);
          return least < 2 && least > 0 ? `It may run as ${count(least, 'replica')}.` : undefined;
        });
      },
    }),
    postureCheck({
      id: `${mesh}/posture-control-plane-disruptions-limited`,
      title: 'A PodDisruptionBudget keeps replicas of the control plane and its gateways.',
      why: 'When nodes are drained, all replicas may be evicted at the same time; with a budget for a single replica they cannot be drained at all.',
      docs: 'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
      reads: [...kinds, AUTOSCALER, BUDGET],
      run: async (facts) => {
        const [scalers, budgets] = [await facts.list(AUTOSCALER), await facts.list(BUDGET)];
        return each(
          facts,
          { reason: (number, verb) => `${number} of ${title} ${verb} no PodDisruptionBudget that fits.`, hint: highAvailability },
          (workload) => {
            const own = budgets.filter((budget) => covers(budget, workload));
            // A single replica needs another one before a budget: with both, no node could be drained.
            if (own.length === 0) return leastReplicas(workload, scalers) < 2 ? undefined : 'No PodDisruptionBudget selects its pods.';
            const stuck = own.find((budget) => forbidsAll(budget, workload));
            return stuck && `PodDisruptionBudget "${stuck.name}" allows no eviction at all, so that its nodes cannot be drained.`;
          },
        );
      },
    }),
    postureCheck({
      id: `${mesh}/posture-control-plane-spread`,
      title: 'Replicas of the control plane and its gateways run on different nodes.',
      why: 'Replicas on one node are lost together.',
      docs: 'https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/',
      reads: [...kinds, POD, NODE],
      run: async (facts) => {
        const hint = 'Give its pods a "topologySpreadConstraints" over "kubernetes.io/hostname", or a "podAntiAffinity".';
        if ((await facts.list(NODE)).length < 2) return { is: 'ok', reason: 'The cluster has one node only.' };
        const pods = (await facts.list(POD)).filter((pod) => !isEnded(pod));
        return each(facts, { reason: (number) => `${number} of ${title} would be lost with one node.`, hint }, (workload) => {
          const selector = objectAt(workload.body, 'spec', 'selector');
          const own = pods.filter(({ namespace, labels }) => namespace === workload.namespace && labelSelectorMatches(selector, labels));
          const nodes = new Set(own.map(({ body }) => stringAt(body, 'spec', 'nodeName')));
          const [node] = nodes;
          return own.length > 1 && nodes.size === 1 && node !== undefined ? `Its ${own.length} pods run on node "${node}".` : undefined;
        });
      },
    }),
  ];
}

/** How few replicas there may be: as many as an autoscaler keeps, or as many as are asked for. */
function leastReplicas({ kind, namespace, name, body }: Resource, scalers: readonly Resource[]): number {
  const scaler = scalers.find(
    (each) =>
      each.namespace === namespace &&
      stringAt(each.body, 'spec', 'scaleTargetRef', 'name') === name &&
      stringAt(each.body, 'spec', 'scaleTargetRef', 'kind') === shortKind(kind),
  );
  if (scaler) return numberAt(scaler.body, 'spec', 'minReplicas') ?? 1;
  return numberAt(body, 'spec', 'replicas') ?? 1;
}

function covers(budget: Resource, workload: Resource): boolean {
  const labels = stringMapAt(workload.body, 'spec', 'template', 'metadata', 'labels');
  // Of policy/v1 an empty selector selects all pods of the namespace, and none at all selects none.
  return (
    budget.namespace === workload.namespace &&
    has(budget.body, 'spec', 'selector') &&
    labelSelectorMatches(objectAt(budget.body, 'spec', 'selector'), labels)
  );
}

/** Judged by what was written: the status says the same while a pod is merely restarting. */
function forbidsAll({ body }: Resource, workload: Resource): boolean {
  const replicas = numberAt(workload.body, 'spec', 'replicas') ?? 1;
  const least = objectAt(body, 'spec')['minAvailable'];
  const most = objectAt(body, 'spec')['maxUnavailable'];
  return most === 0 || most === '0%' || least === '100%' || (typeof least === 'number' && least >= replicas && replicas > 0);
}
