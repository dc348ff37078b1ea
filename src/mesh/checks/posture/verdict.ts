/** One question put to each of several workloads. */
import type { Affected, CheckResult } from '../../../model/check.ts';
import { count } from '../../../text/words.ts';

export interface VerdictWords {
  /** What to say when there is no workload, as a sentence. */
  readonly none: string;
  /** @param number `1 workload`, `3 workloads` */
  readonly reason: (number: string, has: 'has' | 'have') => string;
  readonly hint: string;
}

/** @param problem what is the matter with one of them, as a sentence; undefined when nothing is */
export function verdictOn<T extends { readonly resource: Affected['resource'] }>(
  workloads: readonly T[],
  { none, reason, hint }: VerdictWords,
  problem: (workload: T) => string | undefined,
): CheckResult {
  if (workloads.length === 0) return { is: 'ok', reason: none };
  const affected = workloads.flatMap((workload): readonly Affected[] => {
    const detail = problem(workload);
    return detail === undefined ? [] : [{ resource: workload.resource, detail }];
  });
  if (affected.length === 0) return { is: 'ok', reason: `${count(workloads.length, 'workload')}.` };
  return { is: 'warning', reason: reason(count(affected.length, 'workload'), affected.length === 1 ? 'has' : 'have'), hint, affected };
}
