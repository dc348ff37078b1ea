/** Tokens → templates, with Go's grammar and Go's words for what is wrong. */
import { MeshctlError } from '../errors.ts';
import { lex, type Token, type TokenType } from './lex.ts';
import {
  type Command,
  type Definition,
  expressionOf,
  type List,
  lineAndColumn,
  type NumberOperand,
  type Operand,
  type Pipe,
  type Statement,
} from './nodes.ts';
import { unquote } from './unquote.ts';

/** Deeper nesting than any chart has, and far less than the stack. */
const MOST_DEPTH = 1000;

/**
 * @param source name of the text in messages
 * @param isFunction whether a function of that name exists: an unknown one is an error before anything is rendered
 * @returns the template itself first, then those that it defines
 * @throws MeshctlError E_TEMPLATE with line and what is wrong
 */
export function parse(source: string, text: string, isFunction: (name: string) => boolean): readonly Definition[] {
  return new Parser(source, text, isFunction).run();
}

class Parser {
  readonly #source: string;
  readonly #text: string;
  readonly #isFunction: (name: string) => boolean;
  readonly #tokens: Iterator<Token>;
  readonly #ahead: Token[] = [];
  readonly #definitions: Definition[] = [];
  #variables: string[] = ['$'];
  #last: Token = { type: 'eof', text: '', at: 0 };
  #loops = 0;
  #depth = 0;

  constructor(source: string, text: string, isFunction: (name: string) => boolean) {
    this.#source = source;
    this.#text = text;
    this.#isFunction = isFunction;
    this.#tokens = lex(text);
  }

  run(): readonly Definition[] {
    const body: Statement[] = [];
    for (;;) {
      const token = this.#peek();
      if (token.type === 'eof') break;
      const statement = this.#statement();
      if (statement === 'end' || statement === 'else') this.#fail(`unexpected {{${statement}}}`);
      if (typeof statement === 'object') body.push(statement);
    }
    return [this.#definition(this.#source, body), ...this.#definitions];
  }

  #definition(name: string, body: List): Definition {
    return { name, source: this.#source, text: this.#text, body };
  }

  // Tokens

  #next(): Token {
    const ahead = this.#ahead.shift();
    const token = ahead ?? this.#tokens.next().value ?? { type: 'eof', text: '', at: this.#text.length };
    this.#last = token;
    if (token.type === 'error') this.#fail(token.text);
    return token;
  }

  #peek(): Token {
    if (this.#ahead.length === 0) this.#ahead.push(this.#next());
    return this.#ahead[0] as Token;
  }

  #nextNonSpace(): Token {
    let token = this.#next();
    while (token.type === 'space') token = this.#next();
    return token;
  }

  #peekNonSpace(): Token {
    while (this.#peek().type === 'space') this.#next();
    return this.#peek();
  }

  #expect(type: TokenType, context: string): Token {
    const token = this.#nextNonSpace();
    if (token.type !== type) this.#unexpected(token, context);
    return token;
  }

  #unexpected(token: Token, context: string): never {
    const shown = token.type === 'eof' ? 'EOF' : token.type === 'keyword' ? `<${token.text}>` : JSON.stringify(token.text.slice(0, 20));
    this.#fail(`unexpected ${shown} in ${context}`);
  }

  #fail(message: string): never {
    const { line } = lineAndColumn(this.#text, this.#last.at);
    throw new MeshctlError('E_TEMPLATE', `${this.#source}:${line}: ${message}`);
  }

  // Statements

  /** @returns undefined for what leaves nothing behind, as definitions do */
  #statement(): Statement | 'end' | 'else' | undefined {
    const token = this.#nextNonSpace();
    if (token.type === 'text') return { is: 'text', text: token.text, at: token.at };
    if (token.type !== 'left') this.#unexpected(token, 'input');
    return this.#action();
  }

  #action(): Statement | 'end' | 'else' | undefined {
    const token = this.#peekNonSpace();
    if (token.type !== 'keyword') return this.#actionOf(token);
    this.#nextNonSpace();
    const { at, text } = token;
    switch (text) {
      case 'end':
        this.#expect('right', 'end');
        return 'end';
      case 'else': {
        const next = this.#peekNonSpace();
        // `{{else if}}` is left for the control that it belongs to.
        if (!(next.type === 'keyword' && (next.text === 'if' || next.text === 'with'))) this.#expect('right', 'else');
        return 'else';
      }
      case 'if':
      case 'with':
      case 'range':
        return this.#control(text, at);
      case 'define':
        if (this.#depth > 0) this.#unexpected(token, 'command');
        return this.#define();
      case 'block':
        return this.#block(at);
      case 'template':
        return this.#template(at);
      case 'break':
      case 'continue':
        this.#expect('right', `{{${text}}}`);
        if (this.#loops === 0) this.#fail(`{{${text}}} outside {{range}}`);
        return { is: text, at };
    }
    return this.#unexpected(token, 'command');
  }

  #actionOf({ at }: Token): Statement {
    const pipe = this.#pipeline('command', 'right');
    return { is: 'action', pipe, at };
  }

  #control(is: 'if' | 'with' | 'range', at: number): Statement {
    const kept = this.#variables.length;
    const pipe = this.#pipeline(is, 'right');
    if (is === 'range') this.#loops++;
    const { list: body, end } = this.#list();
    if (is === 'range') this.#loops--;
    let otherwise: List | undefined;
    if (end === 'else') {
      const next = this.#peekNonSpace();
      if (next.type === 'keyword' && (next.text === 'if' || next.text === 'with') && next.text === is) {
        this.#nextNonSpace();
        if (++this.#depth > MOST_DEPTH) this.#fail('nested too deeply');
        otherwise = [this.#control(next.text as 'if' | 'with', next.at)];
        this.#depth--;
      } else if (next.type === 'keyword') {
        this.#unexpected(next, 'else');
      } else {
        const rest = this.#list();
        if (rest.end !== 'end') this.#fail('expected end; found {{else}}');
        otherwise = rest.list;
      }
    }
    this.#variables.length = kept;
    return { is, pipe, body, otherwise, at };
  }

  #list(): { readonly list: List; readonly end: 'end' | 'else' } {
    if (++this.#depth > MOST_DEPTH) this.#fail('nested too deeply');
    const list: Statement[] = [];
    for (;;) {
      if (this.#peek().type === 'eof') {
        this.#next();
        this.#fail('unexpected EOF');
      }
      const statement = this.#statement();
      if (statement === 'end' || statement === 'else') {
        this.#depth--;
        return { list, end: statement };
      }
      if (statement) list.push(statement);
    }
  }

  #define(): undefined {
    const name = this.#nameIn('define clause');
    this.#expect('right', 'define clause');
    this.#inner(name, 'define clause');
  }

  #block(at: number): Statement {
    const name = this.#nameIn('block clause');
    const pipe = this.#pipeline('block clause', 'right');
    this.#inner(name, 'block clause');
    return { is: 'template', name, pipe, at };
  }

  #inner(name: string, context: string): void {
    const [outer, loops] = [this.#variables, this.#loops];
    this.#variables = ['$'];
    this.#loops = 0;
    const { list, end } = this.#list();
    if (end !== 'end') this.#fail(`unexpected {{else}} in ${context}`);
    this.#variables = outer;
    this.#loops = loops;
    const isDefined = this.#definitions.some((each) => each.name === name && !isBlank(each.body));
    if (isDefined && !isBlank(list)) this.#fail(`multiple definition of template ${JSON.stringify(name)}`);
    this.#definitions.push(this.#definition(name, list));
  }

  #nameIn(context: string): string {
    const token = this.#nextNonSpace();
    if (token.type !== 'string') this.#unexpected(token, context);
    return unquote(token.text) ?? this.#fail(`invalid syntax: ${token.text}`);
  }

  #template(at: number): Statement {
    const name = this.#nameIn('template clause');
    if (this.#peekNonSpace().type === 'right') {
      this.#nextNonSpace();
      return { is: 'template', name, pipe: undefined, at };
    }
    return { is: 'template', name, pipe: this.#pipeline('template clause', 'right'), at };
  }

  // Pipelines

  #pipeline(context: string, end: 'right' | ')'): Pipe {
    if (++this.#depth > MOST_DEPTH) this.#fail('nested too deeply');
    const { at } = this.#peekNonSpace();
    const { names, assigns } = this.#declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = this.#nextNonSpace();
      if (token.type === end) break;
      if (!STARTS.has(token.type)) this.#unexpected(token, context);
      this.#ahead.unshift(token);
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    for (const [index, { args }] of commands.entries()) {
      if (index > 0 && CONSTANTS.has(args[0]?.is ?? 'dot')) {
        this.#fail(`non executable command in pipeline stage ${index + 1}`);
      }
    }
    this.#depth--;
    return { is: 'pipe', names, assigns, commands, at };
  }

  /** `$x := `, `$x = ` and `$i, $x := ` of a range. */
  #declarations(context: string): { readonly names: readonly string[]; readonly assigns: boolean } {
    const names: string[] = [];
    for (;;) {
      const token = this.#peekNonSpace();
      if (token.type !== 'variable') return { names, assigns: false };
      this.#next();
      // Whether the variable is declared here shows behind it and the space after it.
      const spaces: Token[] = [];
      while (this.#peek().type === 'space') spaces.push(this.#next());
      const next = this.#peek();
      if (next.type === ':=' || next.type === '=') {
        this.#next();
        names.push(token.text);
        if (next.type === ':=') this.#variables.push(token.text);
        else for (const name of names) this.#assertVariable(name);
        return { names, assigns: next.type === '=' };
      }
      if (next.type === 'comma' && context === 'range' && names.length < 1) {
        this.#next();
        names.push(token.text);
        this.#variables.push(token.text);
        const after = this.#peekNonSpace();
        if (after.type !== 'variable') this.#fail(`range can only initialize variables`);
        continue;
      }
      if (next.type === 'comma') this.#fail(`too many declarations in ${context}`);
      this.#ahead.unshift(token, ...spaces);
      if (names.length > 0) this.#unexpected(next, context);
      return { names, assigns: false };
    }
  }

  #command(): Command {
    const { at } = this.#peekNonSpace();
    const args: Operand[] = [];
    for (;;) {
      this.#peekNonSpace();
      const operand = this.#operand();
      if (operand) args.push(operand);
      const token = this.#next();
      if (token.type === 'space') continue;
      if (token.type === 'right' || token.type === ')') this.#ahead.unshift(token);
      else if (token.type !== 'pipe') this.#unexpected(token, 'operand');
      break;
    }
    if (args.length === 0) this.#fail('empty command');
    return { is: 'command', args, at };
  }

  #operand(): Operand | undefined {
    const of = this.#term();
    if (!of) return undefined;
    if (this.#peek().type !== 'field') return of;
    const names: string[] = [];
    while (this.#peek().type === 'field') names.push(this.#next().text.slice(1));
    if (of.is === 'field') return { ...of, names: [...of.names, ...names] };
    if (of.is === 'variable') return { ...of, names: [...of.names, ...names] };
    if (of.is === 'bool' || of.is === 'string' || of.is === 'number' || of.is === 'nil' || of.is === 'dot') {
      this.#fail(`unexpected . after term ${JSON.stringify(expressionOf(of))}`);
    }
    return { is: 'chain', of, names, at: of.at };
  }

  #term(): Operand | undefined {
    const token = this.#nextNonSpace();
    const { at, text } = token;
    switch (token.type) {
      case 'identifier':
        if (!this.#isFunction(text)) this.#fail(`function ${JSON.stringify(text)} not defined`);
        return { is: 'function', name: text, at };
      case 'dot':
        return { is: 'dot', at };
      case 'nil':
        return { is: 'nil', at };
      case 'variable':
        this.#assertVariable(text);
        return { is: 'variable', name: text, names: [], at };
      case 'field':
        return { is: 'field', names: [text.slice(1)], at };
      case 'bool':
        return { is: 'bool', value: text === 'true', at };
      case 'char':
      case 'number':
        return numberOf(text, at) ?? this.#fail(`bad number syntax: ${JSON.stringify(text)}`);
      case 'string':
        return { is: 'string', value: unquote(text) ?? this.#fail(`invalid syntax: ${text}`), source: text, at };
      case '(':
        return this.#pipeline('parenthesized pipeline', ')');
    }
    this.#ahead.unshift(token);
    return undefined;
  }

  #assertVariable(name: string): void {
    if (!this.#variables.includes(name)) this.#fail(`undefined variable ${JSON.stringify(name)}`);
  }
}

/** A template of spaces does not take the place of another. */
export const isBlank = (body: List): boolean => body.every((statement) => statement.is === 'text' && statement.text.trim() === '');

/** Tokens that a command may begin with. */
const STARTS: ReadonlySet<TokenType> = new Set(['bool', 'char', 'dot', 'field', 'identifier', 'number', 'nil', 'string', 'variable', '(']);

const CONSTANTS: ReadonlySet<string> = new Set(['bool', 'dot', 'nil', 'number', 'string']);

function numberOf(source: string, at: number): NumberOperand | undefined {
  if (source.startsWith("'")) {
    const chars = [...(unquote(source) ?? '')];
    const code = chars.length === 1 ? chars[0]?.codePointAt(0) : undefined;
    return code === undefined ? undefined : { is: 'number', source, int: BigInt(code), float: code, isFloat: false, at };
  }
  const digits = source.replaceAll('_', '');
  const isHex = /^[+-]?0[xX]/.test(digits);
  const isFloat = !isHex && /[.eE]/.test(digits);
  if (isFloat) {
    const float = Number(digits);
    if (Number.isNaN(float)) return undefined;
    return { is: 'number', source, float, isFloat, at, ...(Number.isInteger(float) ? { int: BigInt(float) } : {}) };
  }
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(digits) ?? [];
  // A leading zero alone makes an octal number, as in Go.
  const octal = /^0[0-7]+$/.test(rest) ? `0o${rest.slice(1)}` : rest;
  if (!/^(?:0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|[0-9]+)$/.test(octal)) return undefined;
  const int = BigInt(octal) * (sign === '-' ? -1n : 1n);
  return { is: 'number', source, int, float: Number(int), isFloat: false, at };
}
