/** The fields in which two resources differ, both in canonical form. */
import { isBody } from '../../model/body.ts';
import type { FieldDifference } from '../../model/proxy-difference.ts';
import { alignLists } from '../../text/align.ts';
import { isEqual } from '../../text/equal.ts';
import { snakeCase } from './canonical.ts';
import { holdsStruct, identityOf, isOrderless, type Reading, readingOf } from './fields.ts';
import { HIDDEN, hidden, holdsRedacted, isSecretBeside, isSecretField } from './secrecy.ts';

interface Place {
  readonly path: string;
  readonly field: string;
  readonly parent: string;
  readonly reading: Reading;
}

type Both = readonly [intended: unknown, actual: unknown];

/**
 * Without keys, tokens and passwords.
 * @param reading `struct` for values that are no messages of Envoy, and are compared as they are
 */
export function fieldDifferences(intended: unknown, actual: unknown, reading: Reading = 'message'): readonly FieldDifference[] {
  const found: FieldDifference[] = [];
  collect([intended, actual], { path: '', field: '', parent: '', reading }, found);
  return found;
}

function collect([intended, actual]: Both, place: Place, found: FieldDifference[]): void {
  if (isEqual(intended, actual)) return;
  if (Array.isArray(intended) && Array.isArray(actual)) {
    collectLists(intended, actual, place, found);
  } else if (isBody(intended) && isBody(actual)) {
    collectObjects(intended, actual, place, found);
  } else {
    found.push(difference([intended, actual], place));
  }
}

function difference([intended, actual]: Both, { path, field, reading }: Place): FieldDifference {
  const shown = (value: unknown): unknown => hidden(spelled(value, reading), field);
  if (actual === undefined) return { path, change: 'missing', intended: shown(intended) };
  if (intended === undefined) return { path, change: 'surplus', actual: shown(actual) };
  return { path, change: 'changed', intended: shown(intended), actual: shown(actual) };
}

/** With the names of fields as Envoy writes them. */
function spelled(value: unknown, reading: Reading): unknown {
  if (Array.isArray(value)) return value.map((item) => spelled(item, reading));
  if (!isBody(value)) return value;
  const hasStruct = reading === 'message' && holdsStruct(value['@type']);
  const entries = Object.entries(value).map(([key, inner]) => [
    reading === 'message' ? snakeCase(key) : key,
    spelled(inner, hasStruct && key === 'value' ? 'struct' : readingOf(key, reading)),
  ]);
  return Object.fromEntries(entries);
}

type Fields = Readonly<Record<string, unknown>>;

function collectObjects(intended: Fields, actual: Fields, place: Place, found: FieldDifference[]): void {
  const { path, field, reading } = place;
  const isMessage = reading === 'message';
  const hasStruct = isMessage && (holdsStruct(intended['@type']) || holdsStruct(actual['@type']));
  for (const key of [...new Set([...Object.keys(intended), ...Object.keys(actual)])].sort()) {
    const name = isMessage ? snakeCase(key) : key;
    // Names with dots or blanks in them are data and stand in brackets.
    const inner = /^[@\w-]+$/.test(name) ? `${path}${path === '' ? '' : '.'}${name}` : `${path}[${name}]`;
    const below: Place = {
      path: inner,
      field: isMessage ? key : '',
      parent: isMessage ? field : '',
      reading: hasStruct && key === 'value' ? 'struct' : readingOf(key, reading),
    };
    const own = ownValue(intended, key);
    const other = ownValue(actual, key);
    const isSecret = (isMessage && isSecretField(key)) || isSecretBeside(key, intended) || isSecretBeside(key, actual);
    if (isSecret) collectSecret([own, other], below, found);
    else collect([own, other], below, found);
  }
}

/** What one of both does not show cannot be compared. */
function collectSecret([intended, actual]: Both, place: Place, found: FieldDifference[]): void {
  if (isEqual(intended, actual) || holdsRedacted(intended) || holdsRedacted(actual)) return;
  const shown = (value: unknown): unknown => (value === undefined ? undefined : HIDDEN);
  found.push(difference([shown(intended), shown(actual)], place));
}

const ownValue = (fields: Fields, key: string): unknown => (Object.hasOwn(fields, key) ? fields[key] : undefined);

function collectLists(intended: readonly unknown[], actual: readonly unknown[], place: Place, found: FieldDifference[]): void {
  const orderless = place.reading === 'message' && isOrderless(place.field, place.parent);
  const isPlain = [...intended, ...actual].every((item) => !isBody(item) && !Array.isArray(item));
  const [names, others] = [namesOf(intended), namesOf(actual)];
  if (isPlain && orderless) {
    collectValues(intended, actual, place, found);
  } else if (isPlain) {
    found.push(difference([intended, actual], place));
  } else if (names && others) {
    collectNamed(new Map(zip(names, intended)), new Map(zip(others, actual)), place, found);
    if (!orderless && !inSameOrder(names, others)) found.push({ path: place.path, change: 'reordered', intended: names, actual: others });
  } else {
    collectAligned(intended, actual, place, found);
  }
}

const zip = (names: readonly string[], items: readonly unknown[]): readonly (readonly [string, unknown])[] =>
  names.map((name, index) => [name, items[index]]);

/** Undefined unless each item has a name of its own. */
function namesOf(items: readonly unknown[]): readonly string[] | undefined {
  const names = items.flatMap((item) => (isBody(item) ? (identityOf(item) ?? []) : []));
  return names.length === items.length && new Set(names).size === names.length ? names : undefined;
}

function collectValues(intended: readonly unknown[], actual: readonly unknown[], place: Place, found: FieldDifference[]): void {
  const [wanted, held] = [new Set(intended), new Set(actual)];
  for (const value of wanted) if (!held.has(value)) found.push(difference([value, undefined], place));
  for (const value of held) if (!wanted.has(value)) found.push(difference([undefined, value], place));
}

function collectNamed(
  intended: ReadonlyMap<string, unknown>,
  actual: ReadonlyMap<string, unknown>,
  place: Place,
  found: FieldDifference[],
): void {
  for (const name of [...new Set([...intended.keys(), ...actual.keys()])].sort()) {
    collect([intended.get(name), actual.get(name)], { ...place, path: `${place.path}[${name}]` }, found);
  }
}

/** What only one of both lists has moves nothing else. */
function inSameOrder(names: readonly string[], others: readonly string[]): boolean {
  const [mine, theirs] = [new Set(names), new Set(others)];
  const common = names.filter((name) => theirs.has(name));
  return isEqual(
    common,
    others.filter((name) => mine.has(name)),
  );
}

/** Items without names of their own: those that are equal stand for each other, then those that are alike. */
function collectAligned(intended: readonly unknown[], actual: readonly unknown[], place: Place, found: FieldDifference[]): void {
  const ids = new Map<string, number>();
  const brief = (item: unknown): object => {
    const text = JSON.stringify(item);
    const id = ids.get(text) ?? ids.size;
    ids.set(text, id);
    const name = isBody(item) ? identityOf(item) : undefined;
    return name === undefined ? { id } : { id, name };
  };
  for (const step of alignLists(intended.map(brief), actual.map(brief))) {
    const before = step.is === 'added' ? undefined : intended[step.before];
    const after = step.is === 'removed' ? undefined : actual[step.after];
    const index = step.is === 'added' ? step.after : step.before;
    collect([before, after], { ...place, path: `${place.path}[${index}]` }, found);
  }
}
