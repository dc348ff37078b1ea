/**
 * Runs checks: several at once, each as soon as what it needs has passed. Called by the command; nothing
 * in here knows a mesh or a kind. A check that cannot ask the cluster says so and ends no other.
 */
import { MeshctlError } from '../errors.ts';
import type { Check, CheckOutcome, CheckResult, Facts } from '../model/check.ts';
import { limited, type Slots } from './limited.ts';

export interface RunOptions {
  readonly clock: { now(): number };
  /** How many checks run at the same time. */
  readonly limit?: number;
  readonly signal?: AbortSignal | undefined;
  /** Told of every change. */
  readonly progress?: RunProgress | undefined;
}

export interface RunProgress {
  started(check: Check): void;
  finished(outcome: CheckOutcome): void;
}

const MOST_AT_ONCE = 8;

/** After one of these no question will be answered any more. */
export const ENDS_ALL: ReadonlySet<string> = new Set(['E_CLUSTER_UNREACHABLE', 'E_CLUSTER_UNAUTHORIZED']);

/**
 * @param checks each behind those that it needs; what it needs and is not among them counts as passed
 * @returns outcomes in the order of the checks
 * @throws MeshctlError when the cluster cannot be asked at all, and the signal's reason when it is aborted
 */
export async function runChecks(checks: readonly Check[], facts: Facts, options: RunOptions): Promise<readonly CheckOutcome[]> {
  const ids = new Set(checks.map(({ id }) => id));
  const slots = limited(options.limit ?? MOST_AT_ONCE);
  const started = new Map<string, Promise<CheckOutcome>>();
  for (const check of checks) {
    const needed = (check.needs ?? []).filter((id) => ids.has(id)).map((id) => started.get(id));
    if (needed.includes(undefined)) throw new Error(`Check ${check.id} stands before one that it needs.`);
    started.set(check.id, outcomeOf(check, needed as Promise<CheckOutcome>[], facts, slots, options));
  }
  return Promise.all(started.values());
}

async function outcomeOf(
  check: Check,
  needed: readonly Promise<CheckOutcome>[],
  facts: Facts,
  slots: Slots,
  { clock, signal, progress }: RunOptions,
): Promise<CheckOutcome> {
  const missing = (await Promise.all(needed)).find(({ result }) => result.is === 'failed' || result.is === 'skipped');
  if (missing) {
    const became = missing.result.is === 'failed' ? 'failed' : 'was skipped';
    const outcome: CheckOutcome = {
      ...{ check, durationMs: 0 },
      result: { is: 'skipped', reason: `The check "${missing.check.id}" ${became}.` },
    };
    progress?.finished(outcome);
    return outcome;
  }
  return slots(async () => {
    signal?.throwIfAborted();
    progress?.started(check);
    const start = clock.now();
    const result = await check.run(facts).catch(asResult);
    signal?.throwIfAborted();
    const outcome = { check, result, durationMs: Math.max(0, clock.now() - start) };
    progress?.finished(outcome);
    return outcome;
  });
}

/** What may not be read says nothing about the mesh; a cluster that fails to answer does. */
function asResult(error: unknown): CheckResult {
  if (!(error instanceof MeshctlError) || !error.code.startsWith('E_CLUSTER_') || ENDS_ALL.has(error.code)) throw error;
  return { is: error.code === 'E_CLUSTER_FORBIDDEN' ? 'skipped' : 'failed', reason: error.message, hint: error.hint };
}
