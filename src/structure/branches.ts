/**
 * `oneOf`, `anyOf`, `allOf` and `not`. In definitions they mostly say how many of several fields may be set, and
 * that is how messages put it.
 */
import { isBody } from '../model/body.ts';
import type { FieldPath } from '../model/resource.ts';
import { pathText } from '../text/field-path.ts';
import { holdsPlaceholder } from '../text/placeholder.ts';
import { quotedList } from '../text/words.ts';
import { formatNamed } from './formats.ts';
import type { Found } from './found.ts';
import type { Patterns } from './patterns.ts';
import { fieldOf, hasType, type Schema } from './schema.ts';
import { judgeValue } from './value.ts';
import { fieldNamed, valueText } from './wording.ts';

export function judgeBranches(schema: Schema, value: unknown, path: FieldPath, patterns: Patterns): readonly Found[] {
  const { oneOf, anyOf, allOf, not } = schema;
  if (!oneOf && !anyOf && !allOf && !not) return [];
  return [
    ...(allOf ?? []).flatMap((branch) => judgeBranch(branch, value, path, patterns)),
    ...(oneOf ? judgeChoice(oneOf, value, path, patterns, 1) : []),
    // An integer or a text, written out once more.
    ...(anyOf && !schema['x-kubernetes-int-or-string'] ? judgeChoice(anyOf, value, path, patterns, oneOfMany) : []),
    ...(not ? judgeNot(not, value, path, patterns) : []),
  ];
}

const oneOfMany = Number.POSITIVE_INFINITY;

/** Everything a branch says of a value. Branches hold no types of their own, and unknown fields are not their business. */
function judgeBranch(branch: Schema, value: unknown, path: FieldPath, patterns: Patterns): readonly Found[] {
  if (branch.type && !hasType(branch, value)) return [{ is: 'type', path, message: `${fieldNamed(path)} has the wrong type.` }];
  const found = [...judgeValue(branch, value, path, patterns), ...judgeBranches(branch, value, path, patterns)];
  if (!isBody(value)) return found;
  for (const name of branch.required ?? []) {
    if (Object.hasOwn(value, name)) continue;
    found.push({ is: 'missing', path, part: 'key', message: `${fieldNamed([...path, name])} is required here, but absent.` });
  }
  for (const [name, part] of Object.entries(value)) {
    const field = fieldOf(branch, name);
    if (field) found.push(...judgeBranch(field, part, [...path, name], patterns));
  }
  return found;
}

/** @param most how many of the branches may hold */
function judgeChoice(branches: readonly Schema[], value: unknown, path: FieldPath, patterns: Patterns, most: number): readonly Found[] {
  if (holdsPlaceholder(value)) return [];
  const outcomes = branches.map((branch) => judgeBranch(branch, value, path, patterns));
  const holding = outcomes.filter((found) => found.length === 0).length;
  if (holding >= 1 && holding <= most) return [];
  const alternatives = fieldsOfChoice(branches);
  if (alternatives && isBody(value)) return [wrongNumberOfFields(alternatives, value, path)];
  if (holding === 0) return noneHolds(branches, outcomes, value, path);
  return [{ is: 'exclusive', path, message: `${fieldNamed(path)} fits ${holding} of the forms of which it must have one.` }];
}

/**
 * The fields of a choice of which each branch asks for some and nothing else; one branch may ask for none of them.
 * This is what a `oneof` of Protocol Buffers becomes.
 */
function fieldsOfChoice(branches: readonly Schema[]): readonly (readonly string[])[] | undefined {
  const fields = branches.flatMap((branch) => (isOnly(branch, 'required') ? [branch.required ?? []] : []));
  const others = branches.filter((branch) => !isOnly(branch, 'required'));
  const none = others.every((branch) => isOnly(branch, 'not') && branch.not?.anyOf?.every((inner) => isOnly(inner, 'required')));
  return none && others.length <= 1 && fields.length > 0 ? fields : undefined;
}

const isOnly = (schema: Schema, key: keyof Schema): boolean => schema[key] !== undefined && Object.keys(schema).length === 1;

function wrongNumberOfFields(
  alternatives: readonly (readonly string[])[],
  value: Readonly<Record<string, unknown>>,
  path: FieldPath,
): Found {
  const isSet = (names: readonly string[]): boolean => names.every((name) => Object.hasOwn(value, name));
  const words = alternatives.map((names) => names.join(' and '));
  const set = alternatives.filter(isSet);
  const where = path.length === 0 ? 'the object' : `"${pathText(path)}"`;
  if (set.length < 2) {
    return { is: 'exclusive', path, part: 'key', message: `One of ${quotedList(words, 12)} must be set in ${where}, and none is.` };
  }
  const second = set[1]?.at(-1) ?? '';
  return {
    is: 'exclusive',
    path: [...path, second],
    part: 'key',
    message: `Fields ${quotedList(
      set.map((names) => names.join(' and ')),
      12,
    )} of ${where} exclude each other.`,
    fix: 'Keep one of them.',
  };
}

/** Of several forms that all do not fit, the one that comes closest says what is wrong. */
function noneHolds(
  branches: readonly Schema[],
  outcomes: readonly (readonly Found[])[],
  value: unknown,
  path: FieldPath,
): readonly Found[] {
  const formats = branches.map(({ format }) => formatNamed(format)?.words);
  if (formats.every((words) => words !== undefined)) {
    return [{ is: 'value', path, message: `${fieldNamed(path)} is ${valueText(value)}, but must be ${formats.join(' or ')}.` }];
  }
  const closest = [...outcomes].sort((left, right) => depthOf(right) - depthOf(left) || left.length - right.length)[0] ?? [];
  const message = `${fieldNamed(path)} fits none of the forms that are allowed.`;
  return closest.length > 0 ? closest : [{ is: 'value', path, message }];
}

/** A branch whose objection is deeper inside agrees with more of the value. A choice of types is made first of all. */
function depthOf(found: readonly Found[]): number {
  return Math.max(0, ...found.map(({ path }) => path.length)) - (found.some(({ path }) => path.at(-1) === 'type') ? 1 : 0);
}

function judgeNot(not: Schema, value: unknown, path: FieldPath, patterns: Patterns): readonly Found[] {
  if (holdsPlaceholder(value) || judgeBranch(not, value, path, patterns).length > 0) return [];
  const { required, enum: values } = not;
  if (required) {
    return [
      {
        is: 'exclusive',
        path: [...path, required[0] ?? ''],
        part: 'key',
        message: `Field "${required[0]}" must not be set in "${pathText(path)}".`,
      },
    ];
  }
  const message = values
    ? `${fieldNamed(path)} must not be ${valueText(value)}.`
    : `${fieldNamed(path)} is ${valueText(value)}, which is not allowed.`;
  return [{ is: 'value', path, message }];
}
