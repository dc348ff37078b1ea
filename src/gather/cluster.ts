/**
 * A live cluster → the resources of an analysis. Only kinds that rules read are listed. What may not
 * be read becomes a gap that is told, never a failure; a server that cannot be asked is one.
 *
 * What a careful operator would accept: of Secrets the metadata alone, except those that hold a
 * Gateway's certificate; of ConfigMaps only those in control plane namespaces.
 */
import { MeshctlError } from '../errors.ts';
import { itemsAt, listAt, objectAt } from '../model/body.ts';
import type { Cluster, ListOptions } from '../model/cluster.ts';
import type { LiveReads } from '../model/mesh-adapter.ts';
import { inParallel } from '../model/parallel.ts';
import { type Kind, type Ref, type Resource, shortKind } from '../model/resource.ts';

export interface LiveQuestion {
  /** Kinds that the selected rules declare. */
  readonly kinds: ReadonlySet<Kind>;
  /** Where to look for kinds that may not be listed in all namespaces. */
  readonly namespace: string;
  /** What the meshes need of ConfigMaps and Secrets, given everything else. */
  readonly reads: (resources: readonly Resource[]) => LiveReads;
}

export interface LiveGathered {
  readonly resources: readonly Resource[];
  /** Kinds that were not read, or only in part, each with the reason as a sentence. */
  readonly unread: ReadonlyMap<Kind, string>;
  /** The same at length: what was asked, and what would help. */
  readonly gaps: readonly string[];
}

const MOST_AT_ONCE = 8;

const CONFIG_MAP: Kind = 'core/ConfigMap';
const SECRET: Kind = 'core/Secret';
const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

/** How kinds are listed that are sensitive or large. */
const LISTING: ReadonlyMap<Kind, ListOptions> = new Map<Kind, ListOptions>([
  [SECRET, { metadataOnly: true }],
  [CRD, { pageSize: 50 }],
]);

/** Failures that concern one kind; any other ends the analysis. */
const GAPS: Readonly<Record<string, string>> = {
  E_CLUSTER_FORBIDDEN: 'permission is missing',
  E_CLUSTER_TIMEOUT: 'the server did not answer in time',
  E_CLUSTER_FAILED: 'the server failed',
  E_CLUSTER_INVALID: 'the server refused the question',
  E_CLUSTER_NOT_SERVED: 'it is no longer served',
  E_CLUSTER_EXPIRED: 'it changed faster than it could be read',
};

/** @throws MeshctlError of the cluster when nothing at all can be read */
export async function gatherCluster(cluster: Cluster, question: LiveQuestion): Promise<LiveGathered> {
  const served = await cluster.kinds();
  const listable = [...question.kinds].filter((kind) => kind !== CONFIG_MAP && served.get(kind)?.verbs.includes('list')).sort();
  const unread = new Map<Kind, string>();
  const gaps: string[] = [];
  const stop = new AbortController();
  let firstGap: MeshctlError | undefined;

  /** @returns undefined for a gap */
  const orGap = async <T>(kind: Kind, what: string, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const reason = error instanceof MeshctlError ? GAPS[error.code] : undefined;
      if (reason === undefined) {
        stop.abort(error);
        throw error;
      }
      firstGap ??= error as MeshctlError;
      unread.set(kind, `${what} could not be read: ${reason}.`);
      gaps.push((error as MeshctlError).message);
      return undefined;
    }
  };
  const list = async (kind: Kind, options: ListOptions): Promise<readonly Resource[]> => {
    const found: Resource[] = [];
    for await (const page of cluster.list(kind, { ...LISTING.get(kind), ...options, signal: stop.signal })) {
      for (const resource of page) if (!isDerived(resource)) found.push(slimmed(resource));
    }
    return found;
  };
  const plural = (kind: Kind): string => `Objects of kind ${shortKind(kind)}`;

  const lists = await inParallel(listable, MOST_AT_ONCE, async (kind) => {
    const all = await orGap(kind, plural(kind), () => list(kind, {}));
    if (all || !served.get(kind)?.namespaced || !unread.get(kind)?.includes('permission')) return all;
    const some = await list(kind, { namespace: question.namespace }).catch((error) => {
      if (error instanceof MeshctlError && error.code in GAPS) return undefined;
      throw error;
    });
    if (some) unread.set(kind, `${plural(kind)} could be read in namespace "${question.namespace}" only: permission is missing.`);
    return some;
  });
  if (listable.length > 0 && lists.every((found) => found === undefined) && firstGap) throw firstGap;
  const resources = lists.flatMap((found) => found ?? []);

  const { configNamespaces, objects } = question.reads(resources);
  const namespaces = question.kinds.has(CONFIG_MAP) ? configNamespaces : [];
  const configMaps = await inParallel(namespaces, MOST_AT_ONCE, (namespace) =>
    orGap(CONFIG_MAP, `ConfigMaps of namespace "${namespace}"`, () => list(CONFIG_MAP, { namespace })),
  );
  const wanted = objects.filter(({ kind }) => question.kinds.has(kind));
  const single = await inParallel(unique(wanted), MOST_AT_ONCE, (ref) =>
    orGap(ref.kind, `${shortKind(ref.kind)} "${ref.namespace}/${ref.name}"`, () => cluster.get(ref, stop.signal)),
  );
  const whole = [...configMaps.flatMap((found) => found ?? []), ...single.flatMap((found) => found ?? [])];
  return { resources: [...withoutThese(resources, whole), ...whole], unread, gaps: gaps.sort() };
}

const keyOf = ({ kind, namespace, name }: Ref): string => `${kind} ${namespace} ${name}`;

function unique(refs: readonly Ref[]): readonly Ref[] {
  return [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
}

/** Objects of the primary cluster that none of `others` stands for. */
export function withoutThese(resources: readonly Resource[], others: readonly Resource[]): readonly Resource[] {
  if (others.length === 0) return resources;
  const keys = new Set(others.filter((other) => other.cluster === undefined).map(keyOf));
  return resources.filter((resource) => !keys.has(keyOf(resource)));
}

/** ReplicaSets and Jobs that a Deployment or CronJob made say nothing that their maker and their Pods do not, and the old ones mislead. */
function isDerived({ kind, body }: Resource): boolean {
  if (kind !== 'apps/ReplicaSet' && kind !== 'batch/Job') return false;
  return itemsAt(body, 'metadata', 'ownerReferences').some(({ item }) => item['controller'] === true);
}

/** The schemas of a CRD are most of it, and no rule reads them. */
function slimmed(resource: Resource): Resource {
  if (resource.kind !== CRD) return resource;
  const versions = listAt(resource.body, 'spec', 'versions').map((version) => ({ ...(version as object), schema: undefined }));
  return { ...resource, body: { ...resource.body, spec: { ...objectAt(resource.body, 'spec'), versions } } };
}
