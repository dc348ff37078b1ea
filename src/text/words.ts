/** `1 file`, `2 files`. For nouns whose plural adds an s. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * `"a"`, `"a" and "b"`, `"a", "b" and "c"`; longer lists end in `and N more`.
 * @param most how many are named at the most
 */
export function quotedList(values: readonly string[], most = 5): string {
  return quoted(values, most, `${values.length - most} more`);
}

/** The same for values of which there may be others still, so that none are counted: `"a", "b", "c" and others`. */
export function quotedSample(values: readonly string[], most = 3): string {
  return quoted(values, most, 'others');
}

function quoted(values: readonly string[], most: number, rest: string): string {
  const named = values.slice(0, most).map((value) => `"${value}"`);
  const last = values.length > most ? rest : named.pop();
  return named.length === 0 ? (last ?? '') : `${named.join(', ')} and ${last}`;
}
