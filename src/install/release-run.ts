/**
 * Brings one release into the cluster. The record is written first, as pending, and last, as deployed or failed: whatever
 * interrupts in between, the next run sees how far it is and applies the same objects again.
 */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import { type Applying, applyObjects } from './apply.ts';
import { type Belonging, type DesiredObject, definitionsIn, desiredObjects, placeOf, type ScopeOf } from './desired.ts';
import { runHooks } from './hooks.ts';
import { ownerOf } from './owners.ts';
import { isPending, type Release } from './release.ts';
import { type Current, current, pruneHistory, writeRecord } from './releases.ts';
import { scopes } from './scopes.ts';
import { removeRelease } from './uninstall.ts';
import { type Clock, type Unready, untilReady } from './wait.ts';

/** A release as it is to be: everything but revision, status and times. */
export type WantedRelease = Pick<Release, 'name' | 'namespace' | 'chart' | 'values' | 'manifest' | 'hooks' | 'notes'> & {
  /** Manifests of the chart's folder `crds/`; they belong to no release, and stay when it goes. */
  readonly crds: string;
  readonly namespaceLabels?: Readonly<Record<string, string>> | undefined;
};

interface RunProgress {
  applied?(object: DesiredObject): void;
  waiting?(unready: readonly Unready[]): void;
  /** A hook, a rollback or the like begins; a sentence. */
  step?(text: string): void;
}

export interface RunOptions {
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Whether to wait until workloads are ready. */
  readonly waits: boolean;
  readonly atomic: boolean;
  readonly skipCrds: boolean;
  readonly signal?: AbortSignal | undefined;
  readonly progress?: RunProgress | undefined;
}

/** How often a run says in its record that it goes on, and after how long without a word it is taken to be dead. */
const BEAT_MS = 10_000;
const DEAD_MS = 45_000;
const INTERRUPTED = 'Interrupted';

/** Somebody else's run that is under way; undefined when there is none. */
function underWay({ newest }: Current, now: number): Release | undefined {
  if (!newest || !isPending(newest) || newest.description === INTERRUPTED) return undefined;
  return now - touchedAt(newest) < DEAD_MS ? newest : undefined;
}

const touchedAt = (release: Release): number => release.touchedAt ?? Date.parse(release.lastDeployed);

/**
 * @returns the release as it is deployed now
 * @throws MeshctlError E_RELEASE_PENDING, E_NOT_READY, E_RELEASE_FAILED or one of the cluster's
 */
export async function runRelease(cluster: Cluster, wanted: WantedRelease, options: RunOptions): Promise<Release> {
  const { clock, timeoutMs, signal } = options;
  const before = await current(cluster, wanted.namespace, wanted.name, signal);
  const other = underWay(before, clock.now());
  if (other) throw pendingError(other, clock.now());
  const release = begun(wanted, before, clock.now());
  const until = clock.now() + timeoutMs;
  await ensureNamespace(cluster, wanted, options);
  try {
    await writeRecord(cluster, release, clock.now(), signal);
  } catch (error) {
    // It may have arrived all the same, and would look like the record of a run that goes on.
    throw signal?.aborted ? await failed(cluster, release, before, error, options) : error;
  }
  const beat = heartbeat(cluster, release, options);
  try {
    await bring(cluster, wanted, release, before, { ...options, until });
    const deployed: Release = { ...release, status: 'deployed', description: before.deployed ? 'Upgrade complete' : 'Install complete' };
    await beat.stop();
    await writeRecord(cluster, deployed, clock.now(), signal);
    await supersede(cluster, before, options);
    await pruneHistory(cluster, [deployed, ...before.all.filter(({ revision }) => revision !== deployed.revision)], signal);
    return deployed;
  } catch (error) {
    await beat.stop();
    throw await failed(cluster, release, before, error, options);
  }
}

function begun(wanted: WantedRelease, { newest, deployed, all }: Current, now: number): Release {
  const { crds: _crds, namespaceLabels: _labels, ...rest } = wanted;
  const time = new Date(now).toISOString();
  // A run that was given up is taken up again under its own number.
  const resumes = newest !== undefined && isPending(newest) && newest.status !== 'uninstalling';
  return {
    ...rest,
    revision: resumes ? newest.revision : (all[0]?.revision ?? 0) + 1,
    status: deployed ? 'pending-upgrade' : 'pending-install',
    firstDeployed: deployed?.firstDeployed ?? newest?.firstDeployed ?? time,
    lastDeployed: time,
    description: deployed ? 'Preparing upgrade' : 'Initial install underway',
  };
}

async function bring(
  cluster: Cluster,
  wanted: WantedRelease,
  release: Release,
  before: Current,
  options: RunOptions & { readonly until: number },
): Promise<void> {
  const { until, signal, progress, clock, waits, skipCrds } = options;
  const belonging = { release: release.name, namespace: release.namespace };
  const scopeOf = await scopes(cluster, signal);
  const applying: Applying = {
    ...{ clock, until, signal },
    applied: (object) => progress?.applied?.(object),
    waiting: (unready) => progress?.waiting?.(unready),
  };
  const hooksOf = async (event: string): Promise<void> =>
    runHooks(cluster, release.hooks, event, {
      belonging,
      scopeOf,
      options: applying,
      begun: ({ kind, name }) => progress?.step?.(`Running hook ${kind} "${name}" (${event}).`),
    });
  const moment = before.deployed ? 'upgrade' : 'install';
  if (!skipCrds && wanted.crds !== '') await applyObjects(cluster, definitionsIn(wanted.crds, belonging, scopeOf), applying);
  await hooksOf(`pre-${moment}`);
  const desired = desiredObjects(release.manifest, belonging, scopeOf);
  const { deployed } = before;
  const earlier = new Map(deployed ? desiredObjects(deployed.manifest, belonging, scopeOf).map((object) => [placeOf(object), object]) : []);
  // Only what is deployed in full is known to be as it was wanted.
  const isWhole = before.newest === deployed;
  await applyObjects(cluster, desired, { ...applying, before: (object) => (isWhole ? earlier.get(placeOf(object)) : undefined) });
  if (waits) await untilReady(cluster, desired, applying);
  await deleteDropped(cluster, desired, before, scopeOf, options);
  await hooksOf(`post-${moment}`);
}

/** What the deployed release, or one that failed since, brought and this one does not. */
async function deleteDropped(
  cluster: Cluster,
  desired: readonly DesiredObject[],
  { all, deployed }: Current,
  scopeOf: ScopeOf,
  { signal }: RunOptions,
): Promise<void> {
  const kept = new Set(desired.map(placeOf));
  const since = all.filter(({ revision }) => revision >= (deployed?.revision ?? 0));
  for (const old of since) {
    const belonging = { release: old.name, namespace: old.namespace };
    for (const object of desiredObjects(old.manifest, belonging, scopeOf).toReversed()) {
      if (kept.has(placeOf(object)) || object.isKept) continue;
      kept.add(placeOf(object));
      await deleteOwn(cluster, object, belonging, signal);
    }
  }
}

/** Leaves what belongs to another by now, as the plan does. */
async function deleteOwn(cluster: Cluster, object: DesiredObject, belonging: Belonging, signal?: AbortSignal): Promise<void> {
  const live = await cluster.get(object, signal);
  if (live && ownerOf(live, belonging) === undefined) await cluster.delete(object, { signal });
}

async function ensureNamespace(
  cluster: Cluster,
  { namespace, namespaceLabels = {} }: WantedRelease,
  { signal }: RunOptions,
): Promise<void> {
  const ref = { kind: 'core/Namespace', namespace: '', name: namespace } as const;
  const live = await cluster.get(ref, signal);
  const has = live !== undefined && Object.entries(namespaceLabels).every(([key, value]) => live.labels[key] === value);
  if (has) return;
  const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: namespaceLabels } };
  await cluster.apply({ ...ref, body }, { signal });
}

async function supersede(cluster: Cluster, { all }: Current, { clock, signal }: RunOptions): Promise<void> {
  for (const old of all.filter(({ status }) => status === 'deployed'))
    await writeRecord(cluster, { ...old, status: 'superseded' }, clock.now(), signal);
}

interface Beat {
  stop(): Promise<void>;
}

/** Says again and again that the run goes on. */
function heartbeat(cluster: Cluster, release: Release, { clock }: RunOptions): Beat {
  const ending = new AbortController();
  const beating = (async () => {
    while (!ending.signal.aborted) {
      await clock.sleep(BEAT_MS, ending.signal);
      // One that is lost is made up for by the next. It is not cut off: it could reach the server after the record that ends the run.
      await writeRecord(cluster, release, clock.now()).catch(() => undefined);
    }
  })().catch(() => undefined);
  return {
    stop: () => {
      ending.abort();
      return beating;
    },
  };
}

/** Writes down what happened, goes back when that is wanted, and gives the error to throw. */
async function failed(cluster: Cluster, release: Release, before: Current, error: unknown, options: RunOptions): Promise<unknown> {
  const { clock, atomic, signal, progress } = options;
  if (signal?.aborted) {
    // The signal that ended the run must not end this too; nothing is lost when it fails: a pending record is resumed as well.
    await writeRecord(cluster, { ...release, description: INTERRUPTED }, clock.now(), AbortSignal.timeout(3000)).catch(() => undefined);
    return error;
  }
  const reason = error instanceof Error ? error.message : String(error);
  const what = before.deployed ? `Upgrade "${release.name}" failed: ${reason}` : `Release "${release.name}" failed: ${reason}`;
  const record: Release = { ...release, status: 'failed', description: what };
  await writeRecord(cluster, record, clock.now());
  if (!atomic) return error;
  progress?.step?.(
    before.deployed ? `It failed; going back to revision ${before.deployed.revision}.` : 'It failed; removing what was installed.',
  );
  await revertRelease(cluster, record, before, options);
  const said = before.deployed ? `Revision ${before.deployed.revision} is deployed again.` : 'What it had installed is removed.';
  return new MeshctlError('E_RELEASE_FAILED', `${reason} ${said}`, {
    hint: error instanceof MeshctlError ? error.hint : undefined,
    exit: EXIT.bad,
    cause: error,
  });
}

/**
 * Undoes what brought a release to where it is: back to the revision that was deployed before, or out of the cluster.
 * @param before as it was before that
 */
export async function revertRelease(cluster: Cluster, from: Release, before: Current, options: RunOptions): Promise<void> {
  if (before.deployed) await goBack(cluster, from, before.deployed, options);
  else await removeRelease(cluster, from, { ...options, removesCrds: false });
}

/** A rollback is a revision of its own, as Helm counts. */
async function goBack(cluster: Cluster, from: Release, to: Release, options: RunOptions): Promise<void> {
  const { clock, timeoutMs, progress } = options;
  const belonging = { release: to.name, namespace: to.namespace };
  const scopeOf = await scopes(cluster);
  const old = desiredObjects(to.manifest, belonging, scopeOf);
  const applying: Applying = { clock, until: clock.now() + timeoutMs, waiting: (unready) => progress?.waiting?.(unready) };
  await applyObjects(cluster, old, applying);
  const kept = new Set(old.map(placeOf));
  for (const object of desiredObjects(from.manifest, belonging, scopeOf).toReversed())
    if (!kept.has(placeOf(object)) && !object.isKept) await deleteOwn(cluster, object, belonging);
  await untilReady(cluster, old, applying);
  for (const old of [to, ...(from.status === 'deployed' ? [from] : [])])
    await writeRecord(cluster, { ...old, status: 'superseded' }, clock.now());
  const time = new Date(clock.now()).toISOString();
  await writeRecord(
    cluster,
    { ...to, revision: from.revision + 1, status: 'deployed', lastDeployed: time, description: `Rollback to ${to.revision}` },
    clock.now(),
  );
}

function pendingError(release: Release, now: number): MeshctlError {
  const silentMs = Math.max(0, now - touchedAt(release));
  return new MeshctlError(
    'E_RELEASE_PENDING',
    `Release "${release.namespace}/${release.name}" is ${release.status}: another run was at work on it ${Math.round(silentMs / 1000)} seconds ago.`,
    {
      hint: `Let it end. If it was killed, run this again in ${Math.ceil((DEAD_MS - silentMs) / 1000)} seconds: then it is taken up where it stopped.`,
      exit: EXIT.bad,
    },
  );
}
