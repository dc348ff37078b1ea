/** Logic of three values: what was not told may yet make a condition hold. */
import type { Condition, Truth } from './authz.ts';

export function allOf(truths: readonly Truth[]): Truth {
  if (truths.includes('no')) return 'no';
  return truths.includes('open') ? 'open' : 'yes';
}

export function anyOf(truths: readonly Truth[]): Truth {
  if (truths.includes('yes')) return 'yes';
  return truths.includes('open') ? 'open' : 'no';
}

export const negated = (truth: Truth): Truth => (truth === 'open' ? 'open' : truth === 'yes' ? 'no' : 'yes');

/** Conditions that must hold together. */
export interface Conjunction {
  readonly is: Truth;
  readonly conditions: readonly Condition[];
}

export const conjunction = (conditions: readonly Condition[]): Conjunction => ({ is: allOf(conditions.map(({ is }) => is)), conditions });

const RANK: Readonly<Record<Truth, number>> = { yes: 0, open: 1, no: 2 };

const unmetOf = ({ conditions }: Conjunction): number => conditions.filter(({ is }) => is === 'no').length;

/** Of alternatives the one that holds, or comes nearest to it. */
export function nearestOf(alternatives: readonly Conjunction[]): Conjunction {
  const [first, ...rest] = alternatives;
  if (!first) return { is: 'yes', conditions: [] };
  return rest.reduce((best, each) => {
    const byTruth = RANK[each.is] - RANK[best.is];
    return byTruth < 0 || (byTruth === 0 && unmetOf(each) < unmetOf(best)) ? each : best;
  }, first);
}

export const together = (parts: readonly Conjunction[]): Conjunction => conjunction(parts.flatMap(({ conditions }) => conditions));

/** Conditions that are not met, or not decided. */
export const unmet = ({ conditions }: Conjunction): readonly Condition[] => conditions.filter(({ is }) => is !== 'yes');

/** Options that would decide what is open, each once. */
export const optionsOf = (conditions: readonly Condition[]): readonly string[] =>
  [...new Set(conditions.flatMap(({ is, options }) => (is === 'open' ? options : [])))].sort();
