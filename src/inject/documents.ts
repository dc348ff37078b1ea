/**
 * Injection of documents: text in, text out, and what became of each workload. Nothing in here
 * knows a mesh or reads a file; `commands/inject.run.ts` brings both.
 *
 * This file cuts a stream into parts that, put together again, are the stream.
 */
import { jsonValue } from '../text/json-value.ts';

export interface StreamPart {
  readonly text: string;
  /** Line of the source on which the part begins, counted from 0. */
  readonly line: number;
  /** `between`: separators, comments, blank lines, directives. */
  readonly is: 'yaml' | 'json' | 'between';
}

/** JSON is cut where one value ends and the next begins, as `jq` writes them. */
export function* partsOf(text: string): Iterable<StreamPart> {
  if (text.charCodeAt(0) === 0xfeff) {
    yield { text: text.slice(0, 1), line: 0, is: 'between' };
    yield* partsOf(text.slice(1));
    return;
  }
  const json = /^\s*[[{]/.test(text) ? jsonParts(text) : undefined;
  yield* json ?? yamlParts(text);
}

function* yamlParts(text: string): Iterable<StreamPart> {
  let start = 0;
  let startLine = 0;
  let line = 0;
  for (let begin = 0; begin < text.length; line++) {
    const newline = text.indexOf('\n', begin);
    const end = newline < 0 ? text.length : newline + 1;
    const marker = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/.exec(text.slice(begin, begin + 4))?.[0];
    if (marker !== undefined) {
      if (begin > start) yield partOf(text.slice(start, begin), startLine);
      // `--- {a: 1}`: the document begins behind the marker.
      const rest = text.slice(begin + 3, end).trim();
      const isDocument = marker === '---' && rest !== '' && !rest.startsWith('#');
      const behind = isDocument ? begin + 3 : end;
      yield { text: text.slice(begin, behind), line, is: 'between' };
      start = behind;
      startLine = isDocument ? line : line + 1;
    }
    begin = end;
  }
  if (start < text.length) yield partOf(text.slice(start), startLine);
}

/** Every line blank, a comment or a `%` directive: no document. */
function partOf(text: string, line: number): StreamPart {
  const hasContent = /^(?![ \t]*(?:#|\r?$))(?!%)[^\n]*\S/m.test(text);
  if (!hasContent) return { text, line, is: 'between' };
  const isJson = /^\s*[[{]/.test(text) && jsonValue(text) !== undefined;
  return { text, line, is: isJson ? 'json' : 'yaml' };
}

/** @returns undefined when the text is not JSON throughout */
function jsonParts(text: string): readonly StreamPart[] | undefined {
  const parts: StreamPart[] = [];
  let line = 0;
  let begin = 0;
  while (begin < text.length) {
    const start = begin + (/^\s*/.exec(text.slice(begin))?.[0].length ?? 0);
    if (start > begin) {
      const blank = text.slice(begin, start);
      parts.push({ text: blank, line, is: 'between' });
      line += blank.split('\n').length - 1;
    }
    if (start === text.length) break;
    const end = endOfValue(text, start);
    const value = end === undefined ? '' : text.slice(start, end);
    if (end === undefined || jsonValue(value) === undefined) return undefined;
    parts.push({ text: value, line, is: 'json' });
    line += value.split('\n').length - 1;
    begin = end;
  }
  return parts;
}

/** Behind the bracket that closes the one at `start`. */
function endOfValue(text: string, start: number): number | undefined {
  const tokens = /"(?:[^"\\]|\\.)*"|[[\]{}]/gs;
  tokens.lastIndex = start;
  let depth = 0;
  for (let match = tokens.exec(text); match; match = tokens.exec(text)) {
    if (match[0] === '[' || match[0] === '{') depth++;
    else if (match[0] === ']' || match[0] === '}') depth--;
    if (depth <= 0) return match[0].startsWith('"') ? undefined : tokens.lastIndex;
  }
  return undefined;
}
