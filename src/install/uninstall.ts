/** Takes a release out of the cluster: exactly what its record names, in an order in which nothing blocks the rest. */
import { EXIT, MeshctlError } from '../errors.ts';
import { stringAt } from '../model/body.ts';
import type { Cluster } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import { friendlyName, type Resource } from '../model/resource.ts';
import type { Applying } from './apply.ts';
import { type Belonging, type DesiredObject, desiredObjects, placeOf, type ScopeOf } from './desired.ts';
import { runHooks } from './hooks.ts';
import { isTakenOver } from './owners.ts';
import type { Release, StoredChart } from './release.ts';
import { deleteRecord, history, writeRecord } from './releases.ts';
import { scopes } from './scopes.ts';
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

/**
 * Everything of it, its records included; a run that is interrupted is ended by the next one.
 * @throws MeshctlError E_NOT_GONE when something is still there at the end of the time; the record stays, so that the next run goes on
 */
export async function removeRelease(cluster: Cluster, release: Release, options: RemoveOptions): Promise<void> {
  const { clock, timeoutMs, removesCrds, signal, progress } = options;
  const scopeOf = await scopes(cluster, signal);
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
  belonging: Belonging | undefined,
  { clock, until, signal, waiting }: Applying,
  progress: RemoveOptions['progress'],
): Promise<void> {
  let left: readonly (readonly [object: DesiredObject, uid: string | undefined])[] = [];
  for (const object of objects) {
    const live = await cluster.get(object, signal);
    if (!live || (belonging && isTakenOver(live, belonging))) continue;
    if (await cluster.delete(object, { signal })) left = [...left, [object, uidOf(live)]];
    progress?.applied?.(object);
  }
  while (left.length > 0) {
    const there = await inParallel(left, 8, async (each) => {
      const live = await cluster.get(each[0], signal);
      // A controller may make one of the same name anew.
      return live && uidOf(live) === each[1] ? [each] : [];
    });
    left = there.flat();
    const [first] = left;
    if (!first) return;
    if (clock.now() >= until) throw notGone(first[0], left.length);
    waiting?.(
      left.map(([object]) => ({
        object: `${object.body['kind']} ${object.namespace ? `${object.namespace}/` : ''}${object.name}`,
        reason: 'it is being deleted',
      })),
    );
    await clock.sleep(300, signal);
  }
}

const uidOf = (live: Resource): string | undefined => stringAt(live.body, 'metadata', 'uid');

function notGone(first: DesiredObject, number: number): MeshctlError {
  const more = number > 1 ? ` and ${number - 1} more` : '';
  return new MeshctlError('E_NOT_GONE', `${friendlyName(first)}${more} did not go in time.`, {
    hint: 'A finalizer whose controller is gone is the usual cause: look at its metadata.finalizers with kubectl. Then run this again; it goes on where it stopped.',
    exit: EXIT.bad,
  });
}
