/**
 * Changes of an object by fields, as rules propose them. Where the text of a file changes for it is
 * found elsewhere, so that no rule has to know of lines, quotes or comments.
 */
import { at, has, isBody } from './body.ts';
import type { FieldPath } from './resource.ts';

/** Paths are those of the object as it was found, for every edit of a problem. */
export type FieldEdit =
  /** Puts a value there. Mappings that are missing above it are made. */
  | { readonly is: 'set'; readonly path: FieldPath; readonly value: unknown }
  | { readonly is: 'remove'; readonly path: FieldPath }
  /** Gives an entry another key or another mapping, and where one is given another value. */
  | { readonly is: 'move'; readonly path: FieldPath; readonly to: FieldPath; readonly value?: unknown };

export type FieldMove = Extract<FieldEdit, { is: 'move' }>;

/** The value with all of the edits; undefined when it has not the form that they speak of. */
export function withEdits(value: unknown, edits: readonly FieldEdit[]): unknown {
  // The items of a list are known by number, so that the last go first.
  const removals = edits.filter((edit) => edit.is === 'remove').sort((left, right) => comparePaths(right.path, left.path));
  const others = edits.filter((edit) => edit.is !== 'remove');
  let edited = value;
  for (const edit of [...others, ...removals]) {
    edited = withEdit(edited, edit);
    if (edited === undefined) return undefined;
  }
  return edited;
}

/** Whether two edits change the same part of an object, so that one must wait for what becomes of the other. */
export function collide(left: FieldEdit, right: FieldEdit): boolean {
  return touched(left).some((mine) => touched(right).some((theirs) => isWithin(mine, theirs) || isWithin(theirs, mine)));
}

/** True for a move that gives an entry another key where it stands. */
export function isRename({ path, to }: FieldMove): boolean {
  return isSame(parentOf(path), parentOf(to));
}

function touched(edit: FieldEdit): readonly FieldPath[] {
  if (edit.is === 'set') return [edit.path];
  const parent = parentOf(edit.path);
  if (edit.is === 'move') return isRename(edit) ? [edit.path, edit.to] : [parent, parentOf(edit.to)];
  return [typeof edit.path.at(-1) === 'number' ? parent : edit.path];
}

function withEdit(root: unknown, edit: FieldEdit): unknown {
  if (edit.is === 'set') return withValue(root, edit.path, edit.value);
  const value = at(root, edit.path);
  if (value === undefined) return undefined;
  if (edit.is === 'remove') return without(root, edit.path);
  if (has(root, ...edit.to)) return undefined;
  const moved = 'value' in edit ? edit.value : value;
  if (isRename(edit)) return changedAt(root, parentOf(edit.path), (mapping) => renamed(mapping, edit, moved));
  const placed = withValue(root, edit.to, moved);
  return placed === undefined ? undefined : without(placed, edit.path);
}

/** The entry stays where it is among the others. */
function renamed(mapping: unknown, { path, to }: FieldMove, value: unknown): unknown {
  if (!isBody(mapping)) return undefined;
  return Object.fromEntries(Object.entries(mapping).map(([key, entry]) => (key === path.at(-1) ? [to.at(-1), value] : [key, entry])));
}

function withValue(root: unknown, path: FieldPath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (root !== undefined && !isBody(root) && !Array.isArray(root)) return undefined;
  const inner = withValue(at(root, [step]), rest, value);
  return inner === undefined ? undefined : withEntry(root ?? {}, step, inner);
}

/** An object without annotations or labels needs no mapping of them either. */
function without(root: unknown, path: FieldPath): unknown {
  const parent = parentOf(path);
  const removed = changedAt(root, parent, (holder) => withEntry(holder, path.at(-1) ?? '', undefined));
  const isEmptied = isStringMap(parent) && Object.keys(at(removed, parent) ?? {}).length === 0;
  return isEmptied ? without(removed, parent) : removed;
}

function changedAt(root: unknown, path: FieldPath, change: (value: unknown) => unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return change(root);
  const inner = changedAt(at(root, [step]), rest, change);
  return inner === undefined ? undefined : withEntry(root, step, inner);
}

/** @param value undefined takes the entry out */
function withEntry(holder: unknown, step: string | number, value: unknown): unknown {
  if (Array.isArray(holder) && typeof step === 'number') {
    return step >= holder.length ? undefined : holder.toSpliced(step, 1, ...(value === undefined ? [] : [value]));
  }
  if (!isBody(holder) || typeof step !== 'string') return undefined;
  if (value !== undefined) return { ...holder, [step]: value };
  return Object.fromEntries(Object.entries(holder).filter(([key]) => key !== step));
}

function isStringMap(path: FieldPath): boolean {
  const name = path.at(-1);
  return path.at(-2) === 'metadata' && (name === 'annotations' || name === 'labels');
}

export const parentOf = (path: FieldPath): FieldPath => path.slice(0, -1);

function isWithin(path: FieldPath, outer: FieldPath): boolean {
  return outer.every((step, index) => path[index] === step);
}

function isSame(left: FieldPath, right: FieldPath): boolean {
  return left.length === right.length && isWithin(left, right);
}

function comparePaths(left: FieldPath, right: FieldPath): number {
  const index = left.findIndex((step, position) => step !== right[position]);
  if (index < 0) return left.length - right.length;
  const [mine, theirs] = [left[index], right[index]];
  if (typeof mine === 'number' && typeof theirs === 'number') return mine - theirs;
  return theirs === undefined || String(mine) > String(theirs) ? 1 : -1;
}
