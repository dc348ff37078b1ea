/** JSON as Go writes a struct of Kubernetes: fields in their order, empty ones left out. */
import { isBody } from '../../../model/body.ts';
import { isEmptyField } from './normal-pod.ts';
import { fieldsOf } from './pod-schema.ts';

/** @param struct what the value is, or its items; its name in pod-schema.ts */
export function goJson(value: unknown, struct?: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => goJson(item, struct)).join(',')}]`;
  if (!isBody(value)) return escaped(JSON.stringify(value ?? null));
  const fields = fieldsOf(struct);
  const parts: string[] = [];
  const add = (name: string, each: unknown, of?: string): void => {
    parts.push(`${escaped(JSON.stringify(name))}:${goJson(each, of)}`);
  };
  for (const field of fields?.values() ?? []) {
    const own = value[field.name];
    if (!isEmptyField(own, field)) add(field.name, own, field.struct);
    else if (field.always !== undefined) add(field.name, field.always);
  }
  // Go sorts the keys of maps.
  for (const name of Object.keys(value).sort()) if (!fields?.has(name)) add(name, value[name]);
  return `{${parts.join(',')}}`;
}

const escaped = (json: string): string =>
  json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
