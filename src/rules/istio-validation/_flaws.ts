import { isBody } from '../../model/body.ts';
import type { Body, FieldPath, Kind, Resource } from '../../model/resource.ts';
import type { Problem, Rule } from '../../model/rule.ts';

/** What is wrong with one field, whichever object it is of. Paths start where the checked part starts. */
export interface Flaw {
  readonly path: FieldPath;
  readonly part?: 'key' | 'value';
  /** A full sentence. */
  readonly message: string;
  readonly fix: string;
}

/** The check of a rule that judges each object of some kinds by itself, as istiod's webhook does. */
export function judging(kinds: Kind | readonly Kind[], flawsOf: (resource: Resource) => Iterable<Flaw>): Rule['check'] {
  return function* (resources): Iterable<Problem> {
    for (const kind of typeof kinds === 'string' ? [kinds] : kinds) {
      for (const at of resources.all(kind)) {
        if (at.partial) continue;
        for (const flaw of flawsOf(at)) yield { at, ...flaw };
      }
    }
  };
}

/** The same flaws, of a part that stands below a field. */
export function* under(path: FieldPath, flaws: Iterable<Flaw>): Iterable<Flaw> {
  for (const flaw of flaws) yield { ...flaw, path: [...path, ...flaw.path] };
}

/** True for a field that counts as set to istiod: an object, even an empty one. */
export function isSet(owner: Body, field: string): boolean {
  return isBody(owner[field]);
}
