/**
 * YAML as the Kubernetes API server's clients read it: YAML 1.1 booleans (`yes`, `on`), merge keys,
 * duplicate keys refused. Together with yaml-tree.ts and yaml-write.ts the only importer of js-yaml.
 */
import {
  boolYaml11Tag,
  CORE_SCHEMA,
  constructFromEvents,
  defineScalarTag,
  EVENT_ID,
  type Event,
  getScalarValue,
  mergeTag,
  NOT_RESOLVED,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
} from 'js-yaml';
import type { FieldPath } from '../model/resource.ts';

const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9][0-9]*)$/;

/** Integers as Go reads them: `0644` is octal, as it stands in many a `defaultMode`, and underscores are passed over. */
const integerTag = defineScalarTag('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: ['-', '+', ...'0123456789'],
  resolve: (source) => {
    const [, sign = '', digits = ''] = INTEGER.exec(source.replaceAll('_', '')) ?? [];
    if (digits === '') return NOT_RESOLVED;
    return Number(digits.replace(/^0(?=[0-7])/, '0o')) * (sign === '-' ? -1 : 1);
  },
  identify: (value) => Number.isInteger(value),
  represent: String,
});

const SCHEMA = CORE_SCHEMA.withTags(mergeTag, boolYaml11Tag, integerTag);

/** Deeper than any API object; CustomResourceDefinitions with nested schemas reach about 60. */
export const MAX_DEPTH = 250;

/** Aliases can make a few hundred bytes mean billions of nodes. No real manifest comes near this. */
const MAX_NODES = 2_000_000;

/** So much of a text tells what key stands there; names of annotations have up to 317 characters. */
const MOST_OF_A_KEY = 400;

/** Text that is no YAML, with the place where reading stopped; line and column count from 1. */
export class YamlProblem extends Error {
  readonly line: number;
  readonly column: number;
  constructor(message: string, line: number, column: number) {
    super(message);
    this.name = 'YamlProblem';
    this.line = line;
    this.column = column;
  }
}

/** The line until where the parser stopped, and the text from there on. */
interface Stop {
  readonly before: string;
  readonly rest: string;
}

/** The parser's reasons in words. */
const REASONS: readonly (readonly [RegExp, (match: RegExpMatchArray, stop: Stop) => string | undefined])[] = [
  [/^duplicated mapping key/, (_, { rest }) => `The key ${keyAt(rest)}stands twice in this mapping.`],
  [/^tab characters must not be used/, () => 'A tab is used for indentation; YAML allows spaces only.'],
  [/^unidentified alias "(.*)"/, ([, name]) => `The alias "*${name}" has no anchor "&${name}" before it; write a text in quotes.`],
  [/^name of an alias node must/, () => 'A "*" begins an alias, and here no name follows; write a text in quotes.'],
  [/^nesting exceeded maxDepth/, () => `The document is nested more than ${MAX_DEPTH} levels deep.`],
  [
    /^unknown scalar tag !<(.*)>|^unknown (?:sequence|mapping) tag !<(.*)>/,
    ([, a, b]) => `The tag "${a ?? b}" has no meaning in Kubernetes.`,
  ],
  [/^object-based map does not support complex keys/, () => 'A mapping key is itself a mapping or a list.'],
  [/^bad indentation of a mapping entry/, (_, stop) => strayCharacter(stop)],
  // Outside of both, less indentation ends a level and is no mistake.
  [
    /^deficient indentation/,
    () => 'A quote or bracket that was opened before is not closed, or goes on in a line with too little indentation.',
  ],
];

function reasonInWords(reason: string, stop: Stop): string {
  for (const [pattern, words] of REASONS) {
    const match = reason.match(pattern);
    const said = match && words(match, stop);
    if (said) return said;
  }
  return `Not valid YAML: ${reason}.`;
}

function keyAt(rest: string): string {
  // The parser stops behind the quote that opens a key.
  const key = rest.match(/^["']?([^"'\n]+?)(?:["'][ \t]*:|[ \t]*:(?:\s|$))/)?.[1];
  return key === undefined ? '' : `"${key}" `;
}

/** The parser reads on after an unquoted text, and calls indentation what it then does not expect. */
function strayCharacter({ before, rest }: Stop): string | undefined {
  const [first = ''] = rest;
  if (/[@`%]/.test(first)) return `No text may begin with "${first}"; write it in quotes.`;
  if (!/^:(?:\s|$)/.test(rest)) return undefined;
  return /:\s/.test(before)
    ? 'A second ": " stands in this line; write a text that has one in quotes.'
    : 'This line is indented as if it went on with the text of the line before.';
}

function stopOf(mark: YAMLException['mark']): Stop {
  if (!mark) return { before: '', rest: '' };
  const { buffer, position, column } = mark;
  return { before: buffer.slice(position - column, position), rest: buffer.slice(position, position + MOST_OF_A_KEY) };
}

/**
 * Parses one document. An empty one is `undefined`.
 * @param repeatedKeys `last`: of equal keys the last one counts, as Helm reads what its templates give
 * @throws YamlProblem for bad syntax, duplicate keys, too deep nesting and aliases that expand without bound
 */
export function parseYaml(text: string, repeatedKeys: 'refused' | 'last' = 'refused'): unknown {
  try {
    const { events, source } = readEvents(text);
    const [value] = constructFromEvents(events, { source, schema: SCHEMA, json: repeatedKeys === 'last' });
    if (events.some((event) => event.type === EVENT_ID.ALIAS)) boundAliases(value);
    return value ?? undefined;
  } catch (error) {
    if (error instanceof YAMLException) {
      const { mark } = error;
      throw new YamlProblem(reasonInWords(error.reason, stopOf(mark)), (mark?.line ?? 0) + 1, (mark?.column ?? 0) + 1);
    }
    throw error;
  }
}

export interface YamlEvents {
  readonly events: Event[];
  /** The text that the events speak of. */
  readonly source: string;
  /** From an offset in `source` to the same place in the text as written. */
  written(offset: number): number;
}

/** Deeper than lines stand in manifests, so that one indentation is always enough. */
const INDENTATION = ' '.repeat(4 * MAX_DEPTH);

/** Each line costs one more attempt, so that many of them in a large document would take minutes. */
const MAX_CHARACTERS_AGAIN = 20_000_000;

/**
 * Inside quotes and brackets kubectl takes lines whatever their indentation, and generators write
 * such lines; js-yaml refuses them. White space at the start of these lines has no meaning, so they
 * are indented until the document is read.
 */
export function readEvents(text: string): YamlEvents {
  let source = text;
  const starts: number[] = [];
  let first: YAMLException | undefined;
  let again = 0;
  for (;;) {
    try {
      const events = parseEvents(source, { maxDepth: MAX_DEPTH });
      return { events, source, written: (offset) => writtenOffset(offset, starts) };
    } catch (error) {
      if (!(error instanceof YAMLException)) throw error;
      // An open quote ends somewhere far below; the first line that stands wrong is the one to look at.
      first ??= error;
      again += error.mark?.position ?? 0;
      if (error.reason !== 'deficient indentation' || !error.mark || again > MAX_CHARACTERS_AGAIN) throw first;
      const start = source.lastIndexOf('\n', error.mark.position - 1) + 1;
      starts.push(start);
      source = source.slice(0, start) + INDENTATION + source.slice(start);
    }
  }
}

/** @param starts of the indented lines, ascending, in the indented text */
function writtenOffset(offset: number, starts: readonly number[]): number {
  return starts.reduce((left, start) => (start < offset ? left - Math.min(INDENTATION.length, offset - start) : left), offset);
}

/** Like `parseYaml`, for text embedded in other objects: what does not parse is undefined. */
export function parseYamlValue(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) return undefined;
    throw error;
  }
}

function boundAliases(root: unknown): void {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  const sizeOf = (value: unknown): number => {
    if (typeof value !== 'object' || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) throw new YamlProblem('An alias refers to a node that contains it.', 1, 1);
    open.add(value);
    let size = 1;
    for (const entry of Object.values(value)) size += sizeOf(entry);
    open.delete(value);
    sizes.set(value, size);
    return size;
  };
  if (sizeOf(root) > MAX_NODES) throw new YamlProblem(`The aliases of this document expand to more than ${MAX_NODES} nodes.`, 1, 1);
}

/** Character offsets of a node and, inside a mapping, of its key; ends are exclusive. */
export interface NodeRange {
  readonly key?: { readonly start: number; readonly end: number } | undefined;
  readonly value: { readonly start: number; readonly end: number };
  readonly isCollection: boolean;
}

/** Answers where fields of one document stand. Building it costs one more parse, so it is done for reported objects only. */
export interface YamlLocator {
  /** The node at a path, or its nearest ancestor when the path does not exist. */
  find(path: FieldPath): NodeRange;
}

interface Node {
  readonly start: number;
  end: number;
  readonly entries?: Map<string, { readonly key: { readonly start: number; readonly end: number }; readonly node: Node }>;
  readonly items?: Node[];
  readonly anchor?: string;
}

/** @param text a document that `parseYaml` accepts */
export function locateInYaml(text: string): YamlLocator {
  const { events, source, written } = readEvents(text);
  const root = nodesOf(source, events);
  const range = ({ start, end }: { readonly start: number; readonly end: number }): NodeRange['value'] => ({
    start: written(start),
    end: written(Math.max(end, start)),
  });
  return {
    find(path) {
      let node = root;
      let key: NodeRange['key'];
      for (const step of path) {
        const entry = typeof step === 'string' ? node.entries?.get(step) : undefined;
        const next = entry?.node ?? (typeof step === 'number' ? node.items?.[step] : undefined);
        if (!next) break;
        key = entry?.key;
        node = next;
      }
      const isCollection = node.entries !== undefined || node.items !== undefined;
      return { key: key && range(key), value: range(node), isCollection };
    },
  };
}

function nodesOf(text: string, events: readonly Event[]): Node {
  let next = 0;
  const anchors = new Map<string, Node>();
  const nameOf = (event: { anchorStart: number; anchorEnd: number }): string | undefined =>
    event.anchorStart < 0 ? undefined : text.slice(event.anchorStart, event.anchorEnd);

  /** @param from where a node begins that is not written */
  const read = (from = 0): Node => {
    const event = events[next++];
    switch (event?.type) {
      case EVENT_ID.SCALAR: {
        const quoted = event.style === SCALAR_STYLE.DOUBLE_QUOTED || event.style === SCALAR_STYLE.SINGLE_QUOTED;
        const block = event.style === SCALAR_STYLE.LITERAL_BLOCK || event.style === SCALAR_STYLE.FOLDED_BLOCK;
        const start = event.valueStart < 0 ? from : event.valueStart - (quoted ? 1 : 0);
        const node: Node = { start, end: block ? start : Math.max(start, event.valueEnd + (quoted ? 1 : 0)) };
        const anchor = nameOf(event);
        if (anchor !== undefined) anchors.set(anchor, node);
        return node;
      }
      case EVENT_ID.ALIAS: {
        const name = nameOf(event) ?? '';
        const target = anchors.get(name);
        const place = { start: event.anchorStart - 1, end: event.anchorEnd };
        // A field inside an aliased node is written where the anchor is.
        return { ...place, ...(target?.entries && { entries: target.entries }), ...(target?.items && { items: target.items }) };
      }
      case EVENT_ID.SEQUENCE: {
        const items: Node[] = [];
        const node: Node = { start: event.start, end: event.start, items };
        const anchor = nameOf(event);
        if (anchor !== undefined) anchors.set(anchor, node);
        while (events[next] && events[next]?.type !== EVENT_ID.POP) items.push(read(dashAfter(text, items.at(-1)?.end ?? event.start)));
        next++;
        node.end = items.at(-1)?.end ?? event.start;
        return node;
      }
      case EVENT_ID.MAPPING: {
        const entries: NonNullable<Node['entries']> = new Map();
        const node: Node = { start: event.start, end: event.start, entries };
        const anchor = nameOf(event);
        if (anchor !== undefined) anchors.set(anchor, node);
        while (events[next] && events[next]?.type !== EVENT_ID.POP) {
          const keyEvent = events[next];
          const name = keyEvent?.type === EVENT_ID.SCALAR ? getScalarValue(text, keyEvent) : '';
          const key = read();
          const value = read(key.end);
          if (name === '<<' && value.entries)
            for (const [merged, entry] of value.entries) if (!entries.has(merged)) entries.set(merged, entry);
          entries.set(name, { key: { start: key.start, end: key.end }, node: value });
          node.end = Math.max(key.end, value.end);
        }
        next++;
        return node;
      }
      default:
        return { start: 0, end: 0 };
    }
  };
  if (events[next]?.type === EVENT_ID.DOCUMENT) next++;
  return read();
}

/** The dash of the next item of a list, past comments and the brackets that end the item before. */
function dashAfter(text: string, offset: number): number {
  const between = /(?:[\s,}\]]|#[^\n]*)*/y;
  between.lastIndex = offset;
  return offset + (between.exec(text)?.[0].length ?? 0);
}
