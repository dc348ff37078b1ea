/** Whether what a CustomResourceDefinition of the input says is a schema. The API server refuses definitions of which it is none. */
import { isBody } from '../model/body.ts';
import type { Schema } from './schema.ts';

type Form = (value: unknown) => boolean;

const isText: Form = (value) => typeof value === 'string';
const isNumber: Form = (value) => typeof value === 'number';
const isFlag: Form = (value) => typeof value === 'boolean';
const isAnything: Form = () => true;
const listOf =
  (form: Form): Form =>
  (value) =>
    Array.isArray(value) && value.every(form);
const oneOf =
  (...values: readonly unknown[]): Form =>
  (value) =>
    values.includes(value);

const isRule: Form = (value) =>
  isBody(value) &&
  isText(value['rule']) &&
  ['message', 'messageExpression', 'fieldPath'].every((name) => value[name] === undefined || isText(value[name]));

/** Called by name, as it stands in the table that it reads. */
const isSchema: Form = (value) => isSoundSchema(value);

const FORMS: Readonly<Record<keyof Schema, Form>> = {
  type: oneOf('object', 'array', 'string', 'integer', 'number', 'boolean'),
  nullable: isFlag,
  default: isAnything,
  enum: listOf(isAnything),
  format: isText,
  pattern: isText,
  minLength: isNumber,
  maxLength: isNumber,
  minimum: isNumber,
  maximum: isNumber,
  exclusiveMinimum: isFlag,
  exclusiveMaximum: isFlag,
  multipleOf: isNumber,
  items: isSchema,
  minItems: isNumber,
  maxItems: isNumber,
  uniqueItems: isFlag,
  properties: (value) => isBody(value) && Object.values(value).every(isSchema),
  additionalProperties: (value) => isFlag(value) || isSchema(value),
  required: listOf(isText),
  minProperties: isNumber,
  maxProperties: isNumber,
  allOf: listOf(isSchema),
  anyOf: listOf(isSchema),
  oneOf: listOf(isSchema),
  not: isSchema,
  'x-kubernetes-int-or-string': isFlag,
  'x-kubernetes-preserve-unknown-fields': isFlag,
  'x-kubernetes-embedded-resource': isFlag,
  'x-kubernetes-list-type': oneOf('atomic', 'set', 'map'),
  'x-kubernetes-list-map-keys': listOf(isText),
  'x-kubernetes-validations': listOf(isRule),
};

export function isSoundSchema(value: unknown): value is Schema {
  return isBody(value) && Object.entries(FORMS).every(([name, isOfForm]) => !Object.hasOwn(value, name) || isOfForm(value[name]));
}
