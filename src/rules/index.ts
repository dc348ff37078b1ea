/** The door to the rules, which are loaded when they are asked for. */
import type { Rule } from '../model/rule.ts';

/** Every rule there is, ordered by id. */
export async function allRules(): Promise<readonly Rule[]> {
  const { families } = await import('./families.ts');
  return Object.values(families)
    .flat()
    .sort((left, right) => (left.meta.id < right.meta.id ? -1 : 1));
}
