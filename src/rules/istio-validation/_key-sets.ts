/** JSON Web Key Sets. @see https://www.rfc-editor.org/rfc/rfc7517 */
import { isBody, listAt, stringAt } from '../../model/body.ts';
import { jsonValue } from '../../text/json-value.ts';

const TYPES: ReadonlySet<string> = new Set(['RSA', 'EC', 'OKP', 'oct']);

/** What keeps a text from being a set of keys, or a single key. */
export function keySetProblem(text: string): string | undefined {
  const value = jsonValue(text);
  if (!isBody(value)) return 'it is no JSON object';
  const type = keysOf(value)
    .map((key) => stringAt(key, 'kty'))
    .find((each) => !TYPES.has(each ?? ''));
  if (keysOf(value).every((key) => TYPES.has(stringAt(key, 'kty') ?? ''))) return undefined;
  return type === undefined ? 'a key has no type ("kty")' : `"${type}" is no type of keys`;
}

/** Indexes of keys that can sign. */
export function privateKeys(text: string): readonly number[] {
  return keysOf(jsonValue(text)).flatMap((key, index) => (isBody(key) && ('d' in key || stringAt(key, 'kty') === 'oct') ? [index] : []));
}

function keysOf(value: unknown): readonly unknown[] {
  return isBody(value) && 'keys' in value ? listAt(value, 'keys') : [value];
}
