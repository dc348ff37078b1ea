/** Lists of which no item may come twice: sets, and lists whose items have a key. */
import { at } from '../model/body.ts';
import type { FieldPath } from '../model/resource.ts';
import { isPlaceholder } from '../text/placeholder.ts';
import type { Found } from './found.ts';
import type { Schema } from './schema.ts';
import { fieldNamed, valueText } from './wording.ts';

export function judgeItems(schema: Schema, list: readonly unknown[], path: FieldPath): readonly Found[] {
  if (schema['x-kubernetes-list-type'] === 'map') {
    const keys = schema['x-kubernetes-list-map-keys'] ?? [];
    return repeated(list, path, (item) => keys.map((key) => at(item, [key])), keys);
  }
  return schema['x-kubernetes-list-type'] === 'set' || schema.uniqueItems ? repeated(list, path, (item) => [item], []) : [];
}

function repeated(
  list: readonly unknown[],
  path: FieldPath,
  keyOf: (item: unknown) => readonly unknown[],
  keys: readonly string[],
): readonly Found[] {
  const seen = new Map<string, number>();
  return list.flatMap((item, index): readonly Found[] => {
    const values = keyOf(item);
    // What has no key at all is told by what is required.
    if (values.some((value) => value === undefined || isPlaceholder(value))) return [];
    const key = JSON.stringify(values);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, index);
      return [];
    }
    const named = keys.map((name, place) => `${name} ${valueText(values[place])}`).join(' and ');
    const what = keys.length === 0 ? `repeats ${valueText(item)}` : `repeats the ${named}`;
    return [
      {
        is: 'value',
        path: [...path, index],
        about: path,
        message: `${fieldNamed([...path, index])} ${what} of item ${first}; each may stand there once.`,
      },
    ];
  });
}
