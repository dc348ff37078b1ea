/** Template text → tokens, as Go's text/template reads it. @see https://pkg.go.dev/text/template#hdr-Actions */

export type TokenType =
  | 'text'
  | 'left'
  | 'right'
  | 'space'
  | 'identifier'
  | 'keyword'
  | 'field'
  | 'variable'
  | 'dot'
  | 'nil'
  | 'bool'
  | 'number'
  | 'string'
  | 'char'
  | 'pipe'
  | 'comma'
  | '('
  | ')'
  | '='
  | ':='
  | 'eof'
  | 'error';

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  /** Offset in the text. */
  readonly at: number;
}

const KEYWORDS = new Set(['block', 'break', 'continue', 'define', 'else', 'end', 'if', 'range', 'template', 'with']);
const LEFT = '{{';
const RIGHT = '}}';
const LEFT_COMMENT = '/*';
const RIGHT_COMMENT = '*/';
const SPACE = ' \t\r\n';

function trimEnd(text: string): string {
  let end = text.length;
  while (end > 0 && SPACE.includes(text[end - 1] as string)) end--;
  return text.slice(0, end);
}

/** A `-` trims only with a space beside it: `{{-3}}` is a number. */
const trimsLeft = (text: string, at: number): boolean => text[at] === '-' && SPACE.includes(text[at + 1] || 'x');
const trimsRight = (text: string, at: number): boolean =>
  SPACE.includes(text[at] || 'x') && text[at + 1] === '-' && text.startsWith(RIGHT, at + 2);

const isAlphanumeric = (char: string | undefined): boolean => char !== undefined && /[\p{L}\p{Nd}_]/u.test(char);

export function* lex(text: string): Generator<Token, void> {
  let at = 0;
  let parens = 0;
  while (at < text.length) {
    const open = text.indexOf(LEFT, at);
    if (open < 0) {
      yield { type: 'text', text: text.slice(at), at };
      break;
    }
    const trims = trimsLeft(text, open + 2);
    const before = text.slice(at, open);
    const kept = trims ? trimEnd(before) : before;
    if (kept !== '') yield { type: 'text', text: kept, at };
    const inside = open + 2 + (trims ? 2 : 0);
    if (text.startsWith(LEFT_COMMENT, inside)) {
      const end = text.indexOf(RIGHT_COMMENT, inside + 2);
      if (end < 0) return yield { type: 'error', text: 'unclosed comment', at: inside };
      const close = end + 2;
      const trimsAfter = trimsRight(text, close);
      if (!trimsAfter && !text.startsWith(RIGHT, close))
        return yield { type: 'error', text: 'comment ends before closing delimiter', at: close };
      at = afterRight(text, close, trimsAfter);
      continue;
    }
    yield { type: 'left', text: LEFT, at: open };
    at = inside;
    parens = 0;
    for (;;) {
      const trimsAfter = trimsRight(text, at);
      if (trimsAfter || text.startsWith(RIGHT, at)) {
        if (parens > 0) return yield { type: 'error', text: 'unclosed left paren', at };
        yield { type: 'right', text: RIGHT, at };
        at = afterRight(text, at, trimsAfter);
        break;
      }
      const token = insideAction(text, at);
      if (token.type === '(') parens++;
      if (token.type === ')' && --parens < 0) return yield { type: 'error', text: 'unexpected right paren', at };
      yield token;
      if (token.type === 'error') return;
      at = token.at + token.text.length;
    }
  }
  yield { type: 'eof', text: '', at: text.length };
}

function afterRight(text: string, at: number, trims: boolean): number {
  let next = at + (trims ? 2 : 0) + 2;
  if (trims) while (next < text.length && SPACE.includes(text[next] as string)) next++;
  return next;
}

function insideAction(text: string, at: number): Token {
  const token = (type: TokenType, end: number): Token => ({ type, text: text.slice(at, end), at });
  const error = (message: string): Token => ({ type: 'error', text: message, at });
  const char = text[at];
  if (char === undefined) return error('unclosed action');
  if (SPACE.includes(char)) {
    let end = at + 1;
    // The space that belongs to a trim marker is left to it.
    while (end < text.length && SPACE.includes(text[end] as string) && !trimsRight(text, end)) end++;
    return token('space', end);
  }
  switch (char) {
    case '=':
      return token('=', at + 1);
    case ':':
      return text[at + 1] === '=' ? token(':=', at + 2) : error('expected :=');
    case '|':
      return token('pipe', at + 1);
    case ',':
      return token('comma', at + 1);
    case '(':
      return token('(', at + 1);
    case ')':
      return token(')', at + 1);
    case '"':
      return quoted(text, at, '"', 'string', 'unterminated quoted string');
    case "'":
      return quoted(text, at, "'", 'char', 'unterminated character constant');
    case '`': {
      const end = text.indexOf('`', at + 1);
      return end < 0 ? error('unterminated raw quoted string') : token('string', end + 1);
    }
    case '$':
      return named(text, at, 'variable');
    case '.':
      if (!/[0-9]/.test(text[at + 1] ?? '')) return isAlphanumeric(text[at + 1]) ? named(text, at, 'field') : token('dot', at + 1);
      break;
  }
  if (/[0-9+\-.]/.test(char)) return number(text, at);
  if (isAlphanumeric(char)) return named(text, at, 'identifier');
  return error(`unrecognized character in action: U+${char.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')} '${char}'`);
}

function quoted(text: string, at: number, quote: string, type: TokenType, message: string): Token {
  for (let end = at + 1; end < text.length; end++) {
    if (text[end] === '\\' && text[end + 1] !== '\n') end++;
    else if (text[end] === '\n') break;
    else if (text[end] === quote) return { type, text: text.slice(at, end + 1), at };
  }
  return { type: 'error', text: message, at };
}

function named(text: string, at: number, type: 'variable' | 'field' | 'identifier'): Token {
  let end = at + 1;
  while (isAlphanumeric(text[end])) end++;
  const word = text.slice(at, end);
  const next = text[end];
  if (next !== undefined && !/[ \t\r\n.,|:()]/.test(next) && next !== '=' && !text.startsWith(RIGHT, end)) {
    return { type: 'error', text: `bad character U+${next.codePointAt(0)?.toString(16).toUpperCase().padStart(4, '0')} '${next}'`, at };
  }
  if (type !== 'identifier') return { type, text: word, at };
  if (KEYWORDS.has(word)) return { type: 'keyword', text: word, at };
  if (word === 'true' || word === 'false') return { type: 'bool', text: word, at };
  return { type: word === 'nil' ? 'nil' : 'identifier', text: word, at };
}

const NUMBER =
  /[+-]?(?:0[xX][0-9a-fA-F_]*(?:\.[0-9a-fA-F_]*)?(?:[pP][+-]?[0-9_]*)?|0[oO][0-7_]*|0[bB][01_]*|[0-9_]*\.?[0-9_]*(?:[eE][+-]?[0-9_]*)?)/y;

function number(text: string, at: number): Token {
  NUMBER.lastIndex = at;
  const end = at + (NUMBER.exec(text)?.[0].length ?? 0);
  if (end === at || isAlphanumeric(text[end])) return { type: 'error', text: `bad number syntax: "${text.slice(at, end + 1)}"`, at };
  return { type: 'number', text: text.slice(at, end), at };
}
