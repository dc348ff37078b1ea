/** Spelling suggestions. */

/** Further away than this a candidate is another word, not the same one misspelled. */
const MAX_EDITS = 3;

/**
 * The candidate that `word` most likely misspells; the first of equally near ones. Case does not count.
 * @returns undefined when no candidate is near: more than three edits, or more than four letters in ten, differ
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: string | undefined;
  let limit = MAX_EDITS;
  for (const candidate of candidates) {
    const length = Math.max(word.length, candidate.length);
    const allowed = Math.min(limit, Math.floor(length * 0.4));
    if (Math.abs(word.length - candidate.length) > allowed) continue;
    const edits = editDistance(wanted, candidate.toLowerCase());
    if (edits > allowed) continue;
    best = candidate;
    if (edits === 0) break;
    limit = edits - 1;
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn one string into the other. */
function editDistance(left: string, right: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let edits = Math.min((last[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1, (last[column - 1] ?? 0) + (same ? 0 : 1));
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[right.length] ?? 0;
}
