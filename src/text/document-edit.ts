/**
 * Edits of objects as edits of the document that they were read from: comments, order, quotes and
 * indentation stay. Where that cannot be had, nothing is changed at all.
 */
import { type FieldEdit, type FieldMove, isRename, withEdits } from '../model/field-edit.ts';
import type { FieldPath } from '../model/resource.ts';
import { isEqual } from './equal.ts';
import { editJsonInPlace, renameInJson } from './json-edit.ts';
import { jsonValue } from './json-value.ts';
import { applyEdits } from './text-edits.ts';
import { parseYamlValue } from './yaml.ts';
import { yamlComments } from './yaml-comments.ts';
import { editYamlInPlace, means } from './yaml-edit.ts';
import { entryAt, yamlMoves } from './yaml-moves.ts';
import { linesIn } from './yaml-places.ts';
import { type YamlTree, yamlTree } from './yaml-tree.ts';

/** @param edits with paths from the root of the document, of which none collide */
export function editDocument(text: string, edits: readonly FieldEdit[]): string | undefined {
  const json = /^\s*[[{]/.test(text) ? jsonValue(text) : undefined;
  const before = json ?? parseYamlValue(text);
  const after = before === undefined ? undefined : withEdits(before, edits);
  if (after === undefined) return undefined;
  return json === undefined ? editYamlDocument(text, { before, after }, edits) : editJsonDocument(text, { before, after }, edits);
}

/** The same edits of an object that stands somewhere in a document. */
export function editsBelow(path: FieldPath, edits: readonly FieldEdit[]): readonly FieldEdit[] {
  return edits.map((edit) => ({ ...edit, path: [...path, ...edit.path], ...(edit.is === 'move' && { to: [...path, ...edit.to] }) }));
}

interface Values {
  readonly before: unknown;
  readonly after: unknown;
}

function editYamlDocument(text: string, { before, after }: Values, edits: readonly FieldEdit[]): string | undefined {
  const tree = yamlTree(text);
  if (!tree || edits.some((edit) => edit.is === 'remove' && isExplained(tree, edit.path))) return undefined;
  const moved = withMoves(tree, text, before, edits);
  const result = editYamlInPlace(moved?.text ?? text, moved?.value ?? before, after);
  return result !== undefined && keepsComments(tree, result) ? result : undefined;
}

function editJsonDocument(text: string, { before, after }: Values, edits: readonly FieldEdit[]): string | undefined {
  const renames = movesOf(edits).filter(isRename);
  const renamed = renameInJson(
    text,
    renames.map(({ path, to }) => ({ path, name: String(to.at(-1)) })),
  );
  const value = withEdits(before, renames);
  const isDone = renamed !== undefined && isEqual(jsonValue(renamed), value);
  return isDone ? editJsonInPlace(renamed, value, after) : editJsonInPlace(text, before, after);
}

/** The text with nothing but the moves, each with the value it had; undefined when they cannot be made as such. */
function withMoves(
  tree: YamlTree,
  text: string,
  before: unknown,
  edits: readonly FieldEdit[],
): { text: string; value: unknown } | undefined {
  const moves = movesOf(edits);
  const changes = yamlMoves(tree, moves);
  const moved = changes && applyEdits(text, changes, tree.written);
  const value = withEdits(before, moves);
  return moved !== undefined && means(moved, value) ? { text: moved, value } : undefined;
}

const movesOf = (edits: readonly FieldEdit[]): readonly FieldMove[] =>
  edits.flatMap((edit) => (edit.is === 'move' ? [{ is: edit.is, path: edit.path, to: edit.to }] : []));

/** What is said right above an entry would be said of the next one, were it taken out. */
function isExplained(tree: YamlTree, path: FieldPath): boolean {
  const entry = entryAt(tree, path);
  if (!entry) return false;
  const { aboveComments, endAbove, startOf } = linesIn(tree.source);
  return aboveComments(entry.start, 0) !== endAbove(startOf(entry.start));
}

function keepsComments(before: YamlTree, text: string): boolean {
  const wanted = yamlComments(before);
  if (wanted.length === 0) return true;
  const after = yamlTree(text);
  const left = new Map<string, number>();
  for (const comment of after ? yamlComments(after) : []) left.set(comment, (left.get(comment) ?? 0) + 1);
  return wanted.every((comment) => {
    const number = left.get(comment) ?? 0;
    left.set(comment, number - 1);
    return number > 0;
  });
}
