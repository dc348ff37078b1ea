/** The difference of two texts, line by line, as `diff -u` writes it. */

export interface DiffOptions {
  /** Lines above both texts, when they are parts of larger ones. */
  readonly line: number;
  /** Lines shown around a change. */
  readonly context: number;
}

type Change = { readonly is: ' ' | '-' | '+'; readonly text: string };

/** @returns the hunks' lines without the names of the texts; none for equal texts */
export function unifiedDiff(before: string, after: string, options: DiffOptions): readonly string[] {
  return unifiedDiffOf([{ before, after }], options);
}

/**
 * The same for a text of which it is known what part of it became what: in a large one with many
 * changes that takes much less time.
 * @param parts each of whole lines
 */
export function unifiedDiffOf(
  parts: readonly { readonly before: string; readonly after: string }[],
  { line, context }: DiffOptions,
): readonly string[] {
  if (parts.every(({ before, after }) => before === after)) return [];
  const changes = parts.flatMap(({ before, after }) => changesOf(linesOf(before), linesOf(after)));
  const shown = changes.map(() => false);
  changes.forEach(({ is }, index) => {
    if (is === ' ') return;
    for (let near = Math.max(0, index - context); near <= Math.min(changes.length - 1, index + context); near++) shown[near] = true;
  });
  const lines: string[] = [];
  let [old, fresh] = [line + 1, line + 1];
  for (let index = 0; index < changes.length; ) {
    if (!shown[index]) {
      old++;
      fresh++;
      index++;
      continue;
    }
    const end = shown.indexOf(false, index);
    const hunk = changes.slice(index, end < 0 ? undefined : end);
    const [removed, added] = [hunk.filter(({ is }) => is !== '+').length, hunk.filter(({ is }) => is !== '-').length];
    lines.push(`@@ -${old},${removed} +${fresh},${added} @@`, ...hunk.flatMap(({ is, text }) => (is + text).split('\n')));
    old += removed;
    fresh += added;
    index += hunk.length;
  }
  return lines;
}

/** Makes a line without an end another line than the one with it, and comes out below it. */
const NO_LINE_END = '\n\\ No newline at end of file';

function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').map((line) => line.replace(/\r$/, ''));
  const last = lines.pop();
  return last ? [...lines, last + NO_LINE_END] : lines;
}

/** Myers' greedy algorithm over what the texts do not share at their ends. */
function changesOf(before: readonly string[], after: readonly string[]): readonly Change[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - head;
  while (tail < most && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (lines: readonly string[]): readonly Change[] => lines.map((text) => ({ is: ' ', text }));
  return [
    ...same(before.slice(0, head)),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...same(before.slice(before.length - tail)),
  ];
}

function middle(before: readonly string[], after: readonly string[]): readonly Change[] {
  const size = before.length + after.length;
  const reach = new Int32Array(2 * size + 3);
  const at = (diagonal: number): number => reach[diagonal + size + 1] ?? 0;
  const traces: Int32Array[] = [];
  const comesDown = (diagonal: number, distance: number): boolean =>
    diagonal === -distance || (diagonal !== distance && at(diagonal - 1) < at(diagonal + 1));
  search: for (let distance = 0; distance <= size; distance++) {
    traces.push(reach.slice(size + 1 - distance - 1, size + 1 + distance + 2));
    for (let diagonal = -distance; diagonal <= distance; diagonal += 2) {
      let x = comesDown(diagonal, distance) ? at(diagonal + 1) : at(diagonal - 1) + 1;
      while (x < before.length && x - diagonal < after.length && before[x] === after[x - diagonal]) x++;
      reach[diagonal + size + 1] = x;
      if (x >= before.length && x - diagonal >= after.length) break search;
    }
  }
  const changes: Change[] = [];
  let [x, y] = [before.length, after.length];
  for (let distance = traces.length - 1; distance >= 0; distance--) {
    const trace = traces[distance];
    const was = (diagonal: number): number => trace?.[diagonal + distance + 1] ?? 0;
    const diagonal = x - y;
    const isDown = diagonal === -distance || (diagonal !== distance && was(diagonal - 1) < was(diagonal + 1));
    const fromX = distance === 0 ? 0 : was(isDown ? diagonal + 1 : diagonal - 1);
    const fromY = distance === 0 ? 0 : fromX - (isDown ? diagonal + 1 : diagonal - 1);
    while (x > fromX && y > fromY && before[x - 1] === after[y - 1]) {
      changes.push({ is: ' ', text: before[--x] ?? '' });
      y--;
    }
    if (distance === 0) break;
    changes.push(isDown ? { is: '+', text: after[--y] ?? '' } : { is: '-', text: before[--x] ?? '' });
  }
  return changes.reverse();
}
