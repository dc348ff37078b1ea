/** The pods that are tapped, now and as they come, and by which source each. */

import { EXIT, MeshctlError } from '../errors.ts';
import { targetPods } from '../gather/target-pods.ts';
import { meshes } from '../mesh/index.ts';
import { stringAt } from '../model/body.ts';
import { qualifiedName, type Resource } from '../model/resource.ts';
import type { TapSource, TapTools } from '../model/tap.ts';
import type { TapPlan } from './tap.plan.ts';

/** Each has a connection of its own. */
export const MOST_PODS = 50;

export interface Tapped {
  readonly pod: Resource;
  readonly source: TapSource;
}

export interface TapTargets {
  readonly tapped: readonly Tapped[];
  /** All that were looked at. */
  readonly pods: readonly Resource[];
  /** Why others are not, each as a sentence; the same for several pods once. */
  readonly refusals: readonly string[];
}

/**
 * @param known pods that are tapped already
 * @throws MeshctlError E_TARGET
 */
export async function tapTargets(
  target: string | undefined,
  plan: TapPlan,
  tools: TapTools,
  known: ReadonlySet<string>,
): Promise<TapTargets> {
  const pods = await podsOf(target, tools);
  const fresh = pods.filter((pod) => !known.has(keyOf(pod)));
  const room = Math.max(0, MOST_PODS - known.size);
  const found = await Promise.all(fresh.slice(0, room).map((pod) => sourceFor(pod, plan, tools)));
  const left = fresh.length - room;
  return {
    pods: fresh.slice(0, room),
    tapped: found.flatMap((each) => ('source' in each ? [each] : [])),
    refusals: [
      ...new Set(found.flatMap((each) => ('refusal' in each ? [each.refusal] : []))),
      ...(left > 0 ? [`${left} more pods are not tapped: ${MOST_PODS} are the most at once.`] : []),
    ],
  };
}

export const keyOf = (pod: Resource): string => `${pod.namespace}/${pod.name}/${stringAt(pod.body, 'metadata', 'uid') ?? ''}`;

const isRunning = ({ body }: Resource): boolean =>
  stringAt(body, 'status', 'phase') === 'Running' && stringAt(body, 'metadata', 'deletionTimestamp') === undefined;

/**
 * Those that run, of a namespace those with a proxy.
 * @throws MeshctlError E_TARGET
 */
export async function podsOf(target: string | undefined, tools: TapTools): Promise<readonly Resource[]> {
  return (await namedPods(target, tools)).filter((pod) => isRunning(pod));
}

async function namedPods(target: string | undefined, { cluster, signal }: TapTools): Promise<readonly Resource[]> {
  const [, namespace] = /^(?:ns|namespace|namespaces)\/(.+)$/.exec(target ?? '') ?? [];
  if (target !== undefined && namespace === undefined) return targetPods(target, cluster.namespace, cluster, signal);
  const pods: Resource[] = [];
  for await (const page of cluster.list('core/Pod', { namespace: namespace ?? cluster.namespace, signal })) pods.push(...page);
  // A namespace has pods without proxies too.
  return pods.filter((pod) => meshes.some(({ proxyOf }) => proxyOf?.(pod)));
}

async function sourceFor(pod: Resource, { source: wanted }: TapPlan, tools: TapTools): Promise<Tapped | { readonly refusal: string }> {
  const mesh = meshes.find(({ proxyOf }) => proxyOf?.(pod));
  const name = `Pod ${qualifiedName(pod)}`;
  if (!mesh) return { refusal: `${name} has no proxy of a mesh.` };
  const sources = (mesh.tap ?? []).filter(({ id }) => wanted === 'auto' || id === wanted);
  if (sources.length === 0) return { refusal: `${mesh.title} gives its requests by no source${wanted === 'auto' ? '' : ` "${wanted}"`}.` };
  const obstacles: string[] = [];
  for (const source of sources) {
    const obstacle = await source.obstacle(pod, tools);
    if (!obstacle) return { pod, source };
    obstacles.push(`${obstacle.reason}${obstacle.hint ? ` ${obstacle.hint}` : ''}`);
  }
  return { refusal: `${name} cannot be tapped: ${obstacles.join(' ')}` };
}

export const nothingToTap = (refusals: readonly string[]): MeshctlError =>
  new MeshctlError('E_TAP', refusals[0] ?? 'No pod with a proxy runs there.', {
    hint: refusals.length > 1 ? refusals.slice(1, 4).join(' ') : undefined,
    exit: refusals.length > 0 ? EXIT.unreachable : EXIT.question,
  });
