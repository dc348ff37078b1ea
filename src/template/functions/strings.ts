import { func, variadic } from '../builtins.ts';
import { byteLength, bytesOf, isAscii, sliceBytes } from '../bytes.ts';
import { toText } from '../cast.ts';
import { CallError } from '../failure.ts';
import { quoteGo } from '../quote.ts';
import { type Func, type GoInt, isList, isNil, typed, type Value } from '../value.ts';

/** A text longer than this is no manifest, and `repeat` makes one with ease. */
const MOST_CHARACTERS = 32 * 1024 * 1024;

const bounded = (length: number): void => {
  if (length > MOST_CHARACTERS) throw new CallError('the text would be too long');
};

/** sprig's `strslice`: the items as texts, without nil. */
function texts(value: Value): readonly string[] {
  if (isNil(value)) return [];
  return isList(value) ? value.filter((each) => !isNil(each)).map(toText) : [toText(value)];
}

const stringList = (items: readonly string[]): readonly Value[] => typed(items as readonly Value[], '[]string');

const SPACE = /[\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** A word begins behind everything but letters, digits and underscores, an apostrophe included. */
const title = (text: string): string =>
  text.replace(/(^|[^\p{L}\p{Nd}_])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase());

function repeat(count: GoInt, text: string): string {
  if (count.value < 0n) throw new CallError('strings: negative Repeat count');
  bounded(Number(count.value) * text.length);
  return text.repeat(Number(count.value));
}

const trimmedBy = (set: string, text: string): string => {
  const chars = new Set(set);
  let [from, to] = [0, text.length];
  while (from < to && chars.has(text[from] ?? '')) from++;
  while (to > from && chars.has(text[to - 1] ?? '')) to--;
  return text.slice(from, to);
};

function trunc(count: GoInt, text: string): string {
  const length = byteLength(text);
  const most = Number(count.value);
  if (most < 0 && length + most > 0) return sliceBytes(text, length + most);
  return most >= 0 && length > most ? sliceBytes(text, 0, most) : text;
}

function substring(from: GoInt, to: GoInt, text: string): string {
  const [start, end, length] = [Number(from.value), Number(to.value), byteLength(text)];
  const checked = (low: number, high: number): string => {
    if (low < 0 || high < low || high > length) throw new CallError(`runtime error: slice bounds out of range [${low}:${high}]`);
    return sliceBytes(text, low, high);
  };
  if (start < 0) return checked(0, end);
  return end < 0 || end > length ? checked(start, length) : checked(start, end);
}

function indent(spaces: GoInt, text: string): string {
  const pad = repeat(spaces, ' ');
  bounded(text.length + pad.length * text.split('\n').length);
  return pad + text.replaceAll('\n', `\n${pad}`);
}

/** Pieces of an identifier, cut where case or marks change; digits belong to the word before them. */
function delimited(text: string, mark: string): string {
  const words = text.match(/\p{Lu}+(?=\p{Lu}\p{Ll})\p{N}*|\p{Lu}?\p{Ll}+\p{N}*|\p{Lu}+\p{N}*|\p{N}+|[^\p{L}\p{N}\s_-]+/gu) ?? [];
  const [lead = ''] = /^[\s_-]*/.exec(text) ?? [];
  return lead.replace(/[\s_-]/g, mark) + words.join(mark).toLowerCase();
}

/** Of several marks between words one goes, those at both ends stay; a word in capitals keeps its first one. */
const pascal = (text: string): string =>
  text.replace(/([-_\s]*)([^-_\s])([^-_\s]*)/gu, (_, marks: string, first: string, rest: string, at: number) => {
    const kept = at === 0 ? marks : marks.slice(0, -1);
    return kept + upper(first) + (/\p{Lu}/u.test(first) ? rest.replace(/^\p{Lu}+/u, lower) : rest);
  });

/** Go changes letter by letter, so that `ß` stays what it is. */
const upper = (text: string): string => eachLetter(text, (letter) => letter.toUpperCase());
const lower = (text: string): string => eachLetter(text, (letter) => letter.toLowerCase());

const eachLetter = (text: string, change: (letter: string) => string): string =>
  isAscii(text)
    ? change(text)
    : text.replace(/[^\0-\x7f]|[\0-\x7f]+/gu, (part) => {
        const changed = change(part);
        return [...changed].length === [...part].length ? changed : part;
      });

function wrapped(width: number, mark: string, text: string, breaks: boolean): string {
  const size = Math.max(width, 1);
  const separator = mark === '' ? '\n' : mark;
  const lines: string[] = [];
  let rest = text;
  while (rest.length > size) {
    if (rest.startsWith(' ')) {
      rest = rest.slice(1);
      continue;
    }
    const space = rest.slice(0, size + 1).lastIndexOf(' ');
    if (space >= 0) {
      lines.push(rest.slice(0, space));
      rest = rest.slice(space + 1);
    } else if (breaks) {
      lines.push(rest.slice(0, size));
      rest = rest.slice(size);
    } else {
      const next = rest.indexOf(' ', size);
      if (next < 0) break;
      lines.push(rest.slice(0, next));
      rest = rest.slice(next + 1);
    }
  }
  return [...lines, rest].join(separator);
}

const swapped = (text: string): string =>
  [...text].map((char) => (/\p{Lu}|\p{Lt}/u.test(char) ? char.toLowerCase() : /\p{Ll}/u.test(char) ? char.toUpperCase() : char)).join('');

function abbreviated(width: number, text: string): string {
  const chars = [...text];
  return width < 4 || chars.length <= width ? text : `${chars.slice(0, width - 3).join('')}...`;
}

function abbreviatedBoth(left: number, right: number, text: string): string {
  const length = text.length;
  if (right < 4 || (left > 0 && right < 7) || length <= right) return text;
  let offset = Math.min(left, length);
  if (length - offset < right - 3) offset = length - (right - 3);
  if (offset <= 4) return `${text.slice(0, right - 3)}...`;
  if (offset + right - 3 < length) return `...${abbreviated(right - 3, text.slice(offset))}`;
  return `...${text.slice(length - (right - 3))}`;
}

const split = (separator: string, text: string): readonly string[] => (separator === '' ? [...text] : text.split(separator));

function splitInto(separator: string, count: number, text: string): readonly string[] {
  if (count === 0) return [];
  const parts = split(separator, text);
  return count < 0 || parts.length <= count ? parts : [...parts.slice(0, count - 1), parts.slice(count - 1).join(separator)];
}

const numbered = (parts: readonly string[]): Value =>
  typed(new Map<string, Value>(parts.map((part, index) => [`_${index}`, part])), 'map[string]string');

const quotes = (values: readonly Value[], quoted: (text: string) => string): string =>
  values
    .filter((value) => !isNil(value))
    .map((value) => quoted(toText(value)))
    .join(' ');

const S = 'string' as const;
const I = 'int' as const;
/** A pattern that ends in \s+$ takes quadratic time. */
function trimmed(text: string): string {
  let [from, to] = [0, text.length];
  while (from < to && SPACE.test(text[from] as string)) from++;
  while (to > from && SPACE.test(text[to - 1] as string)) to--;
  return text.slice(from, to);
}

const A = 'interface {}' as const;

export const stringFunctions: Readonly<Record<string, Func>> = {
  hello: func([], () => 'Hello!'),
  abbrev: func([I, S], (width: GoInt, text: string) => abbreviated(Number(width.value), text)),
  abbrevboth: func([I, I, S], (left: GoInt, right: GoInt, text: string) => abbreviatedBoth(Number(left.value), Number(right.value), text)),
  trunc: func([I, S], trunc),
  trim: func([S], trimmed),
  upper: func([S], upper),
  lower: func([S], lower),
  title: func([S], title),
  untitle: func([S], (text: string) => text.replace(/(^|\s)(\S)/gu, (_, space: string, char: string) => space + char.toLowerCase())),
  substr: func([I, I, S], substring),
  repeat: func([I, S], repeat),
  trimall: func([S, S], trimmedBy),
  trimAll: func([S, S], trimmedBy),
  trimSuffix: func([S, S], (end: string, text: string) => (end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text)),
  trimPrefix: func([S, S], (start: string, text: string) => (text.startsWith(start) ? text.slice(start.length) : text)),
  nospace: func([S], (text: string) => text.replace(new RegExp(SPACE.source, 'g'), '')),
  initials: func([S], (text: string) => (text.match(/(?:^|\s)(\S)/gu) ?? []).map((part) => part.trim()).join('')),
  swapcase: func([S], swapped),
  snakecase: func([S], (text: string) => delimited(text, '_')),
  camelcase: func([S], pascal),
  kebabcase: func([S], (text: string) => delimited(text, '-')),
  wrap: func([I, S], (width: GoInt, text: string) => wrapped(Number(width.value), '\n', text, false)),
  wrapWith: func([I, S, S], (width: GoInt, mark: string, text: string) => wrapped(Number(width.value), mark, text, true)),
  contains: func([S, S], (part: string, text: string) => text.includes(part)),
  hasPrefix: func([S, S], (start: string, text: string) => text.startsWith(start)),
  hasSuffix: func([S, S], (end: string, text: string) => text.endsWith(end)),
  quote: variadic([A], (values: readonly Value[]) => quotes(values, quoteGo)),
  squote: variadic([A], (values: readonly Value[]) => quotes(values, (text) => `'${text}'`)),
  cat: variadic([A], (values: readonly Value[]) =>
    values
      .filter((value) => !isNil(value))
      .map(toText)
      .join(' '),
  ),
  indent: func([I, S], indent),
  nindent: func([I, S], (spaces: GoInt, text: string) => `\n${indent(spaces, text)}`),
  replace: func([S, S, S], (from: string, to: string, text: string) => {
    const parts = from === '' ? ['', ...[...text], ''] : text.split(from);
    bounded(text.length + parts.length * to.length);
    return from === '' ? parts.slice(0, -1).join(to) + (text === '' ? '' : to) : parts.join(to);
  }),
  plural: func([S, S, I], (one: string, many: string, count: GoInt) => (count.value === 1n ? one : many)),
  toString: func([A], toText),
  toStrings: func([A], (value: Value) => stringList(texts(value))),
  join: func([S, A], (separator: string, value: Value) => texts(value).join(separator)),
  sortAlpha: func([A], (value: Value) =>
    stringList(
      [...texts(value)].sort((left, right) =>
        isAscii(left) && isAscii(right) ? (left < right ? -1 : left > right ? 1 : 0) : Buffer.compare(bytesOf(left), bytesOf(right)),
      ),
    ),
  ),
  split: func([S, S], (separator: string, text: string) => numbered(split(separator, text))),
  splitn: func([S, I, S], (separator: string, count: GoInt, text: string) => numbered(splitInto(separator, Number(count.value), text))),
  splitList: func([S, S], (separator: string, text: string) => stringList(split(separator, text))),
  ternary: func([A, A, 'bool'], (yes: Value, no: Value, which: boolean) => (which ? yes : no)),
};
