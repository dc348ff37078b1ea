/** A question about one workload: files or cluster → objects → the workload → its mesh → who is asked further. */

import { selectRules } from '../analysis/select.ts';
import { factsOf, remembering } from '../checks/facts.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import { type LiveGathered, withoutThese } from '../gather/cluster.ts';
import { targetOf } from '../gather/target-pods.ts';
import { targetWorkloads } from '../gather/target-workloads.ts';
import type { Host } from '../host/host.ts';
import { meshes } from '../mesh/index.ts';
import type { Facts, PodAnswer } from '../model/check.ts';
import type { Cluster } from '../model/cluster.ts';
import { getOrInsert } from '../model/maps.ts';
import type { MeshAdapter } from '../model/mesh-adapter.ts';
import { type Kind, type Ref, type Resource, shortKind } from '../model/resource.ts';
import type { ResourceSet } from '../model/resource-set.ts';
import type { Rule } from '../model/rule.ts';
import type { NotRead, Subject } from '../model/subject.ts';
import { WORKLOAD_KINDS } from '../model/workloads.ts';
import { printableLine } from '../terminal/printable.ts';
import { progressOn } from '../terminal/progress.ts';
import { wrap } from '../terminal/wrap.ts';
import { quotedList } from '../text/words.ts';
import { gatherInputs } from './analyze.files.ts';
import { ALL_MESHES, resourcesOf } from './analyze.judge.ts';
import { gatherLive } from './analyze.live.ts';
import { limited } from './analyze.notices.ts';
import { type AnalyzePlan, planOf } from './analyze.plan.ts';
import { type Context, type Options, textOf, textsOf } from './define.ts';

type Capability = 'describe' | 'authz';

/** What such questions read, whatever the mesh. */
const KINDS: readonly Kind[] = [...WORKLOAD_KINDS, 'core/Service', 'core/Namespace'];

/** A proxy that does not answer must not hold up what is known without it. */
const PATIENCE_MS = 10_000;

export interface MeshQuestion {
  readonly subject: Subject;
  readonly mesh: MeshAdapter;
  readonly resources: ResourceSet;
  /** As they were read, for an analysis. */
  readonly given: readonly Resource[];
  readonly live: LiveGathered | undefined;
  readonly cluster: Cluster | undefined;
  readonly plan: AnalyzePlan;
  /** Undefined for files, and when proxies are not to be asked. */
  readonly facts: Facts | undefined;
  /** Kinds that were not read, or only in part, with the reason; what applies may be more than is told. */
  readonly notRead: readonly NotRead[];
  /** Namespace of names without one. */
  readonly namespace: string;
}

export interface Asking {
  readonly target: string;
  readonly capability: Capability;
  /** Rules whose inputs are read, too. */
  readonly rules: readonly Rule[];
}

/** @throws MeshctlError E_TARGET, and E_MESH when no mesh is found that can answer */
export async function openQuestion({ target, capability, rules }: Asking, options: Options, context: Context): Promise<MeshQuestion> {
  const { host } = context;
  const files = textsOf(options, 'file');
  const { output: _, ...settings } = options;
  const plan = await planOf(files, { ...settings, namespace: undefined, allNamespaces: true }, host);
  const line = await progressOn(host.err, { color: context.color.err, quiet: context.quiet });
  try {
    const cluster = files.length === 0 ? remembering(await context.cluster(options), undefined) : undefined;
    const namespace = textOf(options, 'namespace') ?? cluster?.namespace ?? 'default';
    // Names that make no sense are told before anything is read. Whoever may not read all may often read the namespace of the target.
    const home = targetOf(target, namespace).namespace;
    if (cluster) line.tell(`reading the cluster of context ${cluster.context}`);
    const read = await gatherInputs({ ...plan, namespace: cluster ? undefined : textOf(options, 'namespace') }, host, cluster && namespace);
    const more = [...KINDS, ...meshes.flatMap((mesh) => mesh[capability]?.kinds ?? [])];
    const selected = selectRules(rules, plan.selection, ALL_MESHES);
    const live = cluster && (await gatherLive({ ...plan, namespace: home }, selected, cluster, more));
    const given = live ? [...withoutThese(live.resources, read.resources), ...read.resources] : read.resources;
    const gaps = limited(live?.gaps ?? [], 'kinds that could not be read', context.verbose);
    notify([...read.errors.map(({ source, message }) => `${source}: ${message}`), ...gaps], context);
    const { set, detected } = resourcesOf(given, live, plan, host.clock.now());
    const subject = targetWorkloads(target, namespace, set);
    const mesh = meshOf(subject, plan, detected, capability);
    const facts = cluster && options['proxy'] !== false ? patient(factsFor(cluster, mesh, host), cluster) : undefined;
    return {
      subject,
      mesh,
      resources: set,
      given,
      live,
      cluster,
      plan,
      facts,
      namespace,
      notRead: notReadOf(set, mesh[capability]?.kinds ?? []),
    };
  } finally {
    line.stop();
  }
}

function notReadOf({ unread }: ResourceSet, kinds: readonly Kind[]): readonly NotRead[] {
  const needed = new Set([...KINDS, ...kinds]);
  return [...unread]
    .filter(([kind]) => needed.has(kind))
    .map(([kind, reason]) => ({ kind: shortKind(kind), reason }))
    .sort((left, right) => (left.kind < right.kind ? -1 : 1));
}

function notify(lines: readonly string[], { host, quiet }: Context): void {
  if (quiet) return;
  host.err.write(lines.map((line) => `${wrap(printableLine(line), host.err.columns, '  ')}\n`).join(''));
}

/** The mesh whose proxy is in a pod; else the one that is asked for, or the first that the objects show signs of. */
function meshOf({ workloads }: Subject, { selection }: AnalyzePlan, detected: readonly string[], capability: Capability): MeshAdapter {
  const pods = workloads.filter(({ isPod }) => isPod).map(({ resource }) => resource);
  const byProxy = meshes.find(({ proxyOf }) => pods.some((pod) => proxyOf?.(pod) !== undefined));
  const mesh = meshes.find(({ id }) => id === selection.mesh) ?? byProxy ?? meshes.find(({ id }) => detected.includes(id));
  if (!mesh) {
    throw new MeshctlError('E_MESH', 'Nothing here shows signs of a mesh.', {
      hint: 'Name one with --mesh, or run "meshctl check" to see what the cluster holds.',
      exit: EXIT.question,
    });
  }
  if (mesh[capability]) return mesh;
  const able = meshes.filter((each) => each[capability]).map(({ title }) => title);
  const others = (['describe', 'authz', 'checks', 'inject', 'install'] as const).filter((each) => mesh[each] !== undefined);
  throw new MeshctlError('E_MESH', `meshctl ${capability} knows ${quotedList(able)}, and not ${mesh.title}.`, {
    hint: `For ${mesh.title} there are ${quotedList(others.map((each) => (each === 'checks' ? 'meshctl check' : `meshctl ${each}`)))}; "meshctl proxy-config" shows what its proxies have.`,
    exit: EXIT.question,
  });
}

const factsFor = (cluster: Cluster, mesh: MeshAdapter, { clock }: Host): Facts =>
  factsOf(cluster, {
    ...{ now: clock.now(), mode: 'running', namespace: undefined, reads: [], meshes: [mesh.id] },
    analysis: async () => ({ findings: [], notChecked: [], gaps: [] }),
  });

/** Each port of each pod is asked once, and not for long. */
function patient(facts: Facts, cluster: Cluster): Facts {
  const answers = new Map<string, Promise<PodAnswer | undefined>>();
  const answer = async (pod: Ref, port: number, path: string): Promise<PodAnswer | undefined> => {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      const { status, body } = await cluster.podPort(pod, port).request(path, { signal });
      return { status, body };
    } catch (error) {
      if (signal.aborted || (error instanceof MeshctlError && error.code === 'E_POD_PORT')) return undefined;
      throw error;
    }
  };
  const keyOf = (pod: Ref, port: number, path: string): string => `${pod.namespace}/${pod.name}:${port}${path}`;
  return { ...facts, ask: (pod, port, path) => getOrInsert(answers, keyOf(pod, port, path), () => answer(pod, port, path)) };
}
