import { isBody, numberAt, objectAt, stringAt, stringMapAt, stringsAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Body } from '../../model/resource.ts';
import type { Match } from './_rule-order.ts';

/** Earlier matches of one list of rules, found by what could cover a later one. */
export interface MatchIndex {
  add(match: Match): void;
  /** Matches that hold for every request for which the given one holds. */
  covering(match: Match): Iterable<Match>;
}

/**
 * A StringMatch. `present` is one without a condition: the header must be there, with any value.
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#StringMatch
 */
interface Condition {
  readonly how: 'exact' | 'prefix' | 'regex' | 'present';
  readonly value: string;
}

export function conditionOf(value: unknown): Condition {
  for (const how of ['exact', 'prefix', 'regex'] as const) {
    const wanted = stringAt(value, how);
    if (wanted !== undefined) return { how, value: wanted };
  }
  return { how: 'present', value: '' };
}

/** True when every value that meets `narrow` meets `wide`. Regular expressions are compared as texts only. */
function impliedBy(narrow: Condition, wide: Condition): boolean {
  if (wide.how === 'present' || (wide.how === narrow.how && wide.value === narrow.value)) return true;
  return wide.how === 'prefix' && (narrow.how === 'exact' || narrow.how === 'prefix') && narrow.value.startsWith(wide.value);
}

/** Without a condition on the path, or with one that all paths meet. */
const ANY_PATH = 'any';

/** The condition on the path as one text; letters that may be of either case are small, and marked. */
function pathKey(match: Body): string {
  const { how, value } = conditionOf(match['uri']);
  if (how === 'present' || (how === 'prefix' && (value === '' || value === '/'))) return ANY_PATH;
  const anyCase = match['ignoreUriCase'] === true && how !== 'regex';
  return anyCase ? `${how} any case ${value.toLowerCase()}` : `${how} ${value}`;
}

/** Keys of all conditions on the path that are met wherever that of `match` is. */
function* coveringPathKeys(match: Body, prefixLengths: Iterable<number>): Iterable<string> {
  yield ANY_PATH;
  const own = pathKey(match);
  if (own === ANY_PATH) return;
  yield own;
  const { how, value } = conditionOf(match['uri']);
  if (how === 'regex') return;
  const small = value.toLowerCase();
  const anyCase = match['ignoreUriCase'] === true;
  if (!anyCase) yield `${how} any case ${small}`;
  for (const length of prefixLengths) {
    if (length > value.length) continue;
    yield `prefix any case ${small.slice(0, length)}`;
    if (!anyCase) yield `prefix ${value.slice(0, length)}`;
  }
}

/** Fields that hold conditions by name, and whether their names have a case. */
const NAMED = [
  ['headers', false],
  ['queryParams', true],
] as const;

function namedConditions(match: Body, field: string, hasCase: boolean): ReadonlyMap<string, Condition> {
  return new Map(Object.entries(objectAt(match, field)).map(([name, value]) => [hasCase ? name : name.toLowerCase(), conditionOf(value)]));
}

/** False when a condition is of the wrong type. What it was meant to cover is unknown then. */
function isReadable(match: Body): boolean {
  const isCondition = (value: unknown): boolean => isBody(value) && Object.values(value).every((text) => typeof text === 'string');
  const fits = (field: string, test: (value: unknown) => boolean): boolean => match[field] === undefined || test(match[field]);
  return (
    ['uri', 'scheme', 'method', 'authority'].every((field) => fits(field, isCondition)) &&
    ['headers', 'queryParams', 'withoutHeaders'].every((field) =>
      fits(field, (value) => isBody(value) && Object.values(value).every(isCondition)),
    ) &&
    fits('sourceLabels', isBody) &&
    fits('gateways', Array.isArray) &&
    fits('port', (value) => typeof value === 'number') &&
    fits('sourceNamespace', (value) => typeof value === 'string')
  );
}

/** All conditions but the one on the path. */
function othersCover(wide: Body, narrow: Body): boolean {
  for (const field of ['scheme', 'method', 'authority']) {
    if (!isBody(wide[field])) continue;
    if (!isBody(narrow[field]) || !impliedBy(conditionOf(narrow[field]), conditionOf(wide[field]))) return false;
  }
  for (const [field, hasCase] of NAMED) {
    const available = namedConditions(narrow, field, hasCase);
    for (const [name, condition] of namedConditions(wide, field, hasCase)) {
      const met = available.get(name);
      if (!met || !impliedBy(met, condition)) return false;
    }
  }
  const excluded = namedConditions(narrow, 'withoutHeaders', false);
  for (const [name, condition] of namedConditions(wide, 'withoutHeaders', false)) {
    const met = excluded.get(name);
    // Excluding more values is the narrower condition.
    if (!met || !impliedBy(condition, met)) return false;
  }
  const gateways = stringsAt(wide, 'gateways').map(({ value }) => value);
  const narrowGateways = stringsAt(narrow, 'gateways').map(({ value }) => value);
  if (gateways.length > 0 && (narrowGateways.length === 0 || !narrowGateways.every((gateway) => gateways.includes(gateway)))) return false;
  return (
    [undefined, numberAt(narrow, 'port')].includes(numberAt(wide, 'port')) &&
    [undefined, '', stringAt(narrow, 'sourceNamespace')].includes(stringAt(wide, 'sourceNamespace')) &&
    labelsMatch(stringMapAt(wide, 'sourceLabels'), stringMapAt(narrow, 'sourceLabels'))
  );
}

/** The conditions that only an equal one implies: a match that is to cover this one may have none of them but these. */
function strictConditions(match: Body): readonly string[] {
  const found: string[] = [];
  const add = (name: string, { how, value }: Condition): void => {
    if (how === 'exact' || how === 'regex') found.push(`${name} ${how} ${value}`);
  };
  for (const [field, hasCase] of NAMED) {
    for (const [name, condition] of namedConditions(match, field, hasCase)) add(`${field} ${name}`, condition);
  }
  for (const field of ['scheme', 'method', 'authority']) add(field, conditionOf(match[field]));
  for (const [name, value] of Object.entries(stringMapAt(match, 'sourceLabels'))) found.push(`label ${name} ${value}`);
  const namespace = stringAt(match, 'sourceNamespace');
  if (namespace) found.push(`namespace ${namespace}`);
  const port = numberAt(match, 'port');
  if (port !== undefined) found.push(`port ${port}`);
  return found;
}

/**
 * Each match is filed by its path and by the rarest of its strict conditions, because many rules on
 * one path usually differ by a header or a label, and comparing each with each costs the square of
 * their number.
 */
export function matchIndex(): MatchIndex {
  const filed = new Map<string, Match[]>();
  const prefixLengths = new Set<number>();
  const keyOf = (path: string, condition: string): string => `${path}\n${condition}`;
  return {
    add(match) {
      if (!isReadable(match.item)) return;
      const path = pathKey(match.item);
      let key = keyOf(path, '');
      let size = Number.POSITIVE_INFINITY;
      for (const condition of strictConditions(match.item)) {
        const candidate = keyOf(path, condition);
        const candidateSize = filed.get(candidate)?.length ?? 0;
        if (candidateSize >= size) continue;
        key = candidate;
        size = candidateSize;
      }
      getOrInsert(filed, key, () => []).push(match);
      const { how, value } = conditionOf(match.item['uri']);
      if (how === 'prefix') prefixLengths.add(value.length);
    },
    *covering(match) {
      const conditions = ['', ...strictConditions(match.item)];
      for (const path of new Set(coveringPathKeys(match.item, prefixLengths))) {
        for (const condition of conditions) {
          for (const candidate of filed.get(keyOf(path, condition)) ?? []) {
            if (othersCover(candidate.item, match.item)) yield candidate;
          }
        }
      }
    },
  };
}
