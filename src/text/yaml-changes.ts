/** Finds the edits by which a YAML text comes to mean another value. Called by yaml-edit.ts, which makes sure of the outcome. */
import { isBody } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { alignLists, wrappingKey } from './align.ts';
import { isEqual } from './equal.ts';
import type { TextEdit } from './text-edits.ts';
import { mergedOf, type Shared, withoutAnchors } from './yaml-anchors.ts';
import { entryLines, indented, itemLines, keyText, type Layout, linesOf } from './yaml-lines.ts';
import { linesIn, type SourceLines } from './yaml-places.ts';
import { flowEntry, flowText, scalarLike } from './yaml-scalars.ts';
import { endOf, type YamlEntry, type YamlItem, type YamlNode, type YamlTree } from './yaml-tree.ts';

export interface YamlChanges {
  readonly edits: readonly TextEdit[];
  /** Levels below the root of the deepest change. */
  readonly deepest: number;
}

/** Where a node stands, which decides how another value is put in its place. */
type Slot =
  | { readonly is: 'root' | 'flow' }
  | { readonly is: 'item'; readonly dash: number }
  | { readonly is: 'entry'; readonly key: number; readonly colonEnd: number };

type ListNode = Extract<YamlNode, { is: 'list' }>;
type MappingNode = Extract<YamlNode, { is: 'mapping' }>;

/** @param limit levels below the root from which on a node that changed is written anew as a whole */
export function yamlChanges({ root, source }: YamlTree, layout: Layout, before: unknown, after: unknown, limit: number): YamlChanges {
  const changes = new Changes(source, layout, limit);
  changes.visit(root, before, after, { is: 'root' }, 0);
  return changes;
}

class Changes implements YamlChanges {
  readonly edits: TextEdit[] = [];
  deepest = 0;
  private readonly source: string;
  private readonly layout: Layout;
  private readonly limit: number;
  private readonly lines: SourceLines;
  /** What each anchor stands for once the edits are made, in the order of the text. */
  private readonly anchors: Shared = new Map();

  constructor(source: string, layout: Layout, limit: number) {
    this.source = source;
    this.layout = layout;
    this.limit = limit;
    this.lines = linesIn(source);
  }

  visit(node: YamlNode, before: unknown, after: unknown, slot: Slot, depth: number): void {
    if (node.is === 'alias') {
      // What it stands for may have been changed; then it no longer means the same.
      const target = this.anchors.get(node.name);
      if (!target || !isEqual(target.value, after)) this.replace(node, after, slot, depth);
      return;
    }
    if (isEqual(before, after) && !node.isShared) return;
    if (node.is === 'mapping' && isBody(before) && isBody(after) && depth < this.limit) {
      if (!this.visitMapping(node, before, after, slot, depth)) this.replace(node, after, slot, depth);
      else if (node.anchor !== undefined) this.anchors.set(node.anchor, { value: after });
    } else if (node.is === 'list' && Array.isArray(before) && Array.isArray(after) && depth < this.limit) {
      if (!this.visitList(node, before, after, slot, depth)) this.replace(node, after, slot, depth);
      else if (node.anchor !== undefined) this.anchors.set(node.anchor, { value: after });
    } else if (!isEqual(before, after)) {
      if (!this.wrap(node, wrappingKey(before, after), slot, depth)) this.replace(node, after, slot, depth);
    } else if (node.anchor !== undefined) this.anchors.set(node.anchor, { value: after });
  }

  /** @returns false when nothing of it would be left, or what it merges cannot be told */
  private visitMapping(node: MappingNode, before: Body, after: Body, slot: Slot, depth: number): boolean {
    const merges = node.entries.filter(({ name }) => name === '<<');
    const own = node.entries.filter(({ name }) => name !== '<<');
    const merged = mergedOf(merges, this.anchors);
    if (merged === undefined) return false;
    // A merged key cannot be taken out, so that a mapping without it merges no longer.
    const merging = Object.keys(merged).every((key) => Object.hasOwn(after, key) && after[key] !== undefined);
    const inherited = merging ? merged : {};
    const kept = new Set<YamlEntry>(own.filter(({ name }) => Object.hasOwn(after, name) && after[name] !== undefined));
    const names = new Set([...kept].map(({ name }) => name));
    if (merging) for (const entry of merges) kept.add(entry);
    const added = Object.entries(after).filter(
      ([key, value]) => value !== undefined && !names.has(key) && !(Object.hasOwn(inherited, key) && isEqual(inherited[key], value)),
    );
    if (kept.size === 0 && node.entries.length + added.length > 0) return false;
    for (const entry of node.entries) {
      if (!kept.has(entry)) withoutAnchors(entry.node, this.anchors);
      else if (entry.name !== '<<') {
        const place = slotOf(entry, node.isFlow);
        if (!place) return false;
        this.visit(entry.node, before[entry.name], after[entry.name], place, depth + 1);
      }
    }
    const parts = node.entries.map((entry) => ({ start: entry.start, end: endOf(entry), isKept: kept.has(entry) }));
    const isInline = this.isInline(node.entries[0]?.start ?? 0, slot);
    if (parts.some(({ isKept }) => !isKept) || added.length > 0) this.deepest = Math.max(this.deepest, depth + 1);
    this.removeParts(parts, node.isFlow, isInline);
    const last = parts.findLast(({ isKept }) => isKept);
    if (!last) return true;
    for (const [key, value] of added) {
      if (node.isFlow) this.insert(last.end, `, ${flowEntry(key, value)}`);
      else this.insertBelow(last.end, entryLines(key, value, this.layout), this.lines.column(node.entries[0]?.start ?? 0));
    }
    return true;
  }

  private visitList(node: ListNode, before: readonly unknown[], after: readonly unknown[], slot: Slot, depth: number): boolean {
    const steps = alignLists(before, after);
    if (node.items.length !== before.length || (!steps.some(({ is }) => is === 'kept') && steps.length > 0)) return false;
    const { column } = this.lines;
    const first = steps.find((step) => step.is === 'kept')?.before ?? 0;
    const indent = column(node.items[0]?.start ?? 0);
    const isInline = this.isInline(node.items[0]?.start ?? 0, slot);
    const kept = new Set(steps.flatMap((step) => (step.is === 'kept' ? [step.before] : [])));
    let last: YamlItem | undefined;
    for (const step of steps) {
      if (step.is !== 'kept') this.deepest = Math.max(this.deepest, depth + 1);
      if (step.is === 'added') {
        const value = after[step.after];
        const firstKept = node.items[first];
        if (!last && firstKept) this.insertFirst(firstKept, node.items[first - 1], value, node.isFlow, isInline && first === 0);
        else if (last && node.isFlow) this.insert(last.node.end, `, ${flowText(value)}`);
        else if (last) this.insertBelow(last.node.end, itemLines(value, this.layout), indent);
        continue;
      }
      const item = node.items[step.before];
      if (!item) return false;
      if (step.is === 'removed') withoutAnchors(item.node, this.anchors);
      else {
        const place: Slot = node.isFlow ? { is: 'flow' } : { is: 'item', dash: item.start };
        this.visit(item.node, before[step.before], after[step.after], place, depth + 1);
        last = item;
      }
    }
    const parts = node.items.map((item, index) => ({
      start: item.start,
      end: Math.max(item.node.end, item.start + 1),
      isKept: kept.has(index),
    }));
    this.removeParts(parts, node.isFlow, isInline);
    return true;
  }

  /** True when a collection begins on the line of a dash, as in `- name: x`. */
  private isInline(start: number, slot: Slot): boolean {
    return slot.is === 'item' && this.lines.startOf(start) <= slot.dash;
  }

  private insertFirst(item: YamlItem, above: YamlItem | undefined, value: unknown, isFlow: boolean, isInline: boolean): void {
    const { newline } = this.layout;
    const column = this.lines.column(item.start);
    if (isFlow) this.insert(item.start, `${flowText(value)}, `);
    else if (isInline || this.lines.startOf(item.start) === 0) {
      const [head = '', ...rest] = itemLines(value, this.layout);
      this.insert(item.start, [head, ...indented(rest, column), ' '.repeat(column)].join(newline));
    } else {
      // A comment right above an item is about that item.
      const place = this.lines.aboveComments(item.start, above ? this.lines.endOf(above.node.end) : 0);
      this.insert(
        place,
        indented(itemLines(value, this.layout), column)
          .map((line) => newline + line)
          .join(''),
      );
    }
  }

  private insertBelow(end: number, lines: readonly string[], column: number): void {
    const { newline } = this.layout;
    this.insert(
      this.lines.endOf(end),
      indented(lines, column)
        .map((line) => newline + line)
        .join(''),
    );
  }

  private insert(at: number, text: string): void {
    this.edits.push({ start: at, end: at, text });
  }

  private removeParts(parts: readonly Part[], isFlow: boolean, isInline: boolean): void {
    const firstKept = parts.findIndex(({ isKept }) => isKept);
    parts.forEach((part, index) => {
      if (part.isKept) return;
      const next = parts[index + 1];
      const previous = parts[index - 1];
      if (isFlow) {
        const isTail = index > firstKept && parts.slice(index).every(({ isKept }) => !isKept);
        if (isTail && previous) this.cut(previous.end, part.end);
        else if (next) this.cut(part.start, next.start);
      } else if (isInline && index < firstKept && next) {
        const gap = this.source.slice(part.end, next.start);
        this.cut(part.start, gap.includes('#') && next.isKept ? part.end : next.start);
      } else {
        const end = this.lines.endOf(part.end);
        const start = this.lines.startOf(part.start);
        this.cut(this.lines.endAbove(start), start === 0 ? Math.min(end + this.layout.newline.length, this.source.length) : end);
      }
    });
  }

  /** A scalar of a list comes under a key as it is written. */
  private wrap({ is, start, end, anchor, isTagged }: YamlNode, key: string | undefined, slot: Slot, depth: number): boolean {
    const isPlain = is === 'scalar' && anchor === undefined && !isTagged && end > start && !this.source.slice(start, end).includes('\n');
    if (key === undefined || !isPlain || (slot.is !== 'item' && slot.is !== 'flow')) return false;
    this.deepest = Math.max(this.deepest, depth);
    this.insert(start, `${slot.is === 'flow' ? '{' : ''}${keyText(key)}: `);
    if (slot.is === 'flow') this.insert(end, '}');
    return true;
  }

  private cut(start: number, end: number): void {
    this.edits.push({ start, end, text: '' });
  }

  private replace(node: YamlNode, after: unknown, slot: Slot, depth: number): void {
    this.deepest = Math.max(this.deepest, depth);
    withoutAnchors(node, this.anchors);
    const { newline } = this.layout;
    const { column } = this.lines;
    const put = (start: number, end: number, text: string): void => void this.edits.push({ start, end, text });
    const similar = scalarLike(node, after);
    if (similar !== undefined) {
      // An anchor stays with what is now there.
      if (node.anchor !== undefined && !node.isTagged) {
        this.anchors.set(node.anchor, { value: after });
        put(node.contentStart, node.end, similar);
      } else put(node.start, node.end, similar);
    } else if (slot.is === 'flow') put(node.start, node.end, node.start === node.end ? ` ${flowText(after)}` : flowText(after));
    else if (slot.is === 'entry') this.replaceEntry(node, after, slot.key, slot.colonEnd);
    else {
      const pad = column(slot.is === 'item' ? slot.dash : node.start);
      const { head, body } = linesOf(after, this.layout, 'dash');
      // Lines below a dash are indented from the dash, those of a whole document stand at its margin.
      const below = slot.is === 'root' ? body.map((line) => (line.startsWith('  ') ? line.slice(2) : line)) : indented(body, pad);
      if (slot.is === 'item') {
        put(slot.dash + 1, node.end, ` ${head}`);
        // Behind the last line of a block of text a comment would be more of the text.
        if (below.length > 0) this.insert(this.lines.endOf(node.end), below.map((line) => newline + line).join(''));
      } else put(node.start, node.end, [head, ...below].join(newline));
    }
  }

  private replaceEntry(node: YamlNode, after: unknown, key: number, colonEnd: number): void {
    const { head, body } = linesOf(after, this.layout, 'key');
    const below = indented(body, this.lines.column(key))
      .map((line) => this.layout.newline + line)
      .join('');
    const isBelow = this.lines.startOf(node.contentStart) > colonEnd;
    if (isBelow) {
      if (node.start < node.contentStart && this.lines.startOf(node.start) <= colonEnd) this.cut(colonEnd, this.lines.endOf(colonEnd));
      if (head !== '') this.insert(colonEnd, ` ${head}`);
      // Behind a block of text a comment would be more of the text.
      const end = /^[|>]/.test(head) ? this.lines.endOf(node.end) : node.end;
      this.edits.push({ start: this.lines.endAbove(this.lines.startOf(node.contentStart)), end, text: below });
    } else {
      // Values that stand below each other stay so.
      const start = head !== '' && node.is === 'scalar' && node.start > colonEnd ? node.start : colonEnd;
      this.edits.push({ start, end: node.end, text: head === '' || start > colonEnd ? head : ` ${head}` });
      if (below !== '') this.insert(this.lines.endOf(node.end), below);
    }
  }
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly isKept: boolean;
}

function slotOf({ start, colonEnd }: YamlEntry, isFlow: boolean): Slot | undefined {
  if (colonEnd === undefined) return undefined;
  return isFlow ? { is: 'flow' } : { is: 'entry', key: start, colonEnd };
}
