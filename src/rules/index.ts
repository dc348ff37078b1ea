/** Rule families by name. A test compares this list with the folders. */
import type { Rule } from '../model/rule.ts';

type Family = () => Promise<{ readonly rules: readonly Rule[] }>;

export const families: Readonly<Record<string, Family>> = {
  'istio-routing': () => import('./istio-routing/index.ts'),
};

/** Every rule there is, ordered by id. */
export async function allRules(): Promise<readonly Rule[]> {
  const loaded = await Promise.all(Object.values(families).map((load) => load()));
  return loaded.flatMap((family) => family.rules).sort((left, right) => (left.meta.id < right.meta.id ? -1 : 1));
}
