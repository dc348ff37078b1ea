/** The nodes of a YAML document with the characters that each of them takes, for whoever edits the text. */
import { CHOMPING_MODE, COLLECTION_STYLE, EVENT_ID, type Event, getScalarValue, SCALAR_STYLE } from 'js-yaml';
import { readEvents } from './yaml.ts';

interface Place {
  /** Of the anchor or tag where there is one, else of the content; of an empty node where it would begin. */
  readonly start: number;
  readonly contentStart: number;
  /** Behind the last character; of block scalars behind the last line, without its end. */
  readonly end: number;
  readonly anchor?: string | undefined;
  readonly isTagged: boolean;
  /** True when an anchor or alias is in it, or is it. */
  readonly isShared: boolean;
}

export type YamlNode = Place &
  (
    | { readonly is: 'alias'; readonly name: string }
    | { readonly is: 'scalar'; readonly style: 'empty' | 'plain' | 'single' | 'double' | 'block' }
    | { readonly is: 'list'; readonly isFlow: boolean; readonly items: readonly YamlItem[] }
    | { readonly is: 'mapping'; readonly isFlow: boolean; readonly entries: readonly YamlEntry[] }
  );

export interface YamlItem {
  /** Of the dash; in brackets of the item itself. */
  readonly start: number;
  readonly node: YamlNode;
}

export interface YamlEntry {
  readonly name: string;
  readonly start: number;
  readonly keyEnd: number;
  /** Behind the colon; undefined for a key in brackets without a value. */
  readonly colonEnd: number | undefined;
  readonly node: YamlNode;
}

export interface YamlTree {
  readonly root: YamlNode;
  /** The text that the places speak of, and the way back to the text as written. */
  readonly source: string;
  written(offset: number): number;
}

/** @returns undefined for a text with nothing in it, or with a form that manifests do not have, such as keys that are mappings */
export function yamlTree(text: string): YamlTree | undefined {
  const { events, source, written } = readEvents(text);
  const root = events.length > 0 ? rootOf(source, events) : undefined;
  return root && { root, source, written };
}

class Unusual extends Error {}

function rootOf(text: string, events: readonly Event[]): YamlNode | undefined {
  try {
    return new Reader(text, events).document();
  } catch (error) {
    if (error instanceof Unusual) return undefined;
    throw error;
  }
}

class Reader {
  private readonly text: string;
  private readonly events: readonly Event[];
  private next = 0;

  constructor(text: string, events: readonly Event[]) {
    this.text = text;
    this.events = events;
  }

  document(): YamlNode | undefined {
    if (this.events[this.next]?.type === EVENT_ID.DOCUMENT) this.next++;
    const node = this.node(0);
    return node.is === 'scalar' && node.style === 'empty' ? undefined : node;
  }

  /** @param from where an empty node would begin */
  private node(from: number): YamlNode {
    const event = this.events[this.next++];
    switch (event?.type) {
      case EVENT_ID.ALIAS: {
        const start = event.anchorStart - 1;
        const name = this.text.slice(event.anchorStart, event.anchorEnd);
        return { is: 'alias', name, start, contentStart: start, end: event.anchorEnd, isTagged: false, isShared: true };
      }
      case EVENT_ID.SCALAR:
        return this.scalar(event, from);
      case EVENT_ID.SEQUENCE: {
        const isFlow = event.style === COLLECTION_STYLE.FLOW;
        const items = this.items(event.start, isFlow);
        const end = isFlow ? this.closing(items.at(-1)?.node.end ?? event.start + 1, ']') : (items.at(-1)?.node.end ?? event.start);
        return { is: 'list', isFlow, items, ...this.place(event, event.start, end, items) };
      }
      case EVENT_ID.MAPPING: {
        const isFlow = event.style === COLLECTION_STYLE.FLOW;
        const entries = this.entries(event.start, isFlow);
        const last = entries.at(-1);
        const end = isFlow ? this.closing(last ? endOf(last) : event.start + 1, '}') : last ? endOf(last) : event.start;
        return { is: 'mapping', isFlow, entries, ...this.place(event, event.start, end, entries) };
      }
      default:
        throw new Unusual();
    }
  }

  private scalar(event: Extract<Event, { valueStart: number; style: unknown }>, from: number): YamlNode {
    if (event.valueStart < 0) {
      const end = Math.max(event.anchorEnd, event.tagEnd, from);
      return { is: 'scalar', style: 'empty', ...this.place(event, end, end, []) };
    }
    const { style, valueStart, valueEnd } = event;
    if (style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK) {
      const header = this.skipped(Math.max(event.anchorEnd, event.tagEnd, from));
      const body = this.text.slice(valueStart, valueEnd);
      const kept = event.chomping === CHOMPING_MODE.KEEP ? body.replace(/\r?\n$/, '') : body.trimEnd();
      // A block of nothing ends with its header.
      const end = body.trim() === '' ? this.lineEnd(header) : valueStart + kept.length;
      return { is: 'scalar', style: 'block', ...this.place(event, header, end, []) };
    }
    const isQuoted = style !== SCALAR_STYLE.PLAIN;
    const named = style === SCALAR_STYLE.DOUBLE_QUOTED ? 'double' : isQuoted ? 'single' : 'plain';
    const edge = isQuoted ? 1 : 0;
    return { is: 'scalar', style: named, ...this.place(event, valueStart - edge, valueEnd + edge, []) };
  }

  private place(
    event: { anchorStart: number; anchorEnd: number; tagStart: number },
    contentStart: number,
    end: number,
    children: readonly { readonly node: YamlNode }[],
  ): Place {
    const anchor = event.anchorStart < 0 ? undefined : this.text.slice(event.anchorStart, event.anchorEnd);
    const starts = [
      contentStart,
      ...(anchor === undefined ? [] : [event.anchorStart - 1]),
      ...(event.tagStart < 0 ? [] : [event.tagStart]),
    ];
    return {
      start: Math.min(...starts),
      ...{ contentStart, end, anchor },
      isTagged: event.tagStart >= 0,
      isShared: anchor !== undefined || children.some(({ node }) => node.isShared),
    };
  }

  private items(from: number, isFlow: boolean): readonly YamlItem[] {
    const items: YamlItem[] = [];
    let end = from;
    while (this.isOpen()) {
      const dash = isFlow ? end : this.skipped(end);
      if (!isFlow && this.text[dash] !== '-') throw new Unusual();
      const node = this.node(isFlow ? end : dash + 1);
      items.push({ start: isFlow ? node.start : dash, node });
      end = node.end;
    }
    this.next++;
    return items;
  }

  private entries(from: number, isFlow: boolean): readonly YamlEntry[] {
    const entries: YamlEntry[] = [];
    let end = from;
    while (this.isOpen()) {
      const event = this.events[this.next];
      if (event?.type !== EVENT_ID.SCALAR || event.valueStart < 0) throw new Unusual();
      const key = this.node(end);
      const name = getScalarValue(this.text, event);
      const colon = this.skipped(key.end);
      const hasColon = this.text[colon] === ':';
      // A key behind a question mark, or with an anchor or tag of its own.
      if ((!hasColon && !isFlow) || key.start !== key.contentStart || this.isExplicit(key.start)) throw new Unusual();
      const node = this.node(hasColon ? colon + 1 : key.end);
      entries.push({ name, start: key.start, keyEnd: key.end, colonEnd: hasColon ? colon + 1 : undefined, node });
      end = Math.max(key.end, node.end);
    }
    this.next++;
    return entries;
  }

  private isOpen(): boolean {
    const event = this.events[this.next];
    return event !== undefined && event.type !== EVENT_ID.POP;
  }

  private isExplicit(keyStart: number): boolean {
    return /(?:^|[\s{,[])\?[ \t]+$/.test(this.text.slice(Math.max(0, keyStart - 20), keyStart));
  }

  /** Behind blanks, line ends and comments. */
  private skipped(from: number): number {
    const space = /\s*(?:(?<!\S)#[^\n]*\s*)*/y;
    space.lastIndex = from;
    return from + (space.exec(this.text)?.[0].length ?? 0);
  }

  private closing(from: number, bracket: string): number {
    let at = this.skipped(from);
    if (this.text[at] === ',') at = this.skipped(at + 1);
    if (this.text[at] !== bracket) throw new Unusual();
    return at + 1;
  }

  private lineEnd(from: number): number {
    const newline = this.text.indexOf('\n', from);
    const end = newline < 0 ? this.text.length : newline;
    return this.text[end - 1] === '\r' ? end - 1 : end;
  }
}

/** Behind the last character of key and value. */
export function endOf({ keyEnd, colonEnd = keyEnd, node }: YamlEntry): number {
  return Math.max(colonEnd, node.end);
}
