/** Asking again what may mend itself. */
import type { CheckOutcome } from '../model/check.ts';

export interface WaitOptions {
  readonly clock: { now(): number; sleep(ms: number, signal?: AbortSignal): Promise<void> };
  /** Milliseconds since the epoch, after which no new round begins. */
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
  /** Told what is waited for, before each pause. */
  readonly waiting?: (outcomes: readonly CheckOutcome[]) => void;
}

/** As often as kubelets and controllers write the status of what they mend. */
const PAUSE_MS = 2000;

/**
 * @param round runs all checks on facts of its own
 * @returns the outcomes of the last round: when all is well that time can mend, or time is over
 */
export async function untilSettled(
  round: () => Promise<readonly CheckOutcome[]>,
  { clock, until, signal, waiting }: WaitOptions,
): Promise<readonly CheckOutcome[]> {
  for (;;) {
    const outcomes = await round();
    const unsettled = outcomes.filter(({ check, result }) => check.settles && (result.is === 'failed' || result.is === 'warning'));
    const left = until - clock.now();
    if (unsettled.length === 0 || left <= 0) return outcomes;
    waiting?.(unsettled);
    await clock.sleep(Math.min(PAUSE_MS, left), signal);
  }
}
