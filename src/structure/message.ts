/**
 * Holds a mapping against a message of protobuf, as its JSON is read: names in snake or camel case, numbers
 * also in quotes, empty values as absent ones.
 * @see https://protobuf.dev/programming-guides/json/
 */
import { isBody } from '../model/body.ts';
import { groupBy } from '../model/maps.ts';
import type { Body, FieldPath } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { nearest } from '../text/nearest.ts';
import { isPlaceholder } from '../text/placeholder.ts';
import { quotedList } from '../text/words.ts';
import { unknownType } from './envoy-types.ts';
import type { Found } from './found.ts';
import { scalarNamed } from './message-scalars.ts';
import { camelCase, fieldWritten, type Message, type Messages, messageOf, valuesOf } from './messages.ts';
import { AS_LIST, fieldNamed, fieldsLeft, valueInWords } from './wording.ts';

/** Where something stands. */
interface Place {
  readonly known: Messages;
  readonly path: FieldPath;
  /** The message around. */
  readonly up: { readonly message: Message; readonly path: FieldPath } | undefined;
}

export function* judgeMessage(name: string, value: unknown, place: Place): Iterable<Found> {
  const message = messageOf(place.known, name);
  if (!message) return;
  if (!isBody(value)) {
    yield wrong(place, value, 'a mapping');
    return;
  }
  const { path } = place;
  for (const [written, inner] of Object.entries(value)) {
    const field = fieldWritten(message, written);
    const type = field === undefined ? undefined : message.fields[field];
    if (type !== undefined) yield* judge(type, inner, { ...place, path: [...path, written], up: { message, path } });
    else if (written !== TYPE && !isPlaceholder(written)) yield unknownField(written, value, { ...place, name, message });
  }
  yield* brokenChoices(message, value, path);
}

const TYPE = '@type';
const ANY = 'google.protobuf.Any';

function* judge(type: string, value: unknown, place: Place): Iterable<Found> {
  if (value === null || isPlaceholder(value)) return;
  if (type.startsWith('[')) yield* judgeList(type.slice(1, -1), value, place);
  else if (type.startsWith('{')) yield* judgeMap(type.slice(1, -1), value, place);
  else if (type.startsWith('enum:')) yield* judgeEnum(type.slice('enum:'.length), value, place);
  else if (type === ANY) yield* judgeAny(value, place);
  else {
    const scalar = scalarNamed(type);
    if (!scalar) yield* judgeMessage(type, value, place);
    else if (!scalar.accepts(value)) yield wrong(place, value, scalar.words, scalar.remedy?.(value));
  }
}

function* judgeList(type: string, value: unknown, place: Place): Iterable<Found> {
  if (!Array.isArray(value)) {
    yield wrong(place, value, 'a list', AS_LIST);
    return;
  }
  for (const [index, item] of value.entries()) yield* judge(type, item, { ...place, path: [...place.path, index] });
}

function* judgeMap(type: string, value: unknown, place: Place): Iterable<Found> {
  if (!isBody(value)) {
    yield wrong(place, value, 'a mapping');
    return;
  }
  for (const [key, item] of Object.entries(value)) yield* judge(type, item, { ...place, path: [...place.path, key] });
}

function* judgeEnum(name: string, value: unknown, place: Place): Iterable<Found> {
  const values = valuesOf(place.known, name);
  if (!values || (typeof value === 'number' && value === (value | 0)) || (typeof value === 'string' && values.includes(value))) return;
  const close = typeof value === 'string' ? nearest(value, values) : undefined;
  yield wrong(place, value, `one of ${quotedList(values, 12)}`, close === undefined ? undefined : `Did you mean "${close}"?`);
}

/** A message of any type, which names its type itself. */
function* judgeAny(value: unknown, place: Place): Iterable<Found> {
  const { known, path } = place;
  if (!isBody(value)) {
    yield wrong(place, value, `a mapping with "${TYPE}"`);
    return;
  }
  const url = value[TYPE];
  if (url === undefined) {
    yield {
      is: 'message-type',
      path,
      part: 'key',
      message: `${fieldNamed(path)} does not say of which type it is.`,
      fix: `Add "${TYPE}" with the full name of the type.`,
    };
    return;
  }
  const typed: Place = { ...place, path: [...path, TYPE] };
  if (typeof url !== 'string') {
    yield wrong(typed, url, 'the full name of a type');
    return;
  }
  if (isPlaceholder(url)) return;
  const name = url.slice(url.lastIndexOf('/') + 1);
  const unknown = unknownType(name, known);
  if (unknown) yield { is: 'message-type', path: typed.path, ...unknown };
  // A type that JSON has a form of its own for stands below "value".
  else if (scalarNamed(name)) yield* judge(name, value['value'] ?? null, { ...place, path: [...path, 'value'] });
  else yield* judgeMessage(name, value, { known, path, up: undefined });
}

function wrong({ path }: Place, value: unknown, words: string, fix?: string): Found {
  return { is: 'message-value', path, message: `${fieldNamed(path)} is ${valueInWords(value)}, but must be ${words}.`, fix };
}

function unknownField(
  written: string,
  value: Body,
  { known, path, up, name, message }: Place & { readonly name: string; readonly message: Message },
): Found {
  const fields = Object.keys(message.fields);
  const spelled = /[A-Z]/.test(written) ? fields.map(camelCase) : fields;
  const free = spelled.filter((field) => !Object.hasOwn(value, field));
  const close = nearest(written, free);
  const isAbove = up !== undefined && fieldWritten(up.message, written) !== undefined;
  const remedy =
    (isAbove ? `It exists one level up, in "${pathText(up.path)}".` : undefined) ??
    (close === undefined ? undefined : `Did you mean "${close}"?`) ??
    fieldsLeft(free.sort());
  return {
    is: 'message-field',
    path: [...path, written],
    part: 'key',
    message: `Field "${written}" does not exist in ${name} (${known.source}, ${known.takenAt}).`,
    fix: remedy,
  };
}

/** Of fields that exclude each other, and of one field in both spellings, the reader keeps one and drops the others in silence. */
function* brokenChoices(message: Message, value: Body, path: FieldPath): Iterable<Found> {
  const set = Object.keys(value).flatMap((written) => {
    const field = value[written] === null ? undefined : fieldWritten(message, written);
    return field === undefined ? [] : [{ written, choice: message.choices?.find((choice) => choice.includes(field))?.[0] ?? field }];
  });
  for (const rivals of groupBy(set, ({ choice }) => choice).values()) {
    const [first] = rivals;
    if (first === undefined || rivals.length < 2) continue;
    yield {
      is: 'message-choice',
      path: [...path, first.written],
      part: 'key',
      message: `Fields ${quotedList(rivals.map(({ written }) => written))} exclude each other: only one of them counts.`,
      fix: 'Keep the one that is meant.',
    };
  }
}
