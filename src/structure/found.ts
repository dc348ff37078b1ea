import type { FieldPath } from '../model/resource.ts';
import type { Violation } from '../model/violation.ts';
import type { CelRule, Schema } from './schema.ts';

/** A violation before it is known of which object. */
export interface Found extends Omit<Violation, 'at' | 'path'> {
  readonly path: FieldPath;
  /** The API server evaluates no expression about such a value. */
  readonly blocks?: boolean | undefined;
  /** The field that the violation is about, where `path` is one of its items. */
  readonly about?: FieldPath;
}

/** Expressions that are still to be judged, for a value that has the shape they count on. */
export interface Due {
  readonly rules: readonly CelRule[];
  readonly schema: Schema;
  readonly value: unknown;
  readonly path: FieldPath;
}

export function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.length <= path.length && outer.every((step, index) => step === path[index]);
}
