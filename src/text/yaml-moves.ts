/**
 * Entries of a YAML text under another key, or in another mapping together with the comments about
 * them. As a change of values this would be an entry that goes and one that comes, at the end and
 * without its comments. Called by document-edit.ts, which makes sure of the outcome.
 */
import { type FieldMove, isRename, parentOf } from '../model/field-edit.ts';
import type { FieldPath } from '../model/resource.ts';
import type { TextEdit } from './text-edits.ts';
import { keyText, layoutOf } from './yaml-lines.ts';
import { linesIn, type SourceLines } from './yaml-places.ts';
import { endOf, type YamlEntry, type YamlNode, type YamlTree } from './yaml-tree.ts';

type MappingNode = Extract<YamlNode, { is: 'mapping' }>;

/** @returns undefined where an entry is not written as text that can be taken elsewhere */
export function yamlMoves(tree: YamlTree, moves: readonly FieldMove[]): readonly TextEdit[] | undefined {
  const edits: TextEdit[] = [];
  for (const move of moves) {
    const found = isRename(move) ? renamed(tree, move) : taken(tree, move);
    if (!found) return undefined;
    edits.push(...found);
  }
  return edits;
}

/** The entry at a path; undefined where it is written elsewhere, behind an alias or merged in. */
export function entryAt({ root }: YamlTree, path: FieldPath): YamlEntry | undefined {
  const parent = nodeAt(root, parentOf(path));
  return parent?.is === 'mapping' ? parent.entries.find(({ name }) => name === path.at(-1)) : undefined;
}

function nodeAt(root: YamlNode, path: FieldPath): YamlNode | undefined {
  let node: YamlNode | undefined = root;
  for (const step of path) {
    if (node?.is === 'mapping') node = node.entries.find(({ name }) => name === step)?.node;
    else if (node?.is === 'list' && typeof step === 'number') node = node.items[step]?.node;
    else return undefined;
  }
  return node;
}

function renamed(tree: YamlTree, { path, to }: FieldMove): readonly TextEdit[] | undefined {
  const entry = entryAt(tree, path);
  return entry && [keyEdit(tree, entry, String(to.at(-1)))];
}

/** In the quotes of the key before. */
function keyEdit({ source }: YamlTree, { start, keyEnd }: YamlEntry, name: string): TextEdit {
  const quote = source[start];
  const quoted = quote === '"' ? JSON.stringify(name) : `'${name.replaceAll("'", "''")}'`;
  return { start, end: keyEnd, text: quote === '"' || quote === "'" ? quoted : keyText(name) };
}

interface Move {
  readonly tree: YamlTree;
  readonly lines: SourceLines;
  readonly entry: YamlEntry;
  readonly key: TextEdit;
  /** The mapping that it is in, and the entry of which that is the value. */
  readonly from: MappingNode;
  readonly owner: YamlEntry;
  /** The mapping around that one. */
  readonly around: MappingNode;
}

function taken(tree: YamlTree, move: FieldMove): readonly TextEdit[] | undefined {
  const entry = entryAt(tree, move.path);
  const owner = entryAt(tree, parentOf(move.path));
  const around = nodeAt(tree.root, move.path.slice(0, -2));
  if (!entry || owner?.node.is !== 'mapping' || around?.is !== 'mapping' || owner.node.isFlow || around.isFlow) return undefined;
  const lines = linesIn(tree.source);
  const from = owner.node;
  const place: Move = { tree, lines, entry, key: keyEdit(tree, entry, String(move.to.at(-1))), from, owner, around };
  const target = nodeAt(tree.root, parentOf(move.to));
  if (target) return target.is === 'mapping' && !target.isFlow && target.entries.length > 0 ? below(place, target) : undefined;
  // Only beside the mapping that it leaves is it known where a new one belongs.
  if (nodeAt(tree.root, move.to.slice(0, -2)) !== around) return undefined;
  const name = String(move.to.at(-2));
  return from.entries.length === 1 ? [keyEdit(tree, owner, name), place.key] : beside(place, name);
}

/** Into a mapping that is there, behind its last entry; the mapping it leaves goes when it was the only entry. */
function below(place: Move, target: MappingNode): readonly TextEdit[] | undefined {
  const { lines, from, owner, around, entry } = place;
  const [first, last] = [target.entries[0], target.entries.at(-1)];
  if (!first || !last) return undefined;
  const end = lines.endOf(endOf(last));
  const indent = lines.column(first.start);
  if (from.entries.length > 1) {
    const span = spanOf(place, entry, from, owner);
    const text = span && shifted(place, span, lines.column(entry.start), indent);
    return span && text !== undefined ? [cut(span), { start: end, end, text }] : undefined;
  }
  const whole = spanOf(place, owner, around, undefined);
  const inner = spanOf(place, entry, from, owner);
  if (!whole || !inner) return undefined;
  const about = { start: whole.start, end: lines.endAbove(lines.startOf(owner.start)) };
  const above = shifted(place, about, lines.column(owner.start), indent);
  const text = shifted(place, inner, lines.column(entry.start), indent);
  return above === undefined || text === undefined ? undefined : [cut(whole), { start: end, end, text: above + text }];
}

/** Into a new mapping below the one that it leaves. */
function beside(place: Move, name: string): readonly TextEdit[] | undefined {
  const { tree, lines, from, owner, entry } = place;
  const span = spanOf(place, entry, from, owner);
  const column = lines.column(entry.start);
  const text = span && shifted(place, span, column, column);
  if (!span || text === undefined) return undefined;
  const end = lines.endOf(endOf(owner));
  const { newline } = layoutOf(tree);
  return [cut(span), { start: end, end, text: `${newline}${' '.repeat(lines.column(owner.start))}${keyText(name)}:${text}` }];
}

interface TextSpan {
  readonly start: number;
  readonly end: number;
}

const cut = ({ start, end }: TextSpan): TextEdit => ({ start, end, text: '' });

/**
 * The lines of an entry with the comments above it, from the end of the line before.
 * @returns undefined when something else stands on its first line, such as a dash, or no line before
 */
function spanOf({ tree, lines }: Move, entry: YamlEntry, within: MappingNode, owner: YamlEntry | undefined): TextSpan | undefined {
  const before = within.entries[within.entries.indexOf(entry) - 1];
  const start = lines.startOf(entry.start);
  if (start === 0 || tree.source.slice(start, entry.start).trim() !== '') return undefined;
  const least = before ? endOf(before) : owner?.colonEnd;
  const top = lines.aboveComments(entry.start, least === undefined ? lines.startOf(within.start) : lines.endOf(least));
  return { start: top, end: lines.endOf(endOf(entry)) };
}

/** Lines with another key and indentation; undefined when one of them stands too far left for it. */
function shifted({ tree, key }: Move, { start, end }: TextSpan, column: number, indent: number): string | undefined {
  const by = indent - column;
  const text = tree.source.slice(start, end);
  const holdsKey = key.start >= start && key.start < end;
  const written = holdsKey ? text.slice(0, key.start - start) + key.text + text.slice(key.end - start) : text;
  const moved = written.split('\n').map((line, index) => {
    if (index === 0 || line.trim() === '' || by === 0) return line;
    if (by > 0) return ' '.repeat(by) + line;
    return line.startsWith(' '.repeat(-by)) ? line.slice(-by) : undefined;
  });
  return moved.every((line) => line !== undefined) ? moved.join('\n') : undefined;
}
