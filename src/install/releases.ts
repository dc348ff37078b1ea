/** Releases of a cluster: read, written, and forgotten when there are too many. */
import type { Cluster } from '../model/cluster.ts';
import { isPending, type Release } from './release.ts';
import { recordOf, recordRef, recordSelector, releaseFrom, SECRET } from './release-record.ts';

/** The manager under which Helm applies: either tool may go on where the other stopped. */
export const MANAGER = 'helm';

/** As many as Helm keeps. */
const MOST_KEPT = 10;

/** Every revision of a release, the newest first. */
export async function history(cluster: Cluster, namespace: string, name: string, signal?: AbortSignal): Promise<readonly Release[]> {
  const found: Release[] = [];
  for await (const page of cluster.list(SECRET, { namespace, labelSelector: recordSelector(name), signal }))
    found.push(...page.flatMap((secret) => releaseFrom(secret) ?? []));
  return found.filter((each) => each.name === name).sort((left, right) => right.revision - left.revision);
}

/** The newest revision of every release, of a namespace or of all; records are asked for by their names alone first. */
export async function releases(cluster: Cluster, namespace?: string, signal?: AbortSignal): Promise<readonly Release[]> {
  const newest = new Map<string, Release>();
  for await (const page of cluster.list(SECRET, { namespace, labelSelector: recordSelector(), signal, pageSize: 50 })) {
    for (const secret of page) {
      const release = releaseFrom(secret);
      if (!release) continue;
      const key = `${release.namespace}/${release.name}`;
      if ((newest.get(key)?.revision ?? 0) < release.revision) newest.set(key, release);
    }
  }
  return [...newest.values()].sort((left, right) => (`${left.namespace}/${left.name}` < `${right.namespace}/${right.name}` ? -1 : 1));
}

/** What runs now, and what was begun and not ended. */
export interface Current {
  /** The newest revision; undefined when there is none, or it was uninstalled. */
  readonly newest: Release | undefined;
  /** The newest one that was deployed in full. */
  readonly deployed: Release | undefined;
  readonly all: readonly Release[];
}

export async function current(cluster: Cluster, namespace: string, name: string, signal?: AbortSignal): Promise<Current> {
  const all = await history(cluster, namespace, name, signal);
  const [newest] = all;
  return {
    all,
    newest: newest?.status === 'uninstalled' ? undefined : newest,
    deployed: all.find(({ status }) => status === 'deployed') ?? all.find(({ status }) => status === 'superseded'),
  };
}

export async function writeRecord(cluster: Cluster, release: Release, now: number, signal?: AbortSignal): Promise<void> {
  const body = recordOf(release, now);
  await cluster.apply({ ...recordRef(release), body }, { force: true, manager: MANAGER, signal });
}

export async function deleteRecord(cluster: Cluster, release: Release, signal?: AbortSignal): Promise<void> {
  await cluster.delete(recordRef(release), { signal });
}

/** Forgets the oldest revisions, never one that is deployed. */
export async function pruneHistory(cluster: Cluster, all: readonly Release[], signal?: AbortSignal): Promise<void> {
  const old = all.slice(MOST_KEPT).filter((release) => release.status !== 'deployed' && !isPending(release));
  for (const release of old) await deleteRecord(cluster, release, signal);
}
