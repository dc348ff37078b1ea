/** A field that the schema does not know, and which one was probably meant: one of its neighbours, or one a level up or down. */
import type { FieldPath } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import type { Found } from './found.ts';
import { fieldOf, type Schema } from './schema.ts';
import type { Walk } from './walk.ts';
import { fieldsLeft } from './wording.ts';

/** A mapping on the way from the object to a field. */
export interface Place {
  readonly schema: Schema;
  readonly object: Readonly<Record<string, unknown>>;
  readonly path: FieldPath;
  readonly up: Place | undefined;
}

/** @returns also the neighbour that was meant */
export function unknownField(
  name: string,
  place: Place,
  { release, meantBy }: Pick<Walk, 'release' | 'meantBy'>,
): { readonly found: Found; readonly meant: string | undefined } {
  const path = [...place.path, name];
  const neighbours = Object.keys(place.schema.properties ?? {});
  const free = neighbours.filter((known) => !Object.hasOwn(place.object, known));
  const meant = nearest(name, free) ?? nearest(name, neighbours);
  const where = place.path.length === 0 ? 'this kind' : `"${pathText(place.path)}"`;
  const found: Found = {
    is: 'unknown-field',
    path,
    part: 'key',
    message: `Field "${name}" does not exist in ${where} (${release}).`,
    fix: meantBy(path) ?? remedyFor(name, place, meant, free),
  };
  return { found, meant };
}

function remedyFor(name: string, place: Place, meant: string | undefined, free: readonly string[]): string | undefined {
  if (meant !== undefined && meant.toLowerCase() === name.toLowerCase()) return `Did you mean "${meant}"?`;
  return (
    aboveOf(name, place.up) ?? belowOf(name, place) ?? (meant === undefined ? undefined : `Did you mean "${meant}"?`) ?? fieldsLeft(free)
  );
}

/** The field of a mapping around, at most two levels up. */
function aboveOf(name: string, place: Place | undefined): string | undefined {
  const around = [place, place?.up].find((candidate) => candidate && fieldOf(candidate.schema, name) && !isMap(candidate.schema));
  if (!around) return undefined;
  const levels = around === place ? 'one level' : 'two levels';
  return `It exists ${levels} up, in ${around.path.length === 0 ? 'the object itself' : `"${pathText(around.path)}"`}.`;
}

const isMap = (schema: Schema): boolean => schema.properties === undefined;

/** The field of one of the mappings, or of lists of mappings, in here. Where many have it, none is meant more than the others. */
function belowOf(name: string, { schema }: Place): string | undefined {
  const inside = Object.entries(schema.properties ?? {}).filter(([, child]) => {
    const mapping = child.items ?? child;
    return !isMap(mapping) && fieldOf(mapping, name) !== undefined;
  });
  const names = inside.map(([child, field]) => (field.items ? `${child}[]` : child));
  return names.length === 0 || names.length > 3 ? undefined : `It exists one level down, in ${quotedList(names)}.`;
}
