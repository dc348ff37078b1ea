/** Whether one rule of an AuthorizationPolicy matches a request, and which of its conditions stand in the way. */
import type { AuthzRequest, Condition, Truth } from '../../../model/authz.ts';
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { anyOf, type Conjunction, conjunction, nearestOf, negated, together } from '../../../model/truth.ts';
import { quotedList } from '../../../text/words.ts';
import { type Attribute, attributeOf, OPERATION_FIELDS, type Place, SOURCE_FIELDS } from './attributes.ts';

/**
 * What reads the request. On a port of TCP a sidecar sees no attributes of HTTP, and ztunnel nowhere: rules that allow are
 * then left out whole, while those that deny lose only the conditions in question.
 */
export type Reader = 'http' | 'tcp' | 'ztunnel';

export interface Asking {
  readonly request: AuthzRequest;
  readonly place: Place;
  readonly reader: Reader;
  /** The policy's: rules that allow are treated apart. */
  readonly action: string;
  /** Namespace of the policy. */
  readonly owner: string;
}

/** One list of values and its counterpart of values that must not be. */
interface Clause {
  readonly field: string;
  readonly attribute: Attribute;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

const valuesAt = (body: Body, field: string): readonly string[] => stringsAt(body, field).map(({ value }) => value);

const excluding = (field: string): string => `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;

function clausesOf(body: Body, fields: Readonly<Record<string, string>>, before: string): readonly Clause[] {
  return Object.entries(fields).flatMap(([field, key]) => {
    const [values, notValues] = [valuesAt(body, field), valuesAt(body, excluding(field))];
    if (values.length + notValues.length === 0) return [];
    const name = values.length > 0 ? field : excluding(field);
    return [{ field: `${before}.${name}`, attribute: attributeOf(key), values, notValues }];
  });
}

export interface RuleParts {
  /** Of each part the alternatives; a part without any asks for nothing. */
  readonly from: readonly (readonly Clause[])[];
  readonly to: readonly (readonly Clause[])[];
  readonly when: readonly Clause[];
}

export function partsOf(rule: Body): RuleParts {
  return {
    from: itemsAt(rule, 'from').map(({ item }) => clausesOf(objectAt(item, 'source'), SOURCE_FIELDS, 'from.source')),
    to: itemsAt(rule, 'to').map(({ item }) => clausesOf(objectAt(item, 'operation'), OPERATION_FIELDS, 'to.operation')),
    when: itemsAt(rule, 'when').map(({ item }) => {
      const key = stringAt(item, 'key') ?? '';
      const [values, notValues] = [valuesAt(item, 'values'), valuesAt(item, 'notValues')];
      return { field: `when ${key}`, attribute: attributeOf(key), values, notValues };
    }),
  };
}

/** True for what the reader does not see. */
export const isUnseen = ({ isHttp, isOfConnection }: Attribute, reader: Reader): boolean =>
  reader === 'ztunnel' ? !isOfConnection : reader === 'tcp' && isHttp;

export const clausesIn = ({ from, to, when }: RuleParts): readonly Clause[] => [...from.flat(), ...to.flat(), ...when];

export function ruleMatches(rule: Body, asking: Asking): Conjunction {
  const parts = partsOf(rule);
  const { reader, action } = asking;
  const unseen = clausesIn(parts).filter(({ attribute }) => isUnseen(attribute, reader));
  const [first] = unseen;
  const isDropped = first && (action === 'ALLOW' || (reader === 'ztunnel' && unseen.length === clausesIn(parts).length));
  if (isDropped) return conjunction([neverMet(first.field, reader)]);
  const seen = (clauses: readonly Clause[]): readonly Clause[] => clauses.filter(({ attribute }) => !isUnseen(attribute, reader));
  const alternatives = (lists: readonly (readonly Clause[])[]): Conjunction =>
    nearestOf(lists.map((clauses) => conjunction(seen(clauses).flatMap((clause) => conditionsOf(clause, asking)))));
  return together([
    alternatives(parts.from),
    alternatives(parts.to),
    conjunction(seen(parts.when).flatMap((clause) => conditionsOf(clause, asking))),
  ]);
}

/** Rules that there are none of match nothing. */
export const rulesOf = (body: Body): readonly Body[] =>
  listAt(body, 'spec', 'rules').map((rule) => (typeof rule === 'object' && rule !== null ? (rule as Body) : {}));

const neverMet = (field: string, reader: Reader): Condition => ({
  field,
  is: 'no',
  because: reader === 'ztunnel' ? 'ztunnel does not read requests, and leaves the rule out' : 'connections of TCP have no such thing',
  options: [],
});

/** Values and the values that must not be are two conditions of one clause. */
function conditionsOf(clause: Clause, { request, place, owner }: Asking): readonly Condition[] {
  const { attribute, values, notValues } = clause;
  const found = attribute.read(request, place);
  const { options } = attribute;
  const fits = (patterns: readonly string[]): Truth => {
    if (found.is === 'unknown') return 'open';
    if (found.is === 'absent') return 'no';
    return anyOf(found.values.flatMap((value) => patterns.map((pattern) => (attribute.fits(pattern, value, owner) ? 'yes' : 'no'))));
  };
  const has = found.is === 'known' ? quotedList(found.values.slice(0, 1).map(shown)) : found.is === 'absent' ? found.because : 'not told';
  const wanted = (patterns: readonly string[]): string =>
    found.is === 'known' ? ` is not ${listed(patterns)}` : `; it takes ${listed(patterns)}`;
  const positive = values.length === 0 ? [] : [{ field: clause.field, is: fits(values), because: `${has}${wanted(values)}`, options }];
  if (notValues.length === 0) return positive;
  const field = values.length === 0 ? clause.field : excludingField(clause.field);
  return [
    ...positive,
    {
      field,
      is: negated(fits(notValues)),
      because: `${has}${found.is === 'known' ? ' is' : '; it refuses'} ${listed(notValues)}`,
      options,
    },
  ];
}

const excludingField = (field: string): string => {
  const dot = field.lastIndexOf('.');
  return field.startsWith('when ') ? `${field} (notValues)` : `${field.slice(0, dot + 1)}${excluding(field.slice(dot + 1))}`;
};

/** Principals are shown as policies write them. */
const shown = (value: string): string => value.replace(/^spiffe:\/\//, '');

const MOST_LISTED = 4;

const listed = (patterns: readonly string[]): string =>
  patterns.length === 1 ? `"${patterns[0]}"` : `one of ${quotedList(patterns, MOST_LISTED)}`;
