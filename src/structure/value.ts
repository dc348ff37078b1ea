/** What a schema asks of a single value: one of a list, a form, a range, a length. */
import { isBody } from '../model/body.ts';
import type { FieldPath } from '../model/resource.ts';
import { isEqual } from '../text/equal.ts';
import { nearest } from '../text/nearest.ts';
import { count, quotedList } from '../text/words.ts';
import { formatNamed } from './formats.ts';
import type { Found } from './found.ts';
import { patternInWords } from './pattern-words.ts';
import type { Patterns } from './patterns.ts';
import type { Schema } from './schema.ts';
import { fieldNamed, valueText } from './wording.ts';

/** @param value of the type that the schema asks for */
export function judgeValue(schema: Schema, value: unknown, path: FieldPath, patterns: Patterns): readonly Found[] {
  const found: Report = (message, more) => ({ is: 'value', path, message: `${fieldNamed(path)} ${message}`, ...more });
  // What is none of the values allowed has nothing else worth saying.
  if (schema.enum && !schema.enum.some((allowed) => isEqual(allowed, value))) return [notListed(schema.enum, value, found)];
  if (typeof value === 'string') return judgeText(schema, value, patterns, found);
  if (typeof value === 'number') return judgeNumber(schema, value, found);
  if (Array.isArray(value)) return within(value.length, 'item', schema.minItems, schema.maxItems, found);
  if (isBody(value)) return within(Object.keys(value).length, 'field', schema.minProperties, schema.maxProperties, found);
  return [];
}

type Report = (message: string, more?: Pick<Found, 'fix' | 'blocks'>) => Found;

function notListed(allowed: readonly unknown[], value: unknown, found: Report): Found {
  const texts = allowed.map(String);
  const close = typeof value === 'string' ? nearest(value, texts) : undefined;
  const known = allowed.length === 1 ? `must be "${texts[0]}"` : `must be one of ${quotedList(texts, 12)}`;
  return found(`is ${valueText(value)}, but ${known}.`, {
    fix: close === undefined ? undefined : `Did you mean "${close}"?`,
    blocks: true,
  });
}

function judgeText(schema: Schema, text: string, patterns: Patterns, found: Report): readonly Found[] {
  const lengths = within([...text].length, 'character', schema.minLength, schema.maxLength, found);
  const format = formatNamed(schema.format);
  return [
    ...lengths,
    ...(format && !format.accepts(text) ? [found(`is ${valueText(text)}, but must be ${format.words}.`)] : []),
    // The length says it already: most patterns do not take an empty text either.
    ...(schema.pattern !== undefined && lengths.length === 0 && !patterns.matches(schema.pattern, text)
      ? [found(`is ${valueText(text)}, ${mismatch(schema.pattern)}.`)]
      : []),
  ];
}

function mismatch(pattern: string): string {
  const words = patternInWords(pattern);
  return words === undefined ? `which does not match the pattern ${pattern} that it must have` : `but must be ${words}`;
}

function judgeNumber(schema: Schema, value: number, found: Report): readonly Found[] {
  const { minimum, maximum, multipleOf } = schema;
  const tooSmall = minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum);
  const tooLarge = maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum);
  if (tooSmall || tooLarge) return [found(`is ${value}, but must be ${rangeInWords(schema)}.`)];
  // The API server takes it, but who reads the object has 32 bits for the field.
  if (schema.format === 'int32' && value !== (value | 0)) return [found(`is ${value}, which does not fit into 32 bits.`)];
  if (multipleOf !== undefined && value % multipleOf !== 0) return [found(`is ${value}, but must be a multiple of ${multipleOf}.`)];
  return [];
}

function rangeInWords({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Schema): string {
  const least = exclusiveMinimum ? `more than ${minimum}` : `at least ${minimum}`;
  const most = exclusiveMaximum ? `less than ${maximum}` : `at most ${maximum}`;
  if (minimum === undefined) return most;
  if (maximum === undefined) return least;
  return exclusiveMinimum || exclusiveMaximum ? `${least} and ${most}` : `from ${minimum} to ${maximum}`;
}

function within(length: number, unit: string, least: number | undefined, most: number | undefined, found: Report): readonly Found[] {
  if (least !== undefined && length < least) {
    return [found(length === 0 ? 'is empty, which is not allowed.' : `has ${count(length, unit)}, but needs at least ${least}.`)];
  }
  return most !== undefined && length > most
    ? [found(`has ${count(length, unit)}, but may have ${most} at the most.`, { blocks: true })]
    : [];
}
