/** Spelling suggestions. */

/** Further away than this a candidate is another word, not the same one misspelled. */
const MAX_EDITS = 3;

/**
 * The candidate that `word` most likely misspells. Of equally near ones the first with the same first letter is
 * taken, since few mistype that one, or else the first. Case does not count.
 * @returns undefined when no candidate is near: more than three edits, or more than four letters in ten, differ
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let best: { readonly candidate: string; readonly edits: number; readonly sameStart: boolean } | undefined;
  for (const candidate of candidates) {
    const length = Math.max(word.length, candidate.length);
    const allowed = Math.min(best?.edits ?? MAX_EDITS, Math.floor(length * 0.4));
    if (Math.abs(word.length - candidate.length) > allowed) continue;
    const known = candidate.toLowerCase();
    const edits = editDistance(wanted, known);
    const sameStart = known[0] === wanted[0];
    if (edits > allowed || (edits === best?.edits && (best.sameStart || !sameStart))) continue;
    best = { candidate, edits, sameStart };
    if (edits === 0) break;
  }
  return best?.candidate;
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
