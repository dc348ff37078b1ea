/** Encodings, hashes and random texts, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['b64enc "héllo"', 'aMOpbGxv'],
  ['b64dec "aMOpbGxv"', 'héllo'],
  ['b64dec "%%%"', 'illegal base64 data at input byte 0'],
  ['b64enc (b64dec "//79")', '//79'],
  ['b32enc "hello"', 'NBSWY3DP'],
  ['b32dec "NBSWY3DP"', 'hello'],
  ['b32dec "a"', 'illegal base32 data at input byte 0'],
  ['sha1sum "a"', '86f7e437faa5a7fce15d1ddcb9eaeaea377667b8'],
  ['sha256sum "é"', '4a99557e4033c3539de2eb65472017cad5f9557f7a0625a09f1c3f6e2ba69c4c'],
  [
    'sha512sum "a"',
    '1f40fc92da241694750979ee6cf582f2d5d7d28e18335de05abc54d0560e0f5302860c652bf08d560252aa5e74210546f369fbbbce8c12cfc7957b2652fe9a75',
  ],
  ['adler32sum "hello"', '103547413'],
  ['randAlphaNum 5 | len', '5'],
  ['randAlpha 0', ''],
  ['randNumeric 3 | len', '3'],
  ['randAscii 4 | len', '4'],
  ['randBytes 3 | len', '4'],
  ['uuidv4 | len', '36'],
  ['randInt 3 4', '3'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['randInt 4 3', 'error calling randInt: invalid argument to Intn'],
];

describe('encodings, hashes and random texts', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
