/** Labels and annotations: how they are set, and taken away without a trace. */
import { at, isBody, objectAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { withValue } from './edit.ts';

export type Place = 'labels' | 'annotations';

/** Entries of labels or annotations: what each becomes, null where it is taken away. */
export type Marks = Readonly<Record<string, string | null>>;

/**
 * The object with entries of its metadata set, and taken away where they are null. What becomes empty by that goes.
 * @param owner path of what has the metadata; empty for the object itself
 */
export function withMarks(object: Body, owner: FieldPath, place: Place, marks: Marks): Body {
  const path = [...owner, 'metadata', place];
  const before = objectAt(object, ...path);
  const changes = Object.entries(marks).filter(([key, value]) => (value === null ? Object.hasOwn(before, key) : before[key] !== value));
  if (changes.length === 0) return object;
  const after = { ...before };
  for (const [key, value] of changes) {
    if (value === null) delete after[key];
    else after[key] = value;
  }
  if (Object.keys(after).length > 0) return withValue(object, path, after);
  const emptied = withValue(object, path, undefined);
  const metadata = [...owner, 'metadata'];
  // A template may do without metadata; an object has a name there.
  return isBody(at(emptied, metadata)) && Object.keys(objectAt(emptied, ...metadata)).length === 0
    ? withValue(emptied, metadata, undefined)
    : emptied;
}

/** The object without the entries that the predicate finds. */
export function withoutMarks(object: Body, owner: FieldPath, place: Place, isTrace: (key: string, value: string) => boolean): Body {
  const entries = Object.entries(objectAt(object, ...owner, 'metadata', place));
  const gone = entries.filter(([key, value]) => isTrace(key, String(value))).map(([key]) => [key, null] as const);
  return withMarks(object, owner, place, Object.fromEntries(gone));
}
