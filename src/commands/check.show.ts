/** Runs the rounds of a check, shows on a terminal how they go, and makes the answer. */
import type { RunProgress } from '../checks/runner.ts';
import { untilSettled } from '../checks/wait.ts';
import type { Check, CheckedMesh, CheckOutcome } from '../model/check.ts';
import type { Progress } from '../terminal/progress.ts';
import { liveChecks } from './check.live.ts';
import type { CheckPlan } from './check.plan.ts';
import { checkText, isText, renderChecks } from './check.view.ts';
import type { Context } from './define.ts';

export interface CheckRun {
  readonly plan: CheckPlan;
  readonly checks: readonly Check[];
  readonly context: Context;
  readonly signal: AbortSignal;
  readonly line: Progress;
  /** Runs all checks once. */
  readonly round: (progress: RunProgress) => Promise<readonly CheckOutcome[]>;
  /** Asks what others have to say, at the end. */
  readonly outside: () => Promise<readonly CheckOutcome[]>;
}

export interface ShownRun {
  readonly outcomes: readonly CheckOutcome[];
  /** What is still to be printed. */
  text(meshes: readonly CheckedMesh[]): string;
}

export async function runAndShow({
  plan: { format, waitMs = 0 },
  checks,
  context,
  signal,
  line,
  round,
  outside,
}: CheckRun): Promise<ShownRun> {
  const { clock, out } = context.host;
  const view = isText(format) ? checkText(checks, format === 'short', context) : undefined;
  // Outcomes of a round that is not the last may yet change.
  const isStreamed = view !== undefined && out.isTTY && waitMs === 0;
  const live = liveChecks(checks, isStreamed ? view : undefined, line, context);
  const own = await untilSettled(() => round(live.progress), { clock, signal, waiting: live.waiting, until: clock.now() + waitMs });
  const others = await outside();
  const outcomes = [...own, ...others];
  return {
    outcomes,
    text: (found) => {
      if (!view) return renderChecks({ meshes: found, outcomes }, format);
      return [...(isStreamed ? others : outcomes).map(view.outcome), view.summary(outcomes, found)].join('');
    },
  };
}
