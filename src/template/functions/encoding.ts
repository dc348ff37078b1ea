import { createHash, randomBytes, randomInt, randomUUID } from 'node:crypto';
import { func } from '../builtins.ts';
import { bytesOf, textOf } from '../bytes.ts';
import { CallError } from '../failure.ts';
import type { Func, GoInt } from '../value.ts';
import { int } from '../value.ts';

const S = 'string' as const;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** As Go decodes: line breaks are passed over, everything else must be right. */
function fromBase64(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Za-z0-9+/=]|=(?=[^=])|={3,}/.exec(clean);
  if (bad || clean.length % 4 !== 0) return `illegal base64 data at input byte ${bad ? bad.index : clean.length - (clean.length % 4)}`;
  return textOf(Buffer.from(clean, 'base64'));
}

function toBase32(text: string): string {
  const bits = [...bytesOf(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const digits = (bits.match(/.{1,5}/g) ?? []).map((group) => ALPHABET[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

function fromBase32(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  const bad = /[^A-Z2-7=]|=(?=[^=])/.exec(clean);
  if (bad || clean.length % 8 !== 0) return `illegal base32 data at input byte ${bad ? bad.index : clean.length - (clean.length % 8)}`;
  const bits = [...clean.replace(/=+$/, '')].map((char) => ALPHABET.indexOf(char).toString(2).padStart(5, '0')).join('');
  return textOf(Uint8Array.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))));
}

const hashed = (algorithm: string): Func => func([S], (text: string) => createHash(algorithm).update(bytesOf(text)).digest('hex'));

function adler32(text: string): string {
  let [low, high] = [1, 0];
  for (const byte of bytesOf(text)) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return String((high * 65536 + low) >>> 0);
}

const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const PRINTABLE = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
const MOST_RANDOM = 1_000_000n;

const random = (alphabet: string): Func =>
  func(['int'], ({ value: count }: GoInt) => {
    if (count < 0n || count > MOST_RANDOM) throw new CallError(`a random text of ${count} characters is asked for`);
    return Array.from({ length: Number(count) }, () => alphabet[randomInt(alphabet.length)]).join('');
  });

export const encodingFunctions: Readonly<Record<string, Func>> = {
  b64enc: func([S], (text: string) => Buffer.from(bytesOf(text)).toString('base64')),
  b64dec: func([S], fromBase64),
  b32enc: func([S], toBase32),
  b32dec: func([S], fromBase32),
  sha1sum: hashed('sha1'),
  sha256sum: hashed('sha256'),
  sha512sum: hashed('sha512'),
  adler32sum: func([S], adler32),
  uuidv4: func([], () => randomUUID()),
  randAlphaNum: random(LETTERS + DIGITS),
  randAlpha: random(LETTERS),
  randNumeric: random(DIGITS),
  randAscii: random(PRINTABLE),
  randBytes: func(['int'], ({ value: count }: GoInt) => {
    if (count < 0n || count > MOST_RANDOM) throw new CallError(`${count} random bytes are asked for`);
    return randomBytes(Number(count)).toString('base64');
  }),
  randInt: func(['int', 'int'], ({ value: least }: GoInt, { value: most }: GoInt) => {
    if (most <= least) throw new CallError('invalid argument to Intn');
    // Eight bytes more than the range needs keep the numbers evenly likely.
    return int((BigInt(`0x${randomBytes(16).toString('hex')}`) % (most - least)) + least);
  }),
  shuffle: func([S], (text: string) => {
    const chars = [...text];
    for (let index = chars.length - 1; index > 0; index--) {
      const other = randomInt(index + 1);
      [chars[index], chars[other]] = [chars[other] as string, chars[index] as string];
    }
    return chars.join('');
  }),
};
