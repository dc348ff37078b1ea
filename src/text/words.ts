/** `1 file`, `2 files`. For nouns whose plural adds an s. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * `"a"`, `"a" and "b"`, `"a", "b" and "c"`; longer lists end in `and N more`.
 * @param most how many are named at the most
 */
export function quotedList(values: readonly string[], most = 5): string {
  const named = values.slice(0, most).map((value) => `"${value}"`);
  const rest = values.length - named.length;
  const last = rest > 0 ? `${rest} more` : named.pop();
  return named.length === 0 ? (last ?? '') : `${named.join(', ')} and ${last}`;
}
