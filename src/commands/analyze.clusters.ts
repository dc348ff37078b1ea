/**
 * The live clusters of an analysis: the primary one, and further ones of its mesh. A further cluster that cannot be asked
 * leaves a gap that is told; the others are judged all the same.
 */
import type { SelectedRule } from '../analysis/engine.ts';
import { EXIT, MeshctlError } from '../errors.ts';
import type { LiveGathered } from '../gather/cluster.ts';
import { analyzedMeshes } from '../mesh/analyzed.ts';
import { CONFIG_MAP } from '../mesh/istio/kinds.ts';
import type { Cluster } from '../model/cluster.ts';
import type { AnalyzedCluster, InputError } from '../model/finding.ts';
import { inParallel } from '../model/parallel.ts';
import type { Kind, Resource } from '../model/resource.ts';
import { resourceSet } from '../model/resource-set.ts';
import { gatherLive } from './analyze.live.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import type { Context, Options } from './define.ts';

export interface ClustersGathered extends LiveGathered {
  /** The primary one first. */
  readonly clusters: readonly AnalyzedCluster[];
  /** Clusters that could not be asked. */
  readonly errors: readonly InputError[];
}

const MOST_REMOTES_AT_ONCE = 4;

/**
 * @param primary its objects belong to no cluster by name, as those of files do
 * @throws MeshctlError when the primary cluster cannot be asked, or a context leads to no cluster
 */
export async function gatherClusters(
  plan: AnalyzePlan,
  selected: readonly SelectedRule[],
  primary: Cluster,
  options: Options,
  { cluster: connect }: Context,
): Promise<ClustersGathered> {
  rejectTwice([primary.context, ...plan.remoteContexts]);
  // Contexts that lead nowhere are told before anything is read.
  const remotes = await Promise.all(plan.remoteContexts.map((context) => connect({ ...options, context })));
  const more = [
    ...(remotes.length > 0 ? [CONFIG_MAP] : []),
    ...(plan.settings.revision === undefined ? [] : analyzedMeshes.flatMap(({ revisions }) => revisions?.kinds ?? [])),
  ];
  const [own, others] = await Promise.all([
    gatherLive(plan, selected, primary, more),
    inParallel(remotes, MOST_REMOTES_AT_ONCE, (cluster) => readOrTold(() => gatherLive(plan, selected, cluster, more))),
  ]);
  if (remotes.length === 0) return { ...own, clusters: [{ context: primary.context, primary: true }], errors: [] };

  const names = namesOf([own, ...others].map((read) => ('failure' in read ? undefined : nameIn(read.resources, plan))));
  const parts = others.map((read, index): ClustersGathered => {
    const context = remotes[index]?.context ?? '';
    return 'failure' in read ? unreached(context, read.failure) : inCluster(names[index + 1] ?? context, context, read);
  });
  return merged({ ...own, clusters: [{ context: primary.context, name: names[0], primary: true }], errors: [] }, parts);
}

function rejectTwice(contexts: readonly string[]): void {
  const twice = contexts.find((context, index) => contexts.indexOf(context) < index);
  if (twice === undefined) return;
  throw new MeshctlError('E_USAGE', `The context "${twice}" is named twice.`, {
    hint: 'The first --context, or the current one, is the primary cluster; name each further cluster once.',
  });
}

type Told = { readonly failure: MeshctlError };

async function readOrTold(read: () => Promise<LiveGathered>): Promise<LiveGathered | Told> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MeshctlError && error.exit === EXIT.unreachable) return { failure: error };
    throw error;
  }
}

function nameIn(resources: readonly Resource[], { settings }: AnalyzePlan): string | undefined {
  const set = resourceSet(resources, { settings });
  return analyzedMeshes.flatMap(({ acrossClusters }) => acrossClusters?.nameOf(set) ?? [])[0];
}

/** Names that several clusters claim, such as the default one, tell nobody anything. */
function namesOf(claimed: readonly (string | undefined)[]): readonly (string | undefined)[] {
  return claimed.map((name) => (claimed.filter((other) => other === name).length > 1 ? undefined : name));
}

function inCluster(name: string, context: string, read: LiveGathered): ClustersGathered {
  const told = (reasons: ReadonlyMap<Kind, string>): ReadonlyMap<Kind, string> =>
    new Map([...reasons].map(([kind, reason]) => [kind, `Cluster "${name}": ${reason}`]));
  return {
    resources: read.resources.map((resource) => ({ ...resource, cluster: name })),
    unread: told(read.unread),
    partlyRead: told(read.partlyRead),
    gaps: read.gaps,
    clusters: [{ name, context, primary: false }],
    errors: [],
  };
}

/** Its services and workloads may be what is missed elsewhere; its own configuration is nobody's business but its own. */
function unreached(context: string, { message, hint }: MeshctlError): ClustersGathered {
  const kinds = analyzedMeshes.flatMap(({ acrossClusters }) => acrossClusters?.kinds ?? []);
  return {
    resources: [],
    unread: new Map(kinds.map((kind) => [kind, `The cluster of context "${context}" could not be read.`])),
    partlyRead: new Map(),
    gaps: [],
    clusters: [{ context, primary: false, error: message }],
    errors: [{ source: `cluster/${context}`, message: hint === undefined ? message : `${message} ${hint}` }],
  };
}

function merged(own: ClustersGathered, others: readonly ClustersGathered[]): ClustersGathered {
  const all = [own, ...others];
  return {
    resources: all.flatMap(({ resources }) => resources),
    unread: joined(all.map(({ unread }) => unread)),
    partlyRead: joined(all.map(({ partlyRead }) => partlyRead)),
    gaps: all.flatMap(({ gaps }) => gaps),
    clusters: all.flatMap(({ clusters }) => clusters),
    errors: all.flatMap(({ errors }) => errors),
  };
}

/** What is not known of a kind in several clusters is said in one reason. */
function joined(parts: readonly ReadonlyMap<Kind, string>[]): ReadonlyMap<Kind, string> {
  const reasons = new Map<Kind, string>();
  for (const [kind, reason] of parts.flatMap((part) => [...part])) {
    const earlier = reasons.get(kind);
    reasons.set(kind, earlier === undefined ? reason : `${earlier} ${reason}`);
  }
  return reasons;
}
