/**
 * The `--set` family of flags with Helm's syntax: `a.b=1,l[0].c={x,y}`; a backslash takes the next character as it is,
 * `null` takes a default away.
 * @see https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set
 */
import { MeshctlError } from '../../errors.ts';
import { mergeMaps } from '../chart/values.ts';
import { fromPlain, type GoMap, int64, isList, isMap, isNil, typeOf, type Value } from '../value.ts';
import { jsonEnd } from './json-end.ts';

export type SetFlag = 'set' | 'set-string' | 'set-json' | 'set-file' | 'set-literal';

/** Helm's own bounds. */
const MOST_INDEX = 65_536;
const MOST_LEVELS = 30;

/**
 * @param values are laid under what the flag says, and stay as they are
 * @param text of one flag: `a=1,b.c=2`
 * @param readFile gives what `--set-file` takes for a path
 * @returns values with what the flag says; whole numbers are int64, as with Helm, and not floats as in files
 * @throws MeshctlError E_SET, which names the flag and the place
 */
export function setValue(values: GoMap, flag: SetFlag, text: string, readFile: (path: string) => string = noFile): GoMap {
  const trimmed = text.trim();
  if (flag === 'set-json' && trimmed.startsWith('{')) return mergeMaps(values, objectFrom(trimmed, text));
  return new Setter(flag, text, readFile).run(values);
}

function noFile(path: string): string {
  throw new MeshctlError('E_SET', `The file "${path}" cannot be read here.`);
}

function objectFrom(json: string, text: string): GoMap {
  try {
    return fromJson(json) as GoMap;
  } catch (error) {
    throw new MeshctlError('E_SET', `--set-json "${text}" is no JSON object: ${messageOf(error)}.`, { cause: error });
  }
}

/** Deep enough for any values; the stack ends much later. */
const MOST_NESTING = 250;

function fromJson(json: string): Value {
  let [depth, most] = [0, 0];
  for (const char of json.replace(/"(?:[^"\\]|\\.)*"/gs, '')) {
    if (char === '[' || char === '{') most = Math.max(most, ++depth);
    if (char === ']' || char === '}') depth--;
  }
  if (most > MOST_NESTING) throw new Error(`it is nested more than ${MOST_NESTING} levels deep`);
  return fromPlain(JSON.parse(json));
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/\.$/, '') : String(error));

/** From the root: names, and indexes of lists. */
type Path = readonly (string | number)[];

class Setter {
  readonly #flag: SetFlag;
  readonly #text: string;
  readonly #readFile: (path: string) => string;
  #at = 0;

  constructor(flag: SetFlag, text: string, readFile: (path: string) => string) {
    this.#flag = flag;
    this.#text = text;
    this.#readFile = readFile;
  }

  run(values: GoMap): GoMap {
    let result: Value = values;
    while (this.#at < this.#text.length) {
      const start = this.#at;
      const path = this.#path();
      const value = this.#value();
      result = this.#placed(result, path, value, start);
    }
    return result as GoMap;
  }

  #path(): Path {
    const start = this.#at;
    const path: (string | number)[] = [];
    for (let levels = 1; levels <= MOST_LEVELS + 1; levels++) {
      const { word, end } = this.#word(this.#flag === 'set-literal' ? '=[.' : '=[.,');
      if (word === '' && (end === '=' || end === '.' || end === '[')) this.#fail(start, 'a key has no name');
      path.push(word);
      let next = end;
      while (next === '[') {
        path.push(this.#index());
        if (path.length > 2 * MOST_LEVELS) this.#fail(start, `the key has more than ${MOST_LEVELS} levels`);
        next = this.#text[this.#at++];
        if (next !== undefined && !'[.='.includes(next)) this.#fail(this.#at - 1, `"${next}" stands behind an index`);
      }
      if (next === '=') return path;
      if (next !== '.') this.#fail(start, `the key "${this.#text.slice(start, this.#at).replace(/,$/, '')}" has no value`);
    }
    return this.#fail(start, `the key has more than ${MOST_LEVELS} levels`);
  }

  #index(): number {
    const start = this.#at;
    const { word, end } = this.#word(']');
    if (end === undefined) this.#fail(start, 'the index has no "]"');
    if (!/^[+-]?\d+$/.test(word)) this.#fail(start, `the index "${word}" is no number`);
    const index = Number(word);
    if (index < 0) this.#fail(start, `the index ${word} is negative`);
    if (index > MOST_INDEX) this.#fail(start, `the index ${word} is greater than ${MOST_INDEX}`);
    return index;
  }

  #value(): Value {
    if (this.#flag === 'set-literal') {
      const rest = this.#text.slice(this.#at);
      this.#at = this.#text.length;
      return rest;
    }
    if (this.#flag === 'set-json') return this.#json();
    if (this.#text[this.#at] !== '{') return this.#converted(this.#word(',').word);
    const start = this.#at++;
    const items: Value[] = [];
    for (;;) {
      const { word, end } = this.#word(',}');
      if (end === undefined) this.#fail(start, 'the list has no "}"');
      items.push(this.#converted(word));
      if (end === '}') break;
    }
    if (this.#text[this.#at] === ',') this.#at++;
    return items;
  }

  #json(): Value {
    if (this.#endsHere()) return null;
    const start = this.#at;
    this.#at = jsonEnd(this.#text, start);
    try {
      return fromJson(this.#text.slice(start, this.#at));
    } catch (error) {
      return this.#fail(start, `the value is no JSON: ${messageOf(error)}`);
    } finally {
      this.#endsHere();
    }
  }

  /** Passes over spaces and one comma; true when the value ends with them. */
  #endsHere(): boolean {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++;
    if (this.#at >= this.#text.length) return true;
    if (this.#text[this.#at] !== ',') return false;
    this.#at++;
    return true;
  }

  #converted(word: string): Value {
    if (this.#flag === 'set-file') return this.#readFile(word);
    return this.#flag === 'set-string' ? word : typedValue(word);
  }

  /** Up to one of the characters, which is taken as well; undefined for the end of the text. */
  #word(stops: string): { readonly word: string; readonly end: string | undefined } {
    let word = '';
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at++] as string;
      if (stops.includes(char)) return { word, end: char };
      if (char !== '\\' || this.#flag === 'set-literal') word += char;
      else word += this.#text[this.#at++] ?? '';
    }
    return { word, end: undefined };
  }

  /** @param isItem what is there is an item of a list, which gives way to a mapping */
  #placed(under: Value, path: Path, value: Value, at: number, isItem = false): Value {
    const [step, ...rest] = path;
    if (step === undefined) return value;
    if (typeof step === 'string') {
      if (!isNil(under) && !isMap(under) && !isItem) this.#fail(at, `"${step}" is set in what is no mapping but ${typeOf(under)}`);
      const map: GoMap = isMap(under) ? new Map(under) : new Map();
      return map.set(step, this.#placed(map.get(step), rest, value, at));
    }
    if (!isNil(under) && !isList(under)) this.#fail(at, `[${step}] is set in what is no list but ${typeOf(under)}`);
    const list: Value[] = isList(under) ? [...under] : [];
    while (list.length < step) list.push(null);
    list[step] = this.#placed(list[step], rest, value, at, true);
    return list;
  }

  #fail(at: number, reason: string): never {
    throw new MeshctlError('E_SET', `--${this.#flag} "${this.#text}": ${reason}, at character ${at + 1}.`, {
      hint: 'The form is a.b=1,list[0]=x,list={x,y}; a backslash takes the next character as it is.',
    });
  }
}

const MOST = (1n << 63n) - 1n;

/** Helm's types: a number with a leading zero is text, and so is one with a point. */
function typedValue(word: string): Value {
  const lower = word.toLowerCase();
  if (lower === 'true' || lower === 'false') return lower === 'true';
  if (lower === 'null') return null;
  if (word === '0') return int64(0);
  if (!/^(?:[1-9]|[+-]\d)\d*$/.test(word)) return word;
  const value = BigInt(word.replace('+', ''));
  return value > MOST || value < -MOST - 1n ? word : int64(value);
}
