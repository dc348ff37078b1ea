/** Applies objects kind by kind, in the order of Helm. What needs a webhook that is only starting is tried again. */
import { MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { inParallel } from '../model/parallel.ts';
import type { DesiredObject } from './desired.ts';
import { keepingOthers } from './keep-others.ts';
import { MANAGER } from './releases.ts';
import { type Clock, untilReady, type Waiting } from './wait.ts';

export interface Applying extends Waiting {
  readonly clock: Clock;
  /** The same object as it was wanted by the release that is deployed; undefined when that had none. */
  readonly before?: ((object: DesiredObject) => DesiredObject | undefined) | undefined;
  /** Told of each object when it is there. */
  readonly applied?: ((object: DesiredObject) => void) | undefined;
}

const AT_ONCE = 8;
const PAUSE_MS = 1000;
const DEFINITION = 'apiextensions.k8s.io/CustomResourceDefinition';

/** @throws MeshctlError of the cluster for the first object that it does not take */
export async function applyObjects(cluster: Cluster, objects: readonly DesiredObject[], options: Applying): Promise<void> {
  for (const group of groupsOf(objects)) {
    await inParallel(group, AT_ONCE, async (object) => {
      await patiently(() => applyOne(cluster, object, options), options);
      options.applied?.(object);
    });
    // Objects of a kind can only be made when the kind is served.
    const definitions = group.filter(({ kind }) => kind === DEFINITION);
    if (definitions.length > 0) await untilReady(cluster, definitions, options);
  }
}

async function applyOne(cluster: Cluster, object: DesiredObject, { before, signal }: Applying): Promise<void> {
  const earlier = before?.(object);
  const live = earlier && (await cluster.get(object, signal));
  const body = earlier && live ? keepingOthers(object.body, earlier.body, live.body) : object.body;
  await cluster.apply({ ...object, body }, { force: true, manager: MANAGER, signal });
}

/** Neighbours of one kind go together. */
function groupsOf(objects: readonly DesiredObject[]): readonly (readonly DesiredObject[])[] {
  const groups: DesiredObject[][] = [];
  for (const object of objects) {
    const last = groups.at(-1);
    if (last?.[0]?.kind === object.kind) last.push(object);
    else groups.push([object]);
  }
  return groups;
}

async function patiently(apply: () => Promise<unknown>, { clock, until, signal }: Applying): Promise<void> {
  for (;;) {
    try {
      await apply();
      return;
    } catch (error) {
      if (!isPassing(error) || clock.now() >= until) throw error;
      await clock.sleep(Math.min(PAUSE_MS, Math.max(1, until - clock.now())), signal);
    }
  }
}

/** The webhook of a program that has just been applied does not answer yet, and a new kind is not served yet. */
const isPassing = (error: unknown): boolean =>
  error instanceof MeshctlError &&
  (/failed calling webhook|no endpoints available/.test(error.message) || error.code === 'E_CLUSTER_NOT_SERVED');
