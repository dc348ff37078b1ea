/** Keys and passwords, as Helm 4 prints them. */
import { describe, expect, it } from 'vitest';
import { evaluated, refusalOf } from '../charts.ts';

const PRINTED: readonly (readonly [expression: string, printed: string])[] = [
  ['bcrypt "a" | hasPrefix "$2a$10$"', 'true'],
  ['htpasswd "u" "p" | hasPrefix "u:$2a$10$"', 'true'],
  ['htpasswd "u:x" "p"', 'invalid username: u:x'],
  ['derivePassword 1 "long" "password" "user" "example.com"', 'ZedaFaxcZaso9*'],
  ['derivePassword 1 "maximum" "password" "user" "example.com"', 'pf4zS1LjCg&LjhsZ7T2~'],
  ['derivePassword 1 "none" "password" "user" "example.com"', 'cannot find password template none'],
  ['genPrivateKey "rsa" | trunc 31', '-----BEGIN RSA PRIVATE KEY-----'],
  ['genPrivateKey "ed25519" | trunc 27', '-----BEGIN PRIVATE KEY-----'],
  ['genPrivateKey "ecdsa" | trunc 30', '-----BEGIN EC PRIVATE KEY-----'],
  ['genPrivateKey "x"', 'Unknown type x'],
  ['encryptAES "k" "secret" | decryptAES "k"', 'secret'],
];

const REFUSED: readonly (readonly [expression: string, reason: string])[] = [
  ['decryptAES "k" "!"', 'error calling decryptAES: the text is not encrypted by encryptAES'],
  ['buildCustomCert "a" "b"', 'error calling buildCustomCert: unable to decode certificate'],
];

describe('keys and passwords', () => {
  it.each(PRINTED)('%s', (expression, printed) => expect(evaluated(expression)).toBe(printed));

  it.each(REFUSED)('%s fails', (expression, reason) => expect(refusalOf(expression)).toBe(reason));
});
