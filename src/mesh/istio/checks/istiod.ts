/** The pods of istiod, and what they answer on the port for monitoring. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Facts, PodAnswer } from '../../../model/check.ts';
import type { Resource } from '../../../model/resource.ts';
import { isEnded } from '../../checks/pods.ts';
import { POD } from '../kinds.ts';

const MONITORING_PORT = 15014;

export const isIstiod = ({ labels }: Resource): boolean => labels['app'] === 'istiod' || labels['istio'] === 'pilot';

/** Those that run or will run. */
export async function istiodPods(facts: Facts): Promise<readonly Resource[]> {
  return (await facts.list(POD)).filter((pod) => isIstiod(pod) && !isEnded(pod));
}

export function isReady({ body }: Resource): boolean {
  return itemsAt(body, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');
}

/** Where Prometheus finds istiod's metrics, its version and its view of the proxies are, too. */
export function monitoringPort({ annotations, body }: Resource): number {
  const annotated = Number(annotations['prometheus.io/port']);
  if (Number.isInteger(annotated) && annotated > 0) return annotated;
  const ports = itemsAt(body, 'spec', 'containers').flatMap(({ item }) => itemsAt(item, 'ports'));
  const named = ports.find(({ item }) => stringAt(item, 'name') === 'http-monitoring');
  return numberAt(named?.item, 'containerPort') ?? MONITORING_PORT;
}

export interface IstiodAnswer {
  readonly pod: Resource;
  /** Undefined when nothing answers. */
  readonly answer: PodAnswer | undefined;
}

interface IstiodAnswers {
  readonly answers: readonly IstiodAnswer[];
  /** True when each pod that is ready was asked. */
  readonly isWhole: boolean;
}

/** Asks every istiod that is ready, or as many as may be asked. */
export async function askIstiods(facts: Facts, path: string): Promise<IstiodAnswers> {
  const ready = (await istiodPods(facts)).filter(isReady);
  const asked = facts.sample(ready);
  const answers = await Promise.all(asked.map(async (pod) => ({ pod, answer: await facts.ask(pod, monitoringPort(pod), path) })));
  return { answers, isWhole: asked.length === ready.length };
}
