import { stringAt } from '../../model/body.ts';
import type { FieldPath } from '../../model/resource.ts';
import { parseDuration } from '../../text/duration.ts';
import type { Flaw } from './_flaws.ts';

/** Milliseconds of a duration; undefined where there is none that could be read. */
export function millisecondsAt(owner: unknown, ...path: FieldPath): number | undefined {
  const text = stringAt(owner, ...path);
  return text === undefined ? undefined : parseDuration(text);
}

/** Durations of less than a millisecond are refused by the schemas already; parts of one are refused by istiod alone. */
export function* precisionFlaws(owner: unknown, ...path: FieldPath): Iterable<Flaw> {
  const milliseconds = millisecondsAt(owner, ...path);
  if (milliseconds === undefined || milliseconds < 1 || isWhole(milliseconds)) return;
  yield {
    path,
    message: `Duration "${stringAt(owner, ...path)}" is not a whole number of milliseconds.`,
    fix: `Round it, such as to "${Math.round(milliseconds)}ms".`,
  };
}

/** One nanosecond is the smallest step that Go knows. */
const isWhole = (milliseconds: number): boolean => Math.abs(milliseconds - Math.round(milliseconds)) < 1e-6;
