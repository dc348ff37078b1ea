/** Which items of a list became which of another: what an edit of a list keeps, changes, takes out and puts in. */
import { isBody } from '../model/body.ts';
import { isEqual } from './equal.ts';

export type Step =
  | { readonly is: 'kept'; readonly before: number; readonly after: number }
  | { readonly is: 'removed'; readonly before: number }
  | { readonly is: 'added'; readonly after: number };

/** Beyond this the table of all pairs takes too long; items are then paired by their places. */
const MOST_PAIRS = 250_000;

/** In the order of both lists; of items that were exchanged against each other one counts as removed and added. */
export function alignLists(before: readonly unknown[], after: readonly unknown[]): readonly Step[] {
  let head = 0;
  while (head < before.length && head < after.length && isEqual(before[head], after[head])) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && isEqual(before[before.length - 1 - tail], after[after.length - 1 - tail])) tail++;
  const rows = before.length - head - tail;
  const columns = after.length - head - tail;
  return [
    ...range(head).map((index): Step => ({ is: 'kept', before: index, after: index })),
    ...(rows * columns > MOST_PAIRS ? pairedByPlace : pairedByLikeness)(
      before.slice(head, head + rows),
      after.slice(head, head + columns),
      head,
    ),
    ...range(tail).map((index): Step => ({ is: 'kept', before: head + rows + index, after: head + columns + index })),
  ];
}

const range = (length: number): readonly number[] => Array.from({ length }, (_, index) => index);

function pairedByPlace(before: readonly unknown[], after: readonly unknown[], offset: number): readonly Step[] {
  return range(Math.max(before.length, after.length)).map((index): Step => {
    if (index >= before.length) return { is: 'added', after: offset + index };
    if (index >= after.length) return { is: 'removed', before: offset + index };
    return { is: 'kept', before: offset + index, after: offset + index };
  });
}

/** The pairing that is most alike over all: equal items first, then those of one name, such as containers. */
function pairedByLikeness(before: readonly unknown[], after: readonly unknown[], offset: number): readonly Step[] {
  const width = after.length + 1;
  const best = new Float64Array((before.length + 1) * width);
  const alike = before.map((item) => after.map((other) => likeness(item, other)));
  const score = (row: number, column: number): number => best[row * width + column] ?? 0;
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const paired = (alike[row]?.[column] ?? 0) > 0 ? (alike[row]?.[column] ?? 0) + score(row + 1, column + 1) : 0;
      best[row * width + column] = Math.max(paired, score(row + 1, column), score(row, column + 1));
    }
  }
  const steps: Step[] = [];
  let row = 0;
  let column = 0;
  while (row < before.length || column < after.length) {
    const weight = alike[row]?.[column] ?? 0;
    if (weight > 0 && score(row, column) === weight + score(row + 1, column + 1)) {
      steps.push({ is: 'kept', before: offset + row++, after: offset + column++ });
    } else if (row < before.length && (column >= after.length || score(row, column) === score(row + 1, column))) {
      steps.push({ is: 'removed', before: offset + row++ });
    } else steps.push({ is: 'added', after: offset + column++ });
  }
  return steps;
}

function likeness(item: unknown, other: unknown): number {
  if (isEqual(item, other)) return 1000;
  if (wrappingKey(item, other) !== undefined) return 100;
  if (!isBody(item) || !isBody(other)) return typeof item === typeof other && typeof item !== 'object' ? 1 : 0;
  const [name, otherName] = [item['name'], other['name']];
  if (typeof name === 'string' || typeof otherName === 'string') return name === otherName ? 100 : 0;
  return 1;
}

/** The key under which the other holds nothing but this scalar: `exact` for `a` and `{exact: a}`. */
export function wrappingKey(item: unknown, other: unknown): string | undefined {
  if (typeof item === 'object' || item === undefined || !isBody(other)) return undefined;
  const [key, ...more] = Object.keys(other);
  return key !== undefined && more.length === 0 && isEqual(item, other[key]) ? key : undefined;
}
