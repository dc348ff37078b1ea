/**
 * Pods as they come out of Go's structs: without nulls and empty fields, quantities in their canonical form. The API
 * server sees manifests the same way, so that such differences are none.
 */
import { isBody } from '../../../model/body.ts';
import { canonicalQuantity } from '../../../text/quantity.ts';
import { type Field, fieldsOf } from './pod-schema.ts';

/** A copy in normal form; `struct` names it in pod-schema.ts. */
export function normalPod(value: unknown, struct: string | undefined): unknown {
  if (Array.isArray(value)) return value.map((item) => normalPod(item, struct));
  if (!isBody(value)) return value;
  const fields = fieldsOf(struct);
  const result: Record<string, unknown> = {};
  for (const [name, each] of Object.entries(value)) {
    const field = fields?.get(name);
    if (each === null || each === undefined || (field && isEmptyField(each, field))) continue;
    result[name] = field ? normalField(each, field) : normalPod(each, undefined);
  }
  return result;
}

function normalField(value: unknown, { type, struct }: Field): unknown {
  if (type === 'quantity') return quantity(value);
  if (type === 'quantities' && isBody(value))
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, quantity(each)]));
  return normalPod(value, struct);
}

const quantity = (value: unknown): unknown =>
  typeof value === 'string' || typeof value === 'number' ? (canonicalQuantity(String(value)) ?? value) : value;

/** True for what Go leaves out when it writes the struct. */
export function isEmptyField(value: unknown, { type }: Field): boolean {
  if (value === null || value === undefined) return true;
  switch (type) {
    case 'text':
      return value === '';
    case 'number':
      return value === 0;
    case 'flag':
      return value === false;
    case 'texts':
    case 'list':
      return Array.isArray(value) && value.length === 0;
    case 'map':
    case 'quantities':
      return isBody(value) && Object.keys(value).length === 0;
    default:
      return false;
  }
}
