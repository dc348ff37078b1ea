/** Parts of a Pod as templates see Go's structs: a field that is not set has the zero value of its type. */
import { isBody } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { fromPlain, GoInt, type GoMap, type GoObject, isList, isObject, typed, type Value } from '../../../template/value.ts';
import { goJson } from './go-json.ts';
import { type Field, fieldsOf } from './pod-schema.ts';

interface KubeObject extends GoObject {
  readonly body: Body;
  readonly struct: string | undefined;
}

/** @param struct as pod-schema.ts names it */
export function kubeObject(body: Body, struct: string | undefined): GoObject {
  const object: KubeObject = {
    body,
    struct,
    goType: `v1.${struct ?? 'Object'}`,
    kind: 'struct',
    field: (name) => fieldNamed(body, struct, name),
    method: () => undefined,
    text: () => goJson(body, struct),
    isTrue: () => true,
    plain: () => fromPlain(body),
  };
  return object;
}

/** The JSON that Go writes; undefined for what is no part of a Pod. */
export function kubeJson(value: Value): string | undefined {
  if (isList(value) && value.some(isObject)) return `[${value.map(kubeJson).join(',')}]`;
  return isObject(value) && 'body' in value ? goJson((value as KubeObject).body, (value as KubeObject).struct) : undefined;
}

/** The plain value; undefined for what is no part of a Pod. */
export const kubeBody = (value: Value): Body | undefined => (isObject(value) && 'body' in value ? (value as KubeObject).body : undefined);

export const textMap = (texts: Readonly<Record<string, string>>): GoMap => typed(new Map(Object.entries(texts)), 'map[string]string');

/** Go's names differ from those of JSON in their capitals only: `HostIP`, `HTTPGet`. */
function fieldNamed(body: Body, struct: string | undefined, name: string): Value | undefined {
  const lower = name.toLowerCase();
  for (const field of fieldsOf(struct)?.values() ?? []) if (field.name.toLowerCase() === lower) return fieldValue(body[field.name], field);
  const key = Object.keys(body).find((each) => each.toLowerCase() === lower);
  return key === undefined ? undefined : fieldValue(body[key], undefined);
}

function fieldValue(value: unknown, field: Field | undefined): Value {
  switch (field?.type) {
    case 'text':
      return typeof value === 'string' ? value : '';
    case 'number':
      return new GoInt(typeof value === 'number' ? Math.trunc(value) : 0, 'int32');
    case 'flag':
      return value === true;
    case 'map':
    case 'quantities':
      return textMap(isBody(value) ? Object.fromEntries(Object.entries(value).map(([name, each]) => [name, String(each)])) : {});
    case 'texts':
      return typed(Array.isArray(value) ? value.map(String) : [], '[]string');
    case 'list':
      return Array.isArray(value) ? value.map((item) => (isBody(item) ? kubeObject(item, field.struct) : scalar(item))) : [];
    case 'struct':
      // `securityContext` of a Pod and the like are pointers, `resources` of a container is not.
      return isBody(value) ? kubeObject(value, field.struct) : field.always === undefined ? null : kubeObject({}, field.struct);
    default:
      if (isBody(value)) return kubeObject(value, undefined);
      return Array.isArray(value) ? value.map((item) => (isBody(item) ? kubeObject(item, undefined) : scalar(item))) : scalar(value);
  }
}

const scalar = (value: unknown): Value =>
  typeof value === 'number' && Number.isInteger(value) ? new GoInt(value, 'int64') : fromPlain(value);
