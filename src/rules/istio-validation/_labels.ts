import { objectAt } from '../../model/body.ts';
import type { Flaw } from './_flaws.ts';
import { isLabelValue, labelKeyProblem } from './_names.ts';

/** Labels that no Kubernetes object could carry, in the map of that name. */
export function* labelFlaws(owner: unknown, field: string): Iterable<Flaw> {
  for (const [key, value] of Object.entries(objectAt(owner, field))) {
    const problem = labelKeyProblem(key);
    if (problem) {
      yield {
        path: [field, key],
        part: 'key',
        message: `"${key}" is not a valid label key: ${problem}.`,
        fix: 'Use letters, digits, "-", "_" and ".", with a DNS name and a slash before them where needed.',
      };
    }
    if (typeof value === 'string' && !isLabelValue(value)) {
      yield {
        path: [field, key],
        message: `"${value}" is not a valid value of label "${key}".`,
        fix: 'Use letters, digits, "-", "_" and "." only, starting and ending with a letter or digit.',
      };
    }
  }
}
