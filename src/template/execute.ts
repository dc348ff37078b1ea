/**
 * Executes templates as Go's text/template does, by default with the option `missingkey=zero` that Helm sets. What Go panics or
 * returns as an error is a TemplateError here, which knows its place. Work and output are bounded: a chart cannot go on
 * for ever.
 * @see https://pkg.go.dev/text/template
 */
import { CallError, placeOf, TemplateError } from './failure.ts';
import {
  type Command,
  type Definition,
  expressionOf,
  type List,
  type NumberOperand,
  type Operand,
  type Pipe,
  type Statement,
} from './nodes.ts';
import { print } from './print.ts';
import {
  type Func,
  GoInt,
  int,
  isFunc,
  isList,
  isMap,
  isNil,
  isObject,
  isTrue,
  type ParamType,
  sortedKeys,
  typeOf,
  type Value,
} from './value.ts';

/** Shared by everything that one rendering executes. */
export interface Budget {
  /** Steps left. */
  steps: number;
  /** Characters of output left. */
  characters: number;
  /** Characters left that functions may read and make. */
  work: number;
}

export interface Program {
  readonly templates: ReadonlyMap<string, Definition>;
  readonly functions: ReadonlyMap<string, Func>;
  readonly budget: Budget;
  /** How deep templates stand in each other. */
  readonly depth: number;
  /** What a key is that a map lacks: a nil interface, as `missingkey=zero` has it, or Go's own default, no value at all. */
  readonly missingKey: 'nil' | 'none';
}

/** Go's own limit is 100,000; Node's stack ends before. */
export const MOST_DEPTH = 300;
export const TOO_DEEP = `exceeded maximum template depth (${MOST_DEPTH})`;

/** @throws TemplateError */
export function execute(program: Program, definition: Definition, data: Value): string {
  const output: string[] = [];
  new Execution(program, definition, data, output).walk(data, definition.body);
  return output.join('');
}

/** An item takes as much as so many characters. */
const ITEM = 32;

/** Leaves a loop, or its current round. */
type Jump = 'break' | 'continue';

interface Variable {
  readonly name: string;
  value: Value;
}

/** There is no value from the pipeline before. */
const MISSING: unique symbol = Symbol('missing');
type Final = Value | typeof MISSING;

class Execution {
  readonly #program: Program;
  readonly #definition: Definition;
  readonly #output: string[];
  readonly #variables: Variable[];

  constructor(program: Program, definition: Definition, data: Value, output: string[]) {
    this.#program = program;
    this.#definition = definition;
    this.#output = output;
    this.#variables = [{ name: '$', value: data }];
  }

  walk(dot: Value, list: List): Jump | undefined {
    for (const statement of list) {
      const jump = this.#statement(dot, statement);
      if (jump) return jump;
    }
    return undefined;
  }

  #statement(dot: Value, statement: Statement): Jump | undefined {
    this.#spend(statement);
    switch (statement.is) {
      case 'text':
        this.#write(statement.text, statement);
        return undefined;
      case 'action': {
        const value = this.#pipeline(dot, statement.pipe);
        if (statement.pipe.names.length > 0) return undefined;
        if (isFunc(value)) this.#fail(statement, `can't print a function`);
        this.#write(this.#printed(value, statement), statement);
        return undefined;
      }
      case 'if':
      case 'with': {
        const kept = this.#variables.length;
        const value = this.#pipeline(dot, statement.pipe);
        const jump = isTrue(value)
          ? this.walk(statement.is === 'with' ? value : dot, statement.body)
          : statement.otherwise && this.walk(dot, statement.otherwise);
        this.#variables.length = kept;
        return jump;
      }
      case 'range': {
        const kept = this.#variables.length;
        const jump = this.#range(dot, statement);
        this.#variables.length = kept;
        return jump;
      }
      case 'template':
        this.#template(dot, statement);
        return undefined;
      case 'break':
      case 'continue':
        return statement.is;
    }
  }

  #range(dot: Value, statement: Extract<Statement, { is: 'if' | 'with' | 'range' }>): Jump | undefined {
    const { pipe, body, otherwise } = statement;
    const value = this.#pipeline(dot, pipe);
    // The pipeline has declared its variables; every round sets them anew.
    const kept = this.#variables.length;
    let rounds = 0;
    for (const [key, each] of this.#itemsOf(value, statement)) {
      rounds++;
      this.#spend(statement);
      const [first, second] = pipe.names;
      if (pipe.assigns) {
        if (first !== undefined) this.#assign(first, second === undefined ? each : key, statement);
        if (second !== undefined) this.#assign(second, each, statement);
      } else if (first !== undefined) {
        (this.#variables[kept - 1] as Variable).value = each;
        if (second !== undefined) (this.#variables[kept - 2] as Variable).value = key;
      }
      const jump = this.walk(each, body);
      this.#variables.length = kept;
      if (jump === 'break') break;
    }
    return rounds === 0 && otherwise ? this.walk(dot, otherwise) : undefined;
  }

  *#itemsOf(value: Value, statement: Extract<Statement, { is: 'if' | 'with' | 'range' }>): Generator<readonly [Value, Value]> {
    if (isNil(value)) return;
    if (isList(value)) {
      for (const [index, each] of value.entries()) yield [int(index), each];
    } else if (isMap(value)) {
      for (const key of sortedKeys(value)) yield [key, value.get(key)];
    } else if (value instanceof GoInt) {
      if (statement.pipe.names.length > 1) this.#fail(statement, `can't use ${print(value)} to iterate over more than one variable`);
      for (let each = 0n; each < value.value; each++) yield [undefined, new GoInt(each, value.type)];
    } else if (isObject(value) && (isMap(value.plain()) || isList(value.plain()))) {
      yield* this.#itemsOf(value.plain(), statement);
    } else this.#fail(statement, `range can't iterate over a value of type ${typeOf(value)}`);
  }

  #template(dot: Value, statement: Extract<Statement, { is: 'template' }>): void {
    const called = this.#program.templates.get(statement.name);
    if (!called) this.#fail(statement, `template ${JSON.stringify(statement.name)} not defined`);
    if (this.#program.depth >= MOST_DEPTH) this.#fail(statement, TOO_DEEP);
    const data = statement.pipe ? this.#pipeline(dot, statement.pipe) : undefined;
    try {
      new Execution({ ...this.#program, depth: this.#program.depth + 1 }, called, data, this.#output).walk(data, called.body);
    } catch (error) {
      throw this.#placed(error, statement);
    }
  }

  // Pipelines

  #pipeline(dot: Value, pipe: Pipe): Value {
    let value: Final = MISSING;
    for (const command of pipe.commands) {
      const given: Value = this.#command(dot, command, value);
      // A nil interface is no value from here on.
      value = given === null ? undefined : given;
    }
    const result = value === MISSING ? undefined : (value as Value);
    for (const name of pipe.names) {
      if (pipe.assigns) this.#assign(name, result, pipe);
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  #assign(name: string, value: Value, node: Operand | Statement): void {
    const variable = this.#variables.findLast((each) => each.name === name);
    if (!variable) this.#fail(node, `undefined variable: ${name}`);
    variable.value = value;
  }

  #command(dot: Value, command: Command, final: Final): Value {
    const [first, ...rest] = command.args;
    if (!first) return undefined;
    this.#spend(first);
    const args: Arguments = { dot, rest, final };
    switch (first.is) {
      case 'field':
        return this.#fields(dot, first.names, first, args);
      case 'chain':
        return this.#fields(this.#operand(dot, first.of), first.names, first, args);
      case 'variable': {
        const value = this.#variables.findLast((each) => each.name === first.name)?.value;
        if (first.names.length > 0) return this.#fields(value, first.names, first, args);
        this.#assertNoArguments(first, args);
        return value;
      }
      case 'function': {
        const found = this.#program.functions.get(first.name);
        if (!found) this.#fail(first, `${JSON.stringify(first.name)} is not a defined function`);
        return this.#call(found, first.name, command, args);
      }
      case 'pipe':
        this.#assertNoArguments(first, args);
        return this.#pipeline(dot, first);
      case 'nil':
        return this.#fail(first, 'nil is not a command');
      default:
        this.#assertNoArguments(first, args);
        return this.#constant(dot, first);
    }
  }

  #assertNoArguments(node: Operand, { rest, final }: Arguments): void {
    if (rest.length > 0 || final !== MISSING) this.#fail(node, `can't give argument to non-function ${expression(node)}`);
  }

  /** An operand whose type nobody asks for. */
  #operand(dot: Value, node: Operand): Value {
    this.#spend(node);
    if (node.is === 'pipe') return this.#pipeline(dot, node);
    if (node.is === 'nil') return null;
    return this.#command(dot, { is: 'command', args: [node], at: node.at }, MISSING);
  }

  #constant(dot: Value, node: Operand): Value {
    switch (node.is) {
      case 'bool':
      case 'string':
        return node.value;
      case 'number':
        return this.#number(node);
      default:
        return dot;
    }
  }

  #number(node: NumberOperand): Value {
    if (node.isFloat || node.int === undefined) return node.float;
    if (BigInt.asIntN(64, node.int) !== node.int) this.#fail(node, `${node.source} overflows int`);
    return int(node.int);
  }

  /** The last of the names may be a method, and then takes the arguments. */
  #fields(receiver: Value, names: readonly string[], node: Operand, args: Arguments): Value {
    let value = receiver;
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      value = this.#field(value, name, node, isLast ? args : { ...args, rest: [], final: MISSING });
    }
    return value;
  }

  #field(receiver: Value, name: string, node: Operand, args: Arguments): Value {
    if (receiver === undefined) return undefined;
    if (receiver === null) return this.#fail(node, `nil pointer evaluating interface {}.${name}`);
    const hasArguments = args.rest.length > 0 || args.final !== MISSING;
    if (isObject(receiver)) {
      const method = receiver.method(name);
      if (method) return this.#call(method, name, node, args);
      const field = receiver.field(name);
      if (field === undefined && receiver.kind !== 'map')
        return this.#fail(node, `can't evaluate field ${name} in type ${receiver.goType}`);
      if (hasArguments) this.#fail(node, `${name} has arguments but cannot be invoked as function`);
      return field ?? null;
    }
    if (isMap(receiver)) {
      if (hasArguments) this.#fail(node, `${name} is not a method but has arguments`);
      return receiver.get(name) ?? (this.#program.missingKey === 'none' && !receiver.has(name) ? undefined : null);
    }
    return this.#fail(node, `can't evaluate field ${name} in type ${typeOf(receiver)}`);
  }

  // Calls

  #call(called: Func, name: string, node: Operand | Command, { dot, rest, final }: Arguments): Value {
    const { params, variadic } = called;
    const given = rest.length + (final === MISSING ? 0 : 1);
    const fixed = variadic ? params.length - 1 : params.length;
    if (variadic ? given < fixed : given !== fixed) {
      this.#fail(node, `wrong number of args for ${name}: want ${variadic ? `at least ${fixed}` : fixed} got ${given}`);
    }
    const paramAt = (index: number): ParamType => params[Math.min(index, params.length - 1)] as ParamType;
    if (name === 'and' || name === 'or') return this.#shortCircuit(name, rest, dot, final);
    const args = rest.map((arg, index) => this.#argument(dot, paramAt(index), arg));
    if (final !== MISSING) args.push(this.#fitting(final, paramAt(args.length), node));
    try {
      const result = called.call(args);
      for (const each of args) this.#charge(each, node);
      this.#charge(result, node);
      return result;
    } catch (error) {
      if (error instanceof CallError) this.#fail(node, `error calling ${name}: ${error.message}`);
      // The stack has ended, or a text is longer than JavaScript can hold.
      if (error instanceof RangeError) this.#fail(node, `error calling ${name}: too deep, or too large`);
      throw this.#placed(error, node);
    }
  }

  /** The first that decides, or the last one. */
  #shortCircuit(name: 'and' | 'or', rest: readonly Operand[], dot: Value, final: Final): Value {
    let value: Value;
    for (const arg of rest) {
      value = this.#operand(dot, arg);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final === MISSING ? value : final;
  }

  #argument(dot: Value, param: ParamType, node: Operand): Value {
    if (node.is === 'nil') {
      if (!NILABLE.has(param)) this.#fail(node, `cannot assign nil to ${param}`);
      return null;
    }
    const wanted = CONSTANTS[param];
    if (wanted && (node.is === 'number' || node.is === 'string' || node.is === 'bool')) {
      if (node.is === 'number' && param === 'float64') return node.float;
      if (node.is === 'number' && node.int !== undefined && (param === 'int' || param === 'int64')) return new GoInt(node.int, param);
      if (node.is !== param) this.#fail(node, `expected ${wanted}; found ${expressionOf(node)}`);
    }
    return this.#fitting(this.#operand(dot, node), param, node);
  }

  #fitting(value: Value, param: ParamType, node: Operand | Command): Value {
    if (isNil(value)) {
      if (NILABLE.has(param)) return value;
      return this.#fail(node, `invalid value; expected ${param}`);
    }
    if (param === 'interface {}' || param === 'reflect.Value') return value;
    const type = typeOf(value);
    if (type === param) return value;
    if (isObject(value) && type.endsWith('Values') && param === 'map[string]interface {}') return value.plain();
    return this.#fail(node, `wrong type for value; expected ${param}; got ${type}`);
  }

  // Bounds and failures

  #spend(node: Operand | Statement): void {
    if (--this.#program.budget.steps < 0) this.#fail(node, 'the template takes too many steps');
  }

  /** What functions read and make costs as well: texts double quickly. */
  #charge(value: Value, node: Operand | Command): void {
    if (typeof value === 'string') this.#program.budget.work -= value.length;
    else if (isList(value)) this.#program.budget.work -= value.length * ITEM;
    if (this.#program.budget.work < 0) this.#fail(node, 'the template makes too much');
  }

  #printed(value: Value, node: Statement): string {
    try {
      return print(value);
    } catch (error) {
      if (error instanceof CallError) this.#fail(node, `the value cannot be printed: ${error.message}`);
      throw error;
    }
  }

  #write(text: string, node: Statement): void {
    this.#program.budget.characters -= text.length;
    if (this.#program.budget.characters < 0) this.#fail(node, 'the template writes too much');
    this.#output.push(text);
  }

  #fail(node: Operand | Command | Statement, reason: string): never {
    throw new TemplateError(reason, [placeOf(this.#definition, node)]);
  }

  /** The same failure, seen from here. */
  #placed(error: unknown, node: Operand | Command | Statement): unknown {
    if (!(error instanceof TemplateError)) return error;
    return new TemplateError(error.reason, [...error.places, placeOf(this.#definition, node)], error.cause);
  }
}

interface Arguments {
  readonly dot: Value;
  readonly rest: readonly Operand[];
  readonly final: Final;
}

/** What a constant must be for a parameter, in Go's words. */
const CONSTANTS: Readonly<Partial<Record<ParamType, string>>> = {
  string: 'string',
  bool: 'bool',
  int: 'integer',
  int64: 'integer',
  float64: 'float',
};

const NILABLE: ReadonlySet<ParamType> = new Set(['interface {}', 'map[string]interface {}', '[]interface {}', '[]string', 'reflect.Value']);

const expression = (node: Operand): string => ('source' in node ? node.source : node.is === 'variable' ? node.name : node.is);
