/** What single troubles add up to. */
import type { Affected, CheckResult } from '../../../model/check.ts';

export interface Trouble extends Affected {
  readonly is: 'failed' | 'warning';
  /** What to do about it. */
  readonly hint: string;
}

/**
 * @param ok what was seen when there is no trouble, as a sentence
 * @param reason what the troubles have in common, as a sentence
 */
export function verdict(troubles: readonly Trouble[], ok: string, reason: string): CheckResult {
  const worst = troubles.find(({ is }) => is === 'failed') ?? troubles[0];
  if (!worst) return { is: 'ok', reason: ok };
  return { is: worst.is, reason, hint: worst.hint, affected: troubles.map(({ resource, detail }) => ({ resource, detail })) };
}
