import { isBody } from '../../model/body.ts';
import { groupBy } from '../../model/maps.ts';
import type { Body, FieldPath, Kind, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
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
    const mistypedOf = resources.derive(mistypedFields);
    for (const kind of typeof kinds === 'string' ? [kinds] : kinds) {
      for (const at of resources.all(kind)) {
        if (at.partial) continue;
        const mistyped = mistypedOf.get(at) ?? [];
        for (const flaw of flawsOf(at)) if (!mistyped.some((path) => dependsOn(flaw.path, path))) yield { at, ...flaw };
      }
    }
  };
}

/** Fields of a wrong type, which read as absent here. Those that are schemas' business are reported by themselves. */
const mistypedFields: Derivation<ReadonlyMap<Resource, readonly FieldPath[]>> = {
  name: 'fields of a wrong type',
  build: ({ violations }) => {
    const wrong = violations.filter(({ is }) => is === 'type');
    const grouped = groupBy(wrong, ({ at }) => at);
    return new Map([...grouped].map(([at, found]) => [at, found.map(({ path = [] }) => path)]));
  },
};

/** What is said of a field of the wrong type, and of those beside it below the first level, may be said only for its sake. */
function dependsOn(path: FieldPath, mistyped: FieldPath): boolean {
  const around = mistyped.length > 2 ? mistyped.slice(0, -1) : mistyped;
  return around.every((step, index) => path[index] === step);
}

/** The same flaws, of a part that stands below a field. */
export function* under(path: FieldPath, flaws: Iterable<Flaw>): Iterable<Flaw> {
  for (const flaw of flaws) yield { ...flaw, path: [...path, ...flaw.path] };
}

/** True for a field that counts as set to istiod: an object, even an empty one. */
export function isSet(owner: Body, field: string): boolean {
  return isBody(owner[field]);
}
