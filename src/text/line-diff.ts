/** Differences of two texts, line by line. @see https://doi.org/10.1007/BF01840446 (Myers, An O(ND) difference algorithm) */

export interface DiffLine {
  readonly is: 'same' | 'added' | 'removed';
  readonly text: string;
}

/** Texts that differ in more lines are shown as one that goes and one that comes. */
const MOST_STEPS = 2000;

export function lineDiff(before: string, after: string): readonly DiffLine[] {
  const [left, right] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < left.length && start < right.length && left[start] === right[start]) start++;
  let end = 0;
  while (end < left.length - start && end < right.length - start && left.at(-1 - end) === right.at(-1 - end)) end++;
  const same = (lines: readonly string[]): readonly DiffLine[] => lines.map((text) => ({ is: 'same', text }));
  return [
    ...same(left.slice(0, start)),
    ...between(left.slice(start, left.length - end), right.slice(start, right.length - end)),
    ...same(left.slice(left.length - end)),
  ];
}

const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function between(left: readonly string[], right: readonly string[]): readonly DiffLine[] {
  const whole = [...left.map((text) => ({ is: 'removed', text }) as const), ...right.map((text) => ({ is: 'added', text }) as const)];
  if (left.length === 0 || right.length === 0) return whole;
  /** For every number of steps how far each diagonal got. */
  const trace: Map<number, number>[] = [];
  let reached = new Map([[1, 0]]);
  for (let steps = 0; steps <= Math.min(left.length + right.length, MOST_STEPS); steps++) {
    trace.push(new Map(reached));
    const next = new Map(reached);
    for (let diagonal = -steps; diagonal <= steps; diagonal += 2) {
      const down = diagonal === -steps || (diagonal !== steps && (next.get(diagonal - 1) ?? -1) < (next.get(diagonal + 1) ?? -1));
      let x = down ? (next.get(diagonal + 1) ?? 0) : (next.get(diagonal - 1) ?? 0) + 1;
      while (x < left.length && x - diagonal < right.length && left[x] === right[x - diagonal]) x++;
      next.set(diagonal, x);
      if (x >= left.length && x - diagonal >= right.length) return pathBack(trace, left, right);
    }
    reached = next;
  }
  return whole;
}

function pathBack(trace: readonly Map<number, number>[], left: readonly string[], right: readonly string[]): readonly DiffLine[] {
  const lines: DiffLine[] = [];
  let [x, y] = [left.length, right.length];
  for (let steps = trace.length - 1; steps >= 0; steps--) {
    const reached = trace[steps] ?? new Map<number, number>();
    const diagonal = x - y;
    const down = diagonal === -steps || (diagonal !== steps && (reached.get(diagonal - 1) ?? -1) < (reached.get(diagonal + 1) ?? -1));
    const before = down ? diagonal + 1 : diagonal - 1;
    const [fromX] = [reached.get(before) ?? 0];
    const fromY = fromX - before;
    while (x > Math.max(fromX, 0) && y > Math.max(fromY, 0)) {
      lines.push({ is: 'same', text: left[--x] ?? '' });
      y--;
    }
    if (steps > 0) lines.push(down ? { is: 'added', text: right[--y] ?? '' } : { is: 'removed', text: left[--x] ?? '' });
  }
  return lines.reverse();
}

/** Lines that differ with some around them, each behind ` `, `+` or `-`; what is left out is `…`. Empty when nothing differs. */
export function diffText(before: string, after: string, around = 2): string {
  const lines = lineDiff(before, after);
  const near = new Set(
    lines.flatMap(({ is }, index) => (is === 'same' ? [] : Array.from({ length: 2 * around + 1 }, (_, offset) => index - around + offset))),
  );
  const mark = { same: ' ', added: '+', removed: '-' };
  let gap = false;
  const shown: string[] = [];
  for (const [index, { is, text }] of lines.entries()) {
    if (!near.has(index)) {
      gap = true;
      continue;
    }
    if (gap && shown.length > 0) shown.push('…');
    gap = false;
    shown.push(`${mark[is]}${text}`);
  }
  return shown.map((line) => `${line}\n`).join('');
}
