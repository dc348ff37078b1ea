/**
 * One form for whatever protobuf's JSON writes in several: names of fields in camel case, durations without needless
 * zeros, whole numbers as numbers, defaults left out, lists without order sorted. Keys of objects are sorted.
 */
import { MeshctlError } from '../../errors.ts';
import { isBody } from '../../model/body.ts';
import { holdsStruct, identityOf, isDefaultName, isOrderless, isText, type Reading, readingOf } from './fields.ts';
import { WITH_PRESENCE } from './presence.ts';

/** Real dumps have some twenty. */
const MOST_LEVELS = 200;

interface Place {
  readonly field: string;
  readonly parent: string;
  readonly reading: Reading;
  readonly level: number;
}

const ROOT: Place = { field: '', parent: '', reading: 'message', level: 0 };

/** How fields are written in snake case, by their names in camel case, as far as dumps have shown it. */
const spellings = new Map<string, string>();
const camels = new Map<string, string>();

function camelCase(name: string): string {
  if (!name.includes('_') || name.startsWith('@')) return name;
  const known = camels.get(name);
  if (known !== undefined) return known;
  const camel = name.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase());
  camels.set(name, camel);
  spellings.set(camel, name);
  return camel;
}

/** The name of a field as Envoy writes it. */
export const snakeCase = (name: string): string =>
  spellings.get(name) ?? (/^[a-z][A-Za-z0-9]*$/.test(name) ? name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`) : name);

/** @throws MeshctlError E_DUMP for what no proxy writes: lists and objects nested without end */
export function canonical(value: unknown): unknown {
  return canonicalAt(value, ROOT);
}

function canonicalAt(value: unknown, place: Place): unknown {
  if (place.level > MOST_LEVELS) {
    throw new MeshctlError('E_DUMP', `This is no dump of a proxy: it is nested more than ${MOST_LEVELS} levels deep.`);
  }
  if (Array.isArray(value)) return listAt(value, place);
  if (isBody(value)) return objectAt(value, place);
  return place.reading === 'message' ? scalar(value, place.field) : value;
}

function listAt(list: readonly unknown[], place: Place): unknown {
  const items = list.map((item) => canonicalAt(item, { ...place, level: place.level + 1 }));
  if (place.reading !== 'message' || !isOrderless(place.field, place.parent)) return items;
  return items
    .map((item) => ({ item, key: sortKey(item) }))
    .sort((left, right) => compare(left.key, right.key) || compare(JSON.stringify(left.item), JSON.stringify(right.item)))
    .map(({ item }) => item);
}

const sortKey = (item: unknown): string =>
  typeof item === 'string' ? item : ((isBody(item) ? identityOf(item) : undefined) ?? JSON.stringify(item));

const compare = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

function objectAt(value: Readonly<Record<string, unknown>>, { field, reading, level }: Place): unknown {
  const isMessage = reading === 'message';
  const hasStruct = isMessage && holdsStruct(value['@type']);
  const entries: [string, unknown][] = [];
  for (const [key, inner] of Object.entries(value)) {
    if (inner === undefined || (inner === null && reading !== 'struct')) continue;
    const name = isMessage ? camelCase(key) : key;
    const below = hasStruct && name === 'value' ? 'struct' : readingOf(name, reading);
    const found = canonicalAt(inner, { field: isMessage ? name : '', parent: isMessage ? field : '', reading: below, level: level + 1 });
    if (!isMessage || !isNothing(name, found)) entries.push([name, found]);
  }
  return Object.fromEntries(entries.sort(([left], [right]) => compare(left, right)));
}

function isNothing(field: string, value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (isDefaultName(field, value)) return true;
  return (value === 0 || value === false || value === '') && !WITH_PRESENCE.has(field);
}

const WHOLE = /^-?(?:0|[1-9]\d{0,15})$/;
const DURATION = /^(-?\d+)(?:\.(\d{1,9}))?s$/;

function scalar(value: unknown, field: string): unknown {
  if (typeof value !== 'string' || isText(field)) return value;
  if (WHOLE.test(value)) {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  const [, seconds, fraction] = DURATION.exec(value) ?? [];
  if (seconds === undefined) return value;
  const rest = (fraction ?? '').replace(/0+$/, '');
  return rest === '' ? `${seconds}s` : `${seconds}.${rest}s`;
}
