/**
 * A live cluster → the resources of an analysis. Only kinds that rules read are listed. What may not
 * be read becomes a gap that is told, never a failure; a server that cannot be asked is one.
 *
 * What a careful operator would accept: of Secrets the metadata alone, except those that hold a
 * Gateway's certificate; of ConfigMaps only those in control plane namespaces, and of these only
 * the keys that hold a mesh's configuration.
 */
import { MeshctlError } from '../errors.ts';
import { itemsAt } from '../model/body.ts';
import type { Cluster, ListOptions } from '../model/cluster.ts';
import type { LiveReads } from '../model/mesh-adapter.ts';
import { inParallel } from '../model/parallel.ts';
import { type Kind, type Ref, type Resource, shortKind } from '../model/resource.ts';
import { quotedList } from '../text/words.ts';
import { trimmed, withKeysOnly } from './trim.ts';

export interface LiveQuestion {
  /** Kinds that the selected rules declare. */
  readonly kinds: ReadonlySet<Kind>;
  /** Where to look first for kinds that may not be listed in all namespaces. */
  readonly namespace: string;
  /** What the meshes need of ConfigMaps and Secrets, given everything else. */
  readonly reads: (resources: readonly Resource[]) => LiveReads;
}

export interface LiveGathered {
  readonly resources: readonly Resource[];
  /** Kinds that were not read, or only in part, each with the reason as a sentence. */
  readonly unread: ReadonlyMap<Kind, string>;
  /** Kinds that were read, but for what some objects hold, each with the reason as a sentence. */
  readonly partlyRead: ReadonlyMap<Kind, string>;
  /** The same at length: what was asked, and what would help. */
  readonly gaps: readonly string[];
}

const MOST_AT_ONCE = 8;

const CONFIG_MAP: Kind = 'core/ConfigMap';
const NAMESPACE: Kind = 'core/Namespace';
const SECRET: Kind = 'core/Secret';
const CRD: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

/** How kinds are listed that are sensitive or large. */
const LISTING: ReadonlyMap<Kind, ListOptions> = new Map<Kind, ListOptions>([
  [SECRET, { metadataOnly: true }],
  [CRD, { pageSize: 50 }],
  [CONFIG_MAP, { pageSize: 50 }],
]);

const NO_PERMISSION = 'permission is missing';

/** Failures that concern one kind; any other ends the analysis. */
const GAPS: Readonly<Record<string, string>> = {
  E_CLUSTER_FORBIDDEN: NO_PERMISSION,
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
  const partlyRead = new Map<Kind, string>();
  const gaps = new Set<string>();
  const stop = new AbortController();
  let firstGap: MeshctlError | undefined;

  /** @param note is told the reason of a gap; without it the gap is known already */
  const orGap = async <T>(read: () => Promise<T>, note?: (reason: string) => void): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      const reason = error instanceof MeshctlError ? GAPS[error.code] : undefined;
      if (reason === undefined) {
        stop.abort(error);
        throw error;
      }
      firstGap ??= error as MeshctlError;
      if (note) gaps.add((error as MeshctlError).message);
      note?.(reason);
      return undefined;
    }
  };
  const list = async (kind: Kind, options: ListOptions): Promise<readonly Resource[]> => {
    const found: Resource[] = [];
    for await (const page of cluster.list(kind, { ...LISTING.get(kind), ...options, signal: stop.signal })) {
      for (const resource of page) if (!isDerived(resource)) found.push(trimmed(resource));
    }
    return found;
  };
  const plural = (kind: Kind): string => `Objects of kind ${shortKind(kind)}`;

  // Whoever may not read everything may often read the namespace at hand, and perhaps those that hold a mesh's defaults.
  const namespaces = [...new Set([question.namespace, ...question.reads([]).configNamespaces])];
  const inNamespace = async (kind: Kind, namespace: string): Promise<readonly Resource[] | undefined> => {
    if (served.get(kind)?.namespaced) return list(kind, { namespace });
    const found = kind === NAMESPACE ? await cluster.get({ kind, namespace: '', name: namespace }, stop.signal) : undefined;
    return found && [found];
  };
  const readable = async (kind: Kind, reason: string): Promise<readonly Resource[] | undefined> => {
    const parts = await Promise.all(namespaces.map((namespace) => orGap(() => inNamespace(kind, namespace))));
    const read = namespaces.filter((_, index) => parts[index] !== undefined);
    if (read.length === 0) return undefined;
    const where = kind === NAMESPACE ? `but ${quotedList(read, 3)}` : `but in namespace ${quotedList(read, 3)}`;
    unread.set(kind, `${plural(kind)} could not be read ${where}: ${reason}.`);
    return parts.flatMap((found) => found ?? []);
  };

  const lists = await inParallel(listable, MOST_AT_ONCE, async (kind) => {
    let reason = '';
    const all = await orGap(
      () => list(kind, {}),
      (why) => {
        reason = why;
      },
    );
    if (all) return all;
    unread.set(kind, `${plural(kind)} could not be read: ${reason}.`);
    return reason === NO_PERMISSION ? readable(kind, reason) : undefined;
  });
  // A namespace by its name says nothing of what is in it.
  const nothing = lists.every((found, index) => found === undefined || (listable[index] === NAMESPACE && unread.has(NAMESPACE)));
  if (listable.length > 0 && nothing && firstGap) throw firstGap;
  const resources = lists.flatMap((found) => found ?? []);

  const { configNamespaces, configKeys, objects } = question.reads(resources);
  const keys = new Set(configKeys);
  const configMaps = await inParallel(question.kinds.has(CONFIG_MAP) ? configNamespaces : [], MOST_AT_ONCE, (namespace) =>
    orGap(
      () => list(CONFIG_MAP, { namespace }),
      (reason) => unread.set(CONFIG_MAP, `ConfigMaps of namespace "${namespace}" could not be read: ${reason}.`),
    ),
  );
  const listed = new Set(listable);
  const wanted = objects.filter(({ kind }) => question.kinds.has(kind));
  const single = await inParallel(unique(wanted), MOST_AT_ONCE, (ref) =>
    orGap(
      () => cluster.get(ref, stop.signal),
      (reason) => {
        const what = `${shortKind(ref.kind)} "${ref.namespace}/${ref.name}" could not be read`;
        // Of a listed object only the contents are in doubt.
        if (listed.has(ref.kind)) partlyRead.set(ref.kind, `${what} beyond its metadata: ${reason}.`);
        else unread.set(ref.kind, `${what}: ${reason}.`);
      },
    ),
  );
  const cut = configMaps.flatMap((found) => found ?? []).map((configMap) => withKeysOnly(configMap, keys));
  const whole = [...cut, ...single.flatMap((found) => found ?? [])];
  return { resources: [...withoutThese(resources, whole), ...whole], unread, partlyRead, gaps: [...gaps].sort() };
}

const keyOf = ({ kind, namespace, name }: Ref): string => `${kind} ${namespace} ${name}`;

function unique(refs: readonly Ref[]): readonly Ref[] {
  return [...new Map(refs.map((ref) => [keyOf(ref), ref])).values()];
}

/** The objects but those of the primary cluster that one of `others` stands for. */
export function withoutThese(resources: readonly Resource[], others: readonly Resource[]): readonly Resource[] {
  if (others.length === 0) return resources;
  const keys = new Set(others.filter((other) => other.cluster === undefined).map(keyOf));
  return resources.filter((resource) => resource.cluster !== undefined || !keys.has(keyOf(resource)));
}

/** ReplicaSets and Jobs that a Deployment or CronJob made say nothing that their maker and their Pods do not, and the old ones mislead. */
function isDerived({ kind, body }: Resource): boolean {
  if (kind !== 'apps/ReplicaSet' && kind !== 'batch/Job') return false;
  return itemsAt(body, 'metadata', 'ownerReferences').some(({ item }) => item['controller'] === true);
}
