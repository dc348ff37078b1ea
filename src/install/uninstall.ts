/** Takes a release out of the cluster: exactly what its record names, in an order in which nothing blocks the rest. */
import type { Cluster } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import type { Applying } from './apply.ts';
import { type DesiredObject, desiredObjects, placeOf, type ScopeOf } from './desired.ts';
import { runHooks } from './hooks.ts';
import { ownerOf } from './owners.ts';
import type { Release, StoredChart } from './release.ts';
import { deleteRecord, history, writeRecord } from './releases.ts';
import type { Clock, Unready } from './wait.ts';

export interface RemoveOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Deletes the definitions in the chart's folder `crds/` too, and with them every object of these kinds. */
  readonly removesCrds: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress?:
    | { applied?(object: DesiredObject): void; waiting?(unready: readonly Unready[]): void; step?(text: string): void }
    | undefined;
}

/** What goes, in the order in which it goes. */
export interface Inventory {
  readonly objects: readonly DesiredObject[];
  /** Stays, because the chart says so. */
  readonly kept: readonly DesiredObject[];
  /** Definitions in the folder `crds/`, and those that the chart keeps; they stay unless it is asked for. */
  readonly crds: readonly DesiredObject[];
}

const DEFINITION = 'apiextensions.k8s.io/CustomResourceDefinition';

/** Kinds that stand in the way of deleting others when those who serve them are gone. */
const FIRST = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'APIService'];

const groupOfOrder = ({ body }: DesiredObject): number => {
  const place = FIRST.indexOf(String(body['kind']));
  return place < 0 ? FIRST.length : place;
};

export function inventory(release: Release, scopeOf: ScopeOf): Inventory {
  const belonging = { release: release.name, namespace: release.namespace };
  const own = desiredObjects(release.manifest, belonging, scopeOf);
  const hooks = release.hooks.flatMap(({ manifest }) => desiredObjects(manifest, belonging, scopeOf));
  const all = [...new Map([...own, ...hooks].map((object) => [placeOf(object), object])).values()];
  return {
    objects: all
      .filter(({ isKept }) => !isKept)
      .toReversed()
      .toSorted((left, right) => groupOfOrder(left) - groupOfOrder(right)),
    kept: all.filter(({ isKept, kind }) => isKept && kind !== DEFINITION),
    crds: [
      ...desiredObjects(crdsOf(release.chart), belonging, scopeOf),
      ...all.filter(({ isKept, kind }) => isKept && kind === DEFINITION),
    ],
  };
}

/** Helm keeps them among the files of the chart. */
const crdsOf = ({ files }: StoredChart): string =>
  files
    .filter(({ name }) => /^crds\/.*\.(?:ya?ml|json)$/.test(name))
    .map(({ data }) => `---\n${Buffer.from(data, 'base64').toString()}\n`)
    .join('');

/** Everything of it, its records included; a run that is interrupted is ended by the next one. */
export async function removeRelease(cluster: Cluster, release: Release, options: RemoveOptions): Promise<void> {
  const { clock, timeoutMs, removesCrds, signal, progress } = options;
  const kinds = await cluster.kinds(signal);
  const scopeOf: ScopeOf = (kind) => kinds.get(kind)?.namespaced;
  const belonging = { release: release.name, namespace: release.namespace };
  const applying: Applying = { clock, until: clock.now() + timeoutMs, signal, waiting: (unready) => progress?.waiting?.(unready) };
  const hooksOf = (event: string): Promise<void> =>
    runHooks(cluster, release.hooks, event, {
      belonging,
      scopeOf,
      options: applying,
      begun: ({ kind, name }) => progress?.step?.(`Running hook ${kind} "${name}" (${event}).`),
    });
  await writeRecord(cluster, { ...release, status: 'uninstalling', description: 'Deletion in progress' }, clock.now(), signal);
  const { objects, crds } = inventory(release, scopeOf);
  await hooksOf('pre-delete');
  await deleteAll(cluster, objects, belonging, applying, progress);
  if (removesCrds) await deleteAll(cluster, crds, undefined, applying, progress);
  await hooksOf('post-delete');
  await deleteAll(
    cluster,
    objects.filter((object) => release.hooks.some(({ name }) => name === object.name)),
    undefined,
    applying,
    progress,
  );
  for (const old of await history(cluster, release.namespace, release.name, signal)) await deleteRecord(cluster, old, signal);
}

async function deleteAll(
  cluster: Cluster,
  objects: readonly DesiredObject[],
  belonging: { readonly release: string; readonly namespace: string } | undefined,
  { clock, until, signal, waiting }: Applying,
  progress: RemoveOptions['progress'],
): Promise<void> {
  const deleted: DesiredObject[] = [];
  for (const object of objects) {
    const live = await cluster.get(object, signal);
    // Another release or tool has taken it over since.
    if (!live || (belonging && ownerOf(live, belonging) && live.annotations['meta.helm.sh/release-name'] !== undefined)) continue;
    if (await cluster.delete(object, { signal })) deleted.push(object);
    progress?.applied?.(object);
  }
  let left: readonly DesiredObject[] = deleted;
  while (left.length > 0 && clock.now() < until) {
    const there = await inParallel(left, 8, async (object) => ((await cluster.get(object, signal)) ? [object] : []));
    left = there.flat();
    if (left.length === 0) return;
    waiting?.(
      left.map((object) => ({
        object: `${object.body['kind']} ${object.namespace ? `${object.namespace}/` : ''}${object.name}`,
        reason: 'it is being deleted',
      })),
    );
    await clock.sleep(300, signal);
  }
}
