/**
 * YAML exactly as Helm's `toYaml` writes it, which is Go's yaml.v2 behind a passage through JSON: charts hash the text
 * of their own output. No other writer quotes, sorts and indents alike, so this is one of our own.
 * @see https://pkg.go.dev/sigs.k8s.io/yaml#Marshal
 */
import { byteLength } from './bytes.ts';
import { plainOf } from './json.ts';
import { float } from './print.ts';
import { GoInt, type GoMap, isList, isMap, isNil, type Value } from './value.ts';

/**
 * `compact` is `toYaml`. `pretty` is `toYamlPretty`: lists in mappings are indented, lines are not folded, and floats
 * keep their form.
 */
type Form = 'compact' | 'pretty';

/** @returns the document with a line break at its end */
export function emitYaml(value: Value, form: Form = 'compact'): string {
  const page: Page = { lines: [], isPretty: form === 'pretty' };
  write(plainOf(value), 0, '', page);
  return `${page.lines.join('\n')}\n`;
}

interface Page {
  readonly lines: string[];
  readonly isPretty: boolean;
}

/**
 * @param indent columns of the lines that follow the first
 * @param head what stands before the value on its first line: `- `, `key:`
 */
function write(value: Value, indent: number, head: string, page: Page): void {
  const pad = ' '.repeat(indent);
  if (isMap(value) && value.size > 0) {
    let first = head;
    for (const key of inOrder(value)) {
      const start = first;
      first = pad;
      if (isSimple(key)) child(value.get(key), indent, `${start}${keyText(key)}:`, page);
      else {
        scalar(key, indent + 2, `${start}? `, page);
        write(value.get(key), indent + 2, `${pad}: `, page);
      }
    }
  } else if (isList(value) && value.length > 0) {
    let first = head;
    for (const each of value) {
      const isNested = (isMap(each) && each.size > 0) || (isList(each) && each.length > 0);
      if (isNested) write(each, indent + 2, `${first}- `, page);
      else scalar(each, indent + 2, `${first}- `, page);
      first = pad;
    }
  } else scalar(value, indent, head, page);
}

/** A value of a mapping: collections begin on the next line, lists without further indentation. */
function child(value: Value, indent: number, name: string, page: Page): void {
  if (isMap(value) && value.size > 0) {
    page.lines.push(name);
    write(value, indent + 2, ' '.repeat(indent + 2), page);
  } else if (isList(value) && value.length > 0) {
    const inner = page.isPretty ? indent + 2 : indent;
    page.lines.push(name);
    write(value, inner, ' '.repeat(inner), page);
  } else scalar(value, indent + 2, `${name} `, page);
}

function scalar(value: Value, indent: number, head: string, page: Page): void {
  if (typeof value !== 'string') {
    page.lines.push(head + bare(value, page));
    return;
  }
  const style = styleOf(value, false);
  if (style !== 'literal') {
    page.lines.push(page.isPretty ? head + quoted(value, style) : folded(head, indent, value, style));
    return;
  }
  page.lines.push(`${head}|${hints(value)}`);
  // At the top a literal is indented too.
  const pad = ' '.repeat(Math.max(indent, 2));
  const body = value.endsWith('\n') ? value.slice(0, -1) : value;
  for (const line of body.split('\n')) page.lines.push(line === '' ? '' : pad + line);
}

/** Behind this column a line is broken at the next space that stands alone. */
const WIDTH = 80;

function folded(head: string, indent: number, value: string, style: Exclude<Style, 'literal'>): string {
  const whole = quoted(value, style);
  if (head.length + whole.length <= WIDTH) return head + whole;
  const chars = [...value];
  const last = chars.length - 1;
  const quote = { plain: '', single: "'", double: '"' }[style];
  const shown = (char: string): string => (style === 'double' ? escaped(char) : style === 'single' && char === "'" ? "''" : char);
  let text = head + quote;
  let column = [...text].length;
  let afterSpace = false;
  for (const [at, char] of chars.entries()) {
    const isSpace = char === ' ';
    const isInside = style === 'plain' || (at > 0 && at < last);
    const nextIsSpace = chars[at + 1] === ' ';
    if (isSpace && !afterSpace && column > WIDTH && isInside && (style === 'double' || !nextIsSpace)) {
      const start = style === 'double' && nextIsSpace ? '\\' : '';
      text += `\n${' '.repeat(indent)}${start}`;
      column = indent + start.length;
    } else {
      const written = shown(char);
      text += written;
      column += [...written].length;
    }
    afterSpace = isSpace;
  }
  return text + quote;
}

function bare(value: Value, { isPretty }: Page): string {
  if (isNil(value)) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (value instanceof GoInt) return value.value.toString();
  if (isMap(value)) return '{}';
  if (isList(value)) return '[]';
  return isPretty ? shortest(value as number) : number(value as number);
}

/** Whole numbers come back from JSON as integers, as far as 64 bits go, with the digits that JSON gave them. */
function number(value: number): string {
  if (Number.isInteger(value) && value >= -(2 ** 63) && value < 2 ** 64) return String(value);
  return shortest(value);
}

function shortest(value: number): string {
  const text = float(value, 'g');
  return { '+Inf': '.inf', '-Inf': '-.inf', NaN: '.nan' }[text] ?? text;
}

/** Keys of several lines, or longer ones, are set apart from their values. */
const isSimple = (key: string): boolean => !BREAK.test(key) && byteLength(key) <= 128;

function keyText(key: string): string {
  const style = styleOf(key, true);
  return quoted(key, style === 'literal' ? 'double' : style);
}

type Style = 'plain' | 'single' | 'double' | 'literal';

function styleOf(text: string, isKey: boolean): Style {
  const allowed = analyze(text);
  if (text.includes('\n')) {
    if (!isKey && allowed.block) return 'literal';
    return 'double';
  }
  if (resolvesToText(text)) {
    if (allowed.plain && !(text === '' && isKey)) return 'plain';
    return allowed.single ? 'single' : 'double';
  }
  return 'double';
}

const quoted = (text: string, style: Exclude<Style, 'literal'>): string => {
  if (style === 'plain') return text;
  return style === 'single' ? `'${text.replaceAll("'", "''")}'` : `"${[...text].map(escaped).join('')}"`;
};

const PRINTABLE = /[\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufefe\uff00-\ufffd]/;
const BREAK = /[\r\n\u0085\u2028\u2029]/;

interface Allowed {
  readonly plain: boolean;
  readonly single: boolean;
  readonly block: boolean;
}

function analyze(text: string): Allowed {
  if (text === '') return { plain: true, single: true, block: false };
  const isIndicated =
    /^(?:---|\.\.\.)/.test(text) ||
    /^[#,[\]{}&*!|>'"%@`]/.test(text) ||
    /^[?:-](?:[ \t]|$)/.test(text) ||
    /.:(?:[ \t]|$)|.[ \t\0\r\n\u0085\u2028\u2029]#/s.test(text);
  const isSpecial = [...text].some((char) => !PRINTABLE.test(char) || char.length > 1);
  const hasBreak = BREAK.test(text);
  const breakSpace = new RegExp(`${BREAK.source} `).test(text);
  const spaceBreak = new RegExp(` ${BREAK.source}`).test(text);
  const outer = /^ | $/.test(text) || BREAK.test(text[0] ?? '') || BREAK.test(text.at(-1) ?? '');
  return {
    plain: !(isIndicated || isSpecial || hasBreak || breakSpace || spaceBreak || outer),
    single: !(breakSpace || spaceBreak || isSpecial),
    block: !(text.endsWith(' ') || spaceBreak || isSpecial),
  };
}

const WORDS = new Set([
  'y',
  'Y',
  'yes',
  'Yes',
  'YES',
  'true',
  'True',
  'TRUE',
  'on',
  'On',
  'ON',
  'n',
  'N',
  'no',
  'No',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
  '',
  '~',
  'null',
  'Null',
  'NULL',
  '.nan',
  '.NaN',
  '.NAN',
  '.inf',
  '.Inf',
  '.INF',
  '+.inf',
  '+.Inf',
  '+.INF',
  '-.inf',
  '-.Inf',
  '-.INF',
]);

const SEXAGESIMAL = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/;
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INTEGER = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[oO]?[0-7]+|0[bB][01]+|0|[1-9][0-9]*)$/;
/** strconv.ParseFloat takes hexadecimal floats, and underscores only in numbers with a prefix. */
const POINT_FLOAT = /^\.(?:[0-9]+(?:[eE][-+]?[0-9]+)?)$/;
const TIMESTAMP =
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:Z|[ \t]*[-+][0-9]{1,2}:?[0-9]{2})?)?$/;

/** False for what YAML would read as a number, a date, a truth value or nothing. */
function resolvesToText(text: string): boolean {
  if (SEXAGESIMAL.test(text)) return false;
  if (WORDS.has(text)) return false;
  if (text.startsWith('.')) return !POINT_FLOAT.test(text);
  if (!/^[-+0-9]/.test(text)) return true;
  if (TIMESTAMP.test(text)) return !isDate(text);
  const digits = text.replaceAll('_', '');
  return !(FLOAT.test(digits) || isInteger(digits));
}

const isInteger = (digits: string): boolean => {
  if (!INTEGER.test(digits)) return false;
  const octal = digits.replace(/^([-+]?)0(?=[0-7])/, '$10o').replace(/^[-+]/, '');
  const size = BigInt(octal);
  return digits.startsWith('-') ? size <= 1n << 63n : size < 1n << 64n;
};

function isDate(text: string): boolean {
  const [, year, month, day] = /^(\d{4})-(\d{1,2})-(\d{1,2})/.exec(text) ?? [];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\0': '\\0',
  '\x07': '\\a',
  '\b': '\\b',
  '\t': '\\t',
  '\n': '\\n',
  '\v': '\\v',
  '\f': '\\f',
  '\r': '\\r',
  '\x1b': '\\e',
  '"': '\\"',
  '\\': '\\\\',
  '\u0085': '\\N',
  '\u00a0': '\\_',
  '\u2028': '\\L',
  '\u2029': '\\P',
};

function escaped(char: string): string {
  const code = char.codePointAt(0) ?? 0;
  const needs = !PRINTABLE.test(char) || char.length > 1 || BREAK.test(char) || char === '"' || char === '\\';
  if (!needs) return char;
  const named = ESCAPES[char];
  if (named !== undefined) return named;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function hints(text: string): string {
  const indentation = /^[ \n\r\u0085\u2028\u2029]/.test(text) ? '2' : '';
  if (!text.endsWith('\n')) return `${indentation}-`;
  return indentation + (text === '\n' || text.endsWith('\n\n') ? '+' : '');
}

/** yaml.v2's natural order: letters after everything else, numbers by value. */
function inOrder(map: GoMap): readonly string[] {
  return [...map.keys()].sort((left, right) => (isBefore([...left], [...right]) ? -1 : isBefore([...right], [...left]) ? 1 : 0));
}

const isLetter = (char: string): boolean => /\p{L}/u.test(char);
const isDigit = (char: string | undefined): boolean => char !== undefined && /\p{Nd}/u.test(char);
const codeOf = (char: string): number => char.codePointAt(0) ?? 0;

function isBefore(left: readonly string[], right: readonly string[]): boolean {
  for (let at = 0; at < left.length && at < right.length; at++) {
    const [first, second] = [left[at] as string, right[at] as string];
    if (first === second) continue;
    const [isFirst, isSecond] = [isLetter(first), isLetter(second)];
    if (isFirst && isSecond) return codeOf(first) < codeOf(second);
    if (isFirst || isSecond) return isSecond;
    let [own, other] = [0, 0];
    if (first === '0' || second === '0') {
      for (let back = at - 1; back >= 0 && isDigit(left[back]); back--) {
        if (left[back] !== '0') {
          own = 1;
          other = 1;
          break;
        }
      }
    }
    let [ownEnd, otherEnd] = [at, at];
    for (; isDigit(left[ownEnd]); ownEnd++) own = own * 10 + Number(left[ownEnd]);
    for (; isDigit(right[otherEnd]); otherEnd++) other = other * 10 + Number(right[otherEnd]);
    if (own !== other) return own < other;
    if (ownEnd !== otherEnd) return ownEnd < otherEnd;
    return codeOf(first) < codeOf(second);
  }
  return left.length < right.length;
}
