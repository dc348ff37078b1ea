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
  /** The mapping around that one, and its entry where it has one. */
  readonly around: MappingNode;
  readonly outer: YamlEntry | undefined;
}

function taken(tree: YamlTree, move: FieldMove): readonly TextEdit[] | undefined {
  const entry = entryAt(tree, move.path);
  const owner = entryAt(tree, parentOf(move.path));
  const around = nodeAt(tree.root, move.path.slice(0, -2));
  if (!entry || owner?.node.is !== 'mapping' || around?.is !== 'mapping') return undefined;
  const lines = linesIn(tree.source);
  const from = owner.node;
  const outer = entryAt(tree, move.path.slice(0, -2));
  const place: Move = { tree, lines, entry, key: keyEdit(tree, entry, String(move.to.at(-1))), from, owner, around, outer };
  const target = nodeAt(tree.root, parentOf(move.to));
  if (target) return target.is === 'mapping' ? into(place, target) : undefined;
  // Only beside the mapping that it leaves is it known where a new one belongs.
  if (nodeAt(tree.root, move.to.slice(0, -2)) !== around) return undefined;
  const name = String(move.to.at(-2));
  return from.entries.length === 1 ? [keyEdit(tree, owner, name), place.key] : beside(place, name);
}

/** Into a mapping that is there, behind its last entry; the mapping it leaves goes when it was the only entry. */
function into(place: Move, target: MappingNode): readonly TextEdit[] | undefined {
  const { lines, from, owner, around, outer, entry } = place;
  const [first, last] = [target.entries[0], target.entries.at(-1)];
  if (!first || !last) return undefined;
  const isEmptied = from.entries.length === 1;
  const removal = isEmptied ? removalOf(place, owner, around, outer) : removalOf(place, entry, from, owner);
  if (!removal) return undefined;
  const indent = lines.column(first.start);
  const about = { start: removal.start, end: lines.endAbove(lines.startOf(owner.start)) };
  const above = isEmptied && !around.isFlow ? shifted(place, about, lines.column(owner.start), indent) : '';
  if (target.isFlow || from.isFlow) {
    const text = onOneLine(place);
    if (text === undefined || above === undefined) return undefined;
    const line = `${above}${layoutOf(place.tree).newline}${' '.repeat(indent)}${text}`;
    return [cut(removal), target.isFlow ? behind(last, `, ${text}`) : below(lines, last, line)];
  }
  const text = carried(place, indent);
  return above === undefined || text === undefined ? undefined : [cut(removal), below(lines, last, above + text)];
}

/** Into a new mapping below the one that it leaves. */
function beside(place: Move, name: string): readonly TextEdit[] | undefined {
  const { tree, lines, from, owner, entry, around } = place;
  const removal = removalOf(place, entry, from, owner);
  if (!removal) return undefined;
  if (from.isFlow) {
    const text = onOneLine(place);
    if (text === undefined) return undefined;
    const mapping = `${keyText(name)}: { ${text} }`;
    const indent = layoutOf(tree).newline + ' '.repeat(lines.column(owner.start));
    return [cut(removal), around.isFlow ? behind(owner, `, ${mapping}`) : below(lines, owner, indent + mapping)];
  }
  const text = carried(place, lines.column(entry.start));
  const head = `${layoutOf(tree).newline}${' '.repeat(lines.column(owner.start))}${keyText(name)}:`;
  return text === undefined ? undefined : [cut(removal), below(lines, owner, head + text)];
}

/** The lines of a block entry, each after a line end, as they come out at another place. */
function carried(place: Move, indent: number): string | undefined {
  const { entry, from, owner, lines } = place;
  const span = spanOf(place, entry, from, owner);
  return span && shifted(place, span, lines.column(entry.start), indent);
}

/** The entry without what stands around it; undefined where it has several lines. */
function onOneLine({ tree, entry, key }: Move): string | undefined {
  const text = key.text + tree.source.slice(entry.keyEnd, endOf(entry));
  return text.includes('\n') ? undefined : text;
}

const behind = (entry: YamlEntry, text: string): TextEdit => ({ start: endOf(entry), end: endOf(entry), text });

function below(lines: SourceLines, entry: YamlEntry, text: string): TextEdit {
  const end = lines.endOf(endOf(entry));
  return { start: end, end, text };
}

/** What goes with an entry: in brackets a comma, else its lines. */
function removalOf(place: Move, entry: YamlEntry, within: MappingNode, owner: YamlEntry | undefined): TextSpan | undefined {
  if (!within.isFlow) return spanOf(place, entry, within, owner);
  const index = within.entries.indexOf(entry);
  const [before, after] = [within.entries[index - 1], within.entries[index + 1]];
  if (after) return { start: entry.start, end: after.start };
  return before && { start: endOf(before), end: endOf(entry) };
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
