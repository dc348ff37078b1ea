/** What a release would change in the cluster. Nothing is changed to find out: the API server is asked by dry runs. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { ObjectAction } from '../model/install-report.ts';
import { inParallel } from '../model/parallel.ts';
import { quotedRef, type Resource } from '../model/resource.ts';
import { type Belonging, type DesiredObject, placeOf } from './desired.ts';
import { difference } from './difference.ts';
import { keepingOthers } from './keep-others.ts';
import { isShared, type Owner, ownerOf } from './owners.ts';
import { MANAGER } from './releases.ts';

export interface PlannedObject {
  readonly action: ObjectAction;
  readonly object: DesiredObject;
  /** Of what is created and updated. */
  readonly diff?: string | undefined;
  /** Who else has set fields that would be overwritten, in a sentence. */
  readonly conflict?: string | undefined;
}

export interface PlanRequest {
  readonly belonging: Belonging;
  readonly desired: readonly DesiredObject[];
  /** Of the release as it is deployed; what it no longer brings is deleted. */
  readonly before: readonly DesiredObject[];
  readonly takeOwnership: boolean;
  readonly signal?: AbortSignal | undefined;
}

const AT_ONCE = 8;
/** Objects of others that a message names. */
const NAMED = 5;

/**
 * @returns what is created, changed, left and deleted, in the order of the manifest; deletions last
 * @throws MeshctlError E_OWNED when objects belong to somebody else
 */
export async function planObjects(cluster: Cluster, request: PlanRequest): Promise<readonly PlannedObject[]> {
  const { belonging, desired, before, takeOwnership, signal } = request;
  const looked = await inParallel(desired, AT_ONCE, async (object) => {
    const live = await cluster.get(object, signal);
    const owner = live && !takeOwnership && !isShared(live) ? ownerOf(live, belonging) : undefined;
    return { object, live, owner };
  });
  const owned = looked.flatMap(({ object, owner }) => (owner ? [{ object, owner }] : []));
  if (owned.length > 0) throw ownedError(owned, belonging);
  const earlier = new Map(before.map((object) => [placeOf(object), object]));
  const planned = await inParallel(looked, AT_ONCE, ({ object, live }) =>
    planObject(cluster, object, live, earlier.get(placeOf(object)), signal),
  );
  const kept = new Set(desired.map(placeOf));
  const gone = before.filter((object) => !kept.has(placeOf(object)) && !object.isKept);
  const deleted = await inParallel(gone, AT_ONCE, async (object): Promise<readonly PlannedObject[]> => {
    const live = await cluster.get(object, signal);
    return live && ownerOf(live, belonging) === undefined ? [{ action: 'delete', object }] : [];
  });
  return [...planned, ...deleted.flat()];
}

async function planObject(
  cluster: Cluster,
  object: DesiredObject,
  live: Resource | undefined,
  before: DesiredObject | undefined,
  signal: AbortSignal | undefined,
): Promise<PlannedObject> {
  if (!live) return { action: 'create', object, diff: difference(undefined, object.body) };
  const wanted = before ? { ...object, body: keepingOthers(object.body, before.body, live.body) } : object;
  const { applied, conflict } = await tried(cluster, wanted, signal);
  const diff = difference(live.body, applied.body);
  return diff === '' ? { action: 'unchanged', object } : { action: 'update', object, diff, conflict };
}

/** Whom a dry run meets, and what comes of it when their fields are taken over. */
async function tried(
  cluster: Cluster,
  object: DesiredObject,
  signal: AbortSignal | undefined,
): Promise<{ readonly applied: Resource; readonly conflict?: string }> {
  const options = { dryRun: true, manager: MANAGER, signal };
  try {
    return { applied: await cluster.apply(object, options) };
  } catch (error) {
    if (!(error instanceof MeshctlError && error.code === 'E_CLUSTER_CONFLICT')) throw error;
    const applied = await cluster.apply(object, { ...options, force: true });
    // Helm 3 has set its fields by updates, which count as another manager's.
    const isOurs = /"(?:helm|meshctl)" owns/.test(error.message) && !error.message.includes(';');
    return isOurs ? { applied } : { applied, conflict: error.message };
  }
}

function ownedError(
  owned: readonly { readonly object: DesiredObject; readonly owner: Owner }[],
  { release, namespace }: Belonging,
): MeshctlError {
  const [{ owner: first } = { owner: { title: '', hint: '' } }] = owned;
  const lines = owned.slice(0, NAMED).map(({ object, owner }) => `${quotedRef(object)} is managed by ${owner.title}`);
  const more = owned.length > NAMED ? `, and ${owned.length - NAMED} more objects by others` : '';
  return new MeshctlError('E_OWNED', `Release "${namespace}/${release}" is not applied: ${lines.join(', ')}${more}.`, {
    hint: first.hint,
    exit: EXIT.bad,
  });
}
