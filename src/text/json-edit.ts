/** Changes of a value as changes of the JSON text it was read from: what stays the same keeps its characters. */
import { findNodeAtLocation, type Node, parseTree } from 'jsonc-parser';
import { isBody } from '../model/body.ts';
import type { Body, FieldPath } from '../model/resource.ts';
import { alignLists } from './align.ts';
import { isEqual } from './equal.ts';
import { jsonValue } from './json-value.ts';
import { applyEdits, type TextEdit } from './text-edits.ts';

/**
 * The text of a document that means `after`; where edits of its parts would not do, it is written anew.
 * @param text that `JSON.parse` reads as `before`
 */
export function editJson(text: string, before: unknown, after: unknown): string {
  return editJsonInPlace(text, before, after) ?? `${JSON.stringify(after, undefined, 2)}\n`;
}

/** The same; undefined where edits of its parts would not do. */
export function editJsonInPlace(text: string, before: unknown, after: unknown): string | undefined {
  if (isEqual(before, after)) return text;
  const root = parseTree(text);
  const edits: TextEdit[] = [];
  if (root) visit(root, before, after, layoutIn(text, root), edits);
  const edited = applyEdits(text, edits);
  return edited !== undefined && isEqual(jsonValue(edited), after) ? edited : undefined;
}

/** Other names for members, in their places; a member that is not there stays so. */
export function renameInJson(text: string, renames: readonly { readonly path: FieldPath; readonly name: string }[]): string | undefined {
  const root = parseTree(text);
  const edits = renames.flatMap(({ path, name }): readonly TextEdit[] => {
    const key = root && findNodeAtLocation(root, [...path])?.parent?.children?.[0];
    return key ? [{ start: key.offset, end: endOf(key), text: JSON.stringify(name) }] : [];
  });
  return applyEdits(text, edits);
}

interface Layout {
  readonly text: string;
  /** What a member stands further right than the bracket around it; empty for JSON on one line. */
  readonly unit: string;
  readonly newline: string;
  readonly colon: string;
  readonly comma: string;
}

function layoutIn(text: string, root: Node): Layout {
  const unit = /^\s*[[{]\r?\n([ \t]+)/.exec(text)?.[1] ?? '';
  const isTight = unit === '' && !/": /.test(text.slice(0, 2_000));
  const [first] = root.children ?? [];
  const colon = first?.type === 'property' && first.children?.[1] ? text.slice(first.colonOffset, first.children[1].offset) : ': ';
  return { text, unit, newline: text.includes('\r\n') ? '\r\n' : '\n', colon: isTight ? ':' : colon, comma: isTight ? ',' : ', ' };
}

function visit(node: Node, before: unknown, after: unknown, layout: Layout, edits: TextEdit[]): void {
  if (isEqual(before, after)) return;
  const children = node.children ?? [];
  const isObject = isBody(before) && isBody(after) && children.length > 0;
  const isList = Array.isArray(before) && Array.isArray(after) && children.length > 0;
  if (isObject && visitObject(node, children, before, after, layout, edits)) return;
  if (isList && visitArray(node, children, before, after, layout, edits)) return;
  edits.push({ start: node.offset, end: endOf(node), text: written(after, indentAt(node.offset, layout), layout) });
}

function visitObject(node: Node, members: readonly Node[], before: Body, after: Body, layout: Layout, edits: TextEdit[]): boolean {
  const nameOf = (member: Node): string => String(member.children?.[0]?.value);
  const kept = members.map((member) => after[nameOf(member)] !== undefined && Object.hasOwn(after, nameOf(member)));
  if (!kept.includes(true)) return false;
  members.forEach((member, index) => {
    const value = member.children?.[1];
    if (kept[index] && value) visit(value, before[nameOf(member)], after[nameOf(member)], layout, edits);
  });
  const names = new Set(members.map(nameOf));
  const added = Object.entries(after).filter(([key, value]) => value !== undefined && !names.has(key));
  const between = separatorIn(node, members, layout);
  const last = members[kept.lastIndexOf(true)];
  removeUnkept(members, kept, edits);
  for (const [key, value] of added) {
    const text = `${JSON.stringify(key)}${layout.colon}${written(value, indentAt(members[0]?.offset ?? 0, layout), layout)}`;
    if (last) edits.push({ start: endOf(last), end: endOf(last), text: `,${between}${text}` });
  }
  return true;
}

function visitArray(
  node: Node,
  items: readonly Node[],
  before: readonly unknown[],
  after: readonly unknown[],
  layout: Layout,
  edits: TextEdit[],
): boolean {
  const steps = alignLists(before, after);
  const kept = items.map((_, index) => steps.some((step) => step.is === 'kept' && step.before === index));
  if (!kept.includes(true)) return false;
  const between = separatorIn(node, items, layout);
  const first = items[kept.indexOf(true)];
  let last: Node | undefined;
  for (const step of steps) {
    const item = step.is === 'added' ? undefined : items[step.before];
    if (step.is === 'kept' && item) {
      visit(item, before[step.before], after[step.after], layout, edits);
      last = item;
    } else if (step.is === 'added') {
      const text = written(after[step.after], indentAt(items[0]?.offset ?? 0, layout), layout);
      if (last) edits.push({ start: endOf(last), end: endOf(last), text: `,${between}${text}` });
      else if (first) edits.push({ start: first.offset, end: first.offset, text: `${text},${between}` });
    }
  }
  removeUnkept(items, kept, edits);
  return true;
}

const endOf = ({ offset, length }: Node): number => offset + length;

/** What stands between the bracket and the first member stands between members too. */
function separatorIn(node: Node, [first]: readonly Node[], { text, comma }: Layout): string {
  const blank = text.slice(node.offset + 1, first?.offset ?? node.offset + 1);
  return blank.includes('\n') ? blank : comma.slice(1);
}

function removeUnkept(nodes: readonly Node[], kept: readonly (boolean | undefined)[], edits: TextEdit[]): void {
  const firstKept = kept.indexOf(true);
  nodes.forEach((node, index) => {
    if (kept[index]) return;
    const previous = nodes[index - 1];
    const next = nodes[index + 1];
    if (index > firstKept && previous) edits.push({ start: endOf(previous), end: endOf(node), text: '' });
    else if (next) edits.push({ start: node.offset, end: next.offset, text: '' });
  });
}

/** The blanks at the start of the line on which something stands. */
function indentAt(offset: number, { text }: Layout): string {
  return /^[ \t]*/.exec(text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset))?.[0] ?? '';
}

function written(value: unknown, indent: string, { unit, newline, colon, comma }: Layout): string {
  if (unit !== '') return JSON.stringify(value, undefined, unit).replaceAll('\n', `${newline}${indent}`);
  if (Array.isArray(value)) return `[${value.map((item) => written(item, '', { text: '', unit, newline, colon, comma })).join(comma)}]`;
  if (!isBody(value)) return JSON.stringify(value);
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}${colon}${written(member, '', { text: '', unit, newline, colon, comma })}`).join(comma)}}`;
}
