/**
 * Cuts a YAML stream into documents, and a large `kind: List` into its items, by looking at the
 * beginnings of lines only. Each part is then parsed by itself: a broken one leaves the others
 * alone, and memory follows the largest part instead of the file.
 */

export interface TextPart {
  readonly text: string;
  /** Line of the source on which the part begins, counted from 0. */
  readonly line: number;
  /** Of its first character in the source. */
  readonly offset: number;
}

/**
 * Splits at `---` and `...`. YAML forbids both at the beginning of a line inside any scalar, so no
 * parsing is needed.
 */
export function splitDocuments(text: string): readonly TextPart[] {
  const parts: TextPart[] = [];
  let start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  let startLine = 0;
  let line = 0;
  const push = (end: number): void => {
    const part = text.slice(start, end);
    if (hasContent(part)) parts.push({ text: part, line: startLine, offset: start });
  };
  for (let begin = start; begin < text.length; line++) {
    const newline = text.indexOf('\n', begin);
    const end = newline < 0 ? text.length : newline + 1;
    if (isMarker(text, begin)) {
      push(begin);
      // What follows the marker on its line (`--- # source: x`, `--- {a: 1}`) belongs to the document;
      // blanks keep its columns true.
      const rest = text.slice(begin + 3, end);
      const keeps = rest.trim() !== '' && !rest.trim().startsWith('#') && text.startsWith('---', begin);
      start = keeps ? begin + 3 : end;
      startLine = keeps ? line : line + 1;
    }
    begin = end;
  }
  push(text.length);
  return parts;
}

function isMarker(text: string, begin: number): boolean {
  if (!text.startsWith('---', begin) && !text.startsWith('...', begin)) return false;
  const after = text[begin + 3];
  return after === undefined || after === '\n' || after === '\r' || after === ' ' || after === '\t';
}

/** False when every line is blank, a comment or a `%` directive. */
function hasContent(text: string): boolean {
  return /^(?![ \t]*(?:#|\r?$))(?!%)[^\n]*\S/m.test(text);
}

const LIST_KIND = /^kind:[ \t]*["']?\w*List["']?[ \t]*(?:#.*)?\r?$/m;
const ITEMS = /^items:[ \t]*(?:#.*)?\r?\n/m;

/**
 * The items of a block-style `kind: List` document, each as a part of its own with its dash
 * replaced by a blank, so that columns stay true; undefined when the document is no such list.
 * Anchors do not reach from one item into another, so a document with aliases is left whole.
 */
export function splitList(document: TextPart): readonly TextPart[] | undefined {
  const { text } = document;
  if (!LIST_KIND.test(text) || /[*&]\w/.test(text)) return undefined;
  const items = ITEMS.exec(text);
  if (!items) return undefined;
  const parts: TextPart[] = [];
  let line = document.line + countLines(text, 0, items.index) + 1;
  let indent = -1;
  let start = -1;
  let startLine = 0;
  const push = (end: number): void => {
    if (start < 0) return;
    const item = `${' '.repeat(indent + 1)}${text.slice(start + indent + 1, end)}`;
    parts.push({ text: item, line: startLine, offset: document.offset + start });
  };
  let begin = items.index + items[0].length;
  while (begin < text.length) {
    const newline = text.indexOf('\n', begin);
    const end = newline < 0 ? text.length : newline + 1;
    const first = firstNonBlank(text, begin, end);
    const blank = first === end || text[first] === '#';
    if (!blank) {
      const column = first - begin;
      const dash = text[first] === '-' && (text[first + 1] === ' ' || text[first + 1] === '\n' || text[first + 1] === '\r');
      if (indent < 0 && !dash) return undefined;
      if (indent < 0) indent = column;
      if (column < indent || (column === indent && !dash)) break;
      if (column === indent) {
        push(begin);
        start = begin;
        startLine = line;
      }
    }
    line++;
    begin = end;
  }
  push(begin);
  return parts.length > 0 ? parts : undefined;
}

function firstNonBlank(text: string, begin: number, end: number): number {
  let index = begin;
  while (index < end && (text[index] === ' ' || text[index] === '\r' || text[index] === '\n')) index++;
  return index;
}

function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let index = text.indexOf('\n', from); index >= 0 && index < to; index = text.indexOf('\n', index + 1)) lines++;
  return lines;
}
