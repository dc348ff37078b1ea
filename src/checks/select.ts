/** Which checks run. */
import { MeshctlError } from '../errors.ts';
import type { Check } from '../model/check.ts';
import { nameGlob } from '../text/glob.ts';
import { nearest } from '../text/nearest.ts';

export interface CheckSelection {
  /** Ids, categories, aliases, or globs over ids and categories; empty: all. */
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/**
 * @param known every check there is: a name of one that does not apply here is no mistake
 * @returns a predicate over checks
 * @throws MeshctlError E_CHECK for a name that means no check, with the nearest that does
 */
export function checkSelection({ only, skip }: CheckSelection, known: readonly Check[]): (check: Check) => boolean {
  const idsOf = (names: readonly string[]): ReadonlySet<string> => new Set(names.flatMap((name) => idsNamed(name, known)));
  const [wanted, unwanted] = [idsOf(only), idsOf(skip)];
  return ({ id }) => (only.length === 0 || wanted.has(id)) && !unwanted.has(id);
}

/** Those with the name as id or alias, of the category, or that match a glob. */
export function checksNamed(name: string, known: readonly Check[]): readonly Check[] {
  const matches = nameGlob(name);
  return known.filter(
    ({ id, category, aliases = [] }) =>
      id === name || category === name || aliases.includes(name) || (name.includes('*') && (matches(id) || matches(category))),
  );
}

function idsNamed(name: string, known: readonly Check[]): readonly string[] {
  const found = checksNamed(name, known);
  if (found.length > 0) return found.map(({ id }) => id);
  const categories = [...new Set(known.map(({ category }) => category))];
  const shortNames = known.map(({ id }) => id.slice(id.indexOf('/') + 1));
  const close = nearest(name, [...known.flatMap(({ id, aliases = [] }) => [id, ...aliases]), ...categories, ...shortNames]);
  const meant = known.find(({ id }) => id.endsWith(`/${close}`))?.id ?? close;
  throw new MeshctlError('E_CHECK', `There is no check or category "${name}".`, {
    hint: `${meant ? `Did you mean "${meant}"? ` : ''}The categories are ${categories.join(', ')}.`,
  });
}
