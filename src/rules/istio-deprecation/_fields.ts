/** Finding fields by pattern, for rules that are about one field wherever it stands. */
import { at } from '../../model/body.ts';
import type { FieldPath } from '../../model/resource.ts';

/** Stands for every element of a list in a pattern. */
export const EACH = Symbol('each element');

export type Pattern = readonly (string | typeof EACH)[];

interface Field {
  readonly value: unknown;
  readonly path: FieldPath;
}

/** Every field that is present under one of the patterns; a null counts as absent. */
export function fieldsAt(body: unknown, patterns: readonly Pattern[]): readonly Field[] {
  return patterns.flatMap((pattern) => {
    const fields = pattern.reduce<readonly Field[]>(
      (found, step) => found.flatMap((field) => children(field, step)),
      [{ value: body, path: [] }],
    );
    return fields.filter((field) => field.value !== undefined && field.value !== null);
  });
}

function children({ value, path }: Field, step: string | typeof EACH): readonly Field[] {
  if (step !== EACH) return [{ value: at(value, [step]), path: [...path, step] }];
  return Array.isArray(value) ? value.map((element: unknown, index) => ({ value: element, path: [...path, index] })) : [];
}
