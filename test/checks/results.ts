import type { Check, CheckResult, Facts } from '../../src/model/check.ts';
import { factsOf } from './facts.ts';

/** Runs single checks, by what follows the mesh in their id, on objects in YAML. */
export const resultsOf =
  (checks: readonly Check[], usual: Partial<Facts> = {}) =>
  async (name: string, objects: string, changes: Partial<Facts> = {}): Promise<CheckResult> => {
    const check = checks.find(({ id }) => id.endsWith(`/${name}`));
    if (!check) throw new RangeError(`There is no check "${name}".`);
    return check.run(factsOf(objects, { ...usual, ...changes }));
  };
