/** Localities as `region/zone/subzone`, of which the last parts may be missing, or one `*`. */

/**
 * What is wrong with localities that are to be disjoint; the index says with which of them.
 * @param ordered the first that fits counts, so that a wildcard may follow what it covers
 */
export function localityProblem(
  localities: readonly string[],
  ordered: boolean,
): { readonly index: number; readonly problem: string } | undefined {
  for (const [index, locality] of localities.entries()) {
    const problem = formProblem(locality) ?? overlap(locality, localities.slice(0, index), ordered);
    if (problem) return { index, problem };
  }
  return undefined;
}

function formProblem(locality: string): string | undefined {
  const stars = locality.split('*').length - 1;
  if (stars > 1 || (stars === 1 && !locality.endsWith('*'))) return '"*" may stand once, at the end';
  return split(locality).includes('') ? 'one of its parts is empty' : undefined;
}

function overlap(locality: string, earlier: readonly string[], ordered: boolean): string | undefined {
  const mayCover = ordered && locality.includes('*');
  const other = earlier.find((known) => covers(known, locality) || (!mayCover && covers(locality, known)));
  return other === undefined ? undefined : `it overlaps with "${other}"`;
}

/** `us-west`, `us-west/*` and `us-west/zone1` all cover `us-west/zone1`. */
function covers(wide: string, narrow: string): boolean {
  const parts = split(narrow);
  return split(wide).every((part, index) => part === '*' || part === parts[index]);
}

/** At most three parts; what follows belongs to the last one. */
function split(locality: string): readonly string[] {
  const [region = '', zone, ...rest] = locality.split('/');
  if (zone === undefined) return [region];
  return rest.length === 0 ? [region, zone] : [region, zone, rest.join('/')];
}
