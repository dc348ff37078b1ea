/** Outcomes on a terminal as they come, in the order of the checks, and below them what is waited for. */
import type { RunProgress } from '../checks/runner.ts';
import type { Check, CheckOutcome } from '../model/check.ts';
import type { Progress } from '../terminal/progress.ts';
import type { CheckText } from './check.view.ts';
import type { Context } from './define.ts';

export interface LiveChecks {
  readonly progress: RunProgress;
  /** Nothing is shown from now on but what is waited for. */
  waiting(outcomes: readonly CheckOutcome[]): void;
}

/** @param text undefined: outcomes are not shown, as they may yet change or stand in a document */
export function liveChecks(checks: readonly Check[], text: CheckText | undefined, line: Progress, { host }: Context): LiveChecks {
  const done = new Map<string, CheckOutcome>();
  const running = new Set<string>();
  let shown = 0;
  const tell = (): void => {
    const [first] = running;
    if (first !== undefined) line.tell(`${done.size} of ${checks.length} checks done, now ${[...running].join(', ')}`);
  };
  return {
    progress: {
      started: ({ id }) => {
        running.add(id);
        tell();
      },
      finished: (outcome) => {
        running.delete(outcome.check.id);
        done.set(outcome.check.id, outcome);
        for (let next = doneAt(shown); text && next; next = doneAt(shown)) {
          host.out.write(text.outcome(next));
          shown++;
        }
        tell();
      },
    },
    waiting: (outcomes) => {
      done.clear();
      line.tell(`waiting for ${outcomes.map(({ check }) => check.id).join(', ')}`);
    },
  };

  function doneAt(index: number): CheckOutcome | undefined {
    const check = checks[index];
    return check && done.get(check.id);
  }
}
