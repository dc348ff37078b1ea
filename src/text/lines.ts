/** Offsets in a text ↔ lines and columns, both counted from 1. */

export interface LineIndex {
  place(offset: number): { readonly line: number; readonly column: number };
  /** A line without its end, and its offset; empty for a line that does not exist. */
  line(number: number): { readonly text: string; readonly start: number };
}

export function lineIndex(text: string): LineIndex {
  const starts = [0];
  for (let next = text.indexOf('\n'); next >= 0; next = text.indexOf('\n', next + 1)) starts.push(next + 1);
  return {
    place(offset) {
      let low = 0;
      let high = starts.length - 1;
      while (low < high) {
        const middle = (low + high + 1) >> 1;
        if ((starts[middle] ?? 0) <= offset) low = middle;
        else high = middle - 1;
      }
      return { line: low + 1, column: offset - (starts[low] ?? 0) + 1 };
    },
    line(number) {
      const start = starts[number - 1];
      if (start === undefined) return { text: '', start: text.length };
      const line = text.slice(start, starts[number] ?? text.length);
      return { text: line.replace(/\r?\n$/, ''), start };
    },
  };
}
