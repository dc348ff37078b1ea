/** Replacements of parts of a text, all of them given in the places of the text before. */

export interface TextEdit {
  readonly start: number;
  /** Exclusive; `start` for an insertion. */
  readonly end: number;
  readonly text: string;
}

/**
 * Insertions at one place come out in the order in which they are given, and before what is put in
 * the place of the characters that follow.
 * @param written where an offset of the edits is in the text
 * @returns undefined when two edits want the same characters
 */
export function applyEdits(
  text: string,
  edits: readonly TextEdit[],
  written: (offset: number) => number = (offset) => offset,
): string | undefined {
  const sorted = [...edits].sort(
    (left, right) => left.start - right.start || Number(left.end > left.start) - Number(right.end > right.start),
  );
  const parts: string[] = [];
  let done = 0;
  for (const edit of sorted) {
    const [start, end] = [written(edit.start), written(edit.end)];
    if (start < done) return undefined;
    parts.push(text.slice(done, start), edit.text);
    done = end;
  }
  return [...parts, text.slice(done)].join('');
}
