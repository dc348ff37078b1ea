/** Keys, certificates and passwords that charts make for themselves. */
import { createCipheriv, createDecipheriv, createHmac, createPrivateKey, generateKeyPairSync, randomBytes, scryptSync } from 'node:crypto';
import bcrypt from 'bcryptjs';
import forge from 'node-forge';
import { func } from '../builtins.ts';
import { CallError } from '../failure.ts';
import { type Func, type GoInt, type GoList, type GoMap, type GoObject, isNil, isObject, type Value } from '../value.ts';

const S = 'string' as const;
const A = 'interface {}' as const;
const I = 'int' as const;
const L = '[]interface {}' as const;

interface Pair {
  readonly certificate: string;
  readonly key: string;
}

function pairValue({ certificate, key }: Pair): GoObject {
  const fields: GoMap = new Map([
    ['Cert', certificate],
    ['Key', key],
  ]);
  const text = (): string => `{${certificate} ${key}}`;
  return {
    goType: 'sprig.certificate',
    kind: 'struct',
    field: (name) => fields.get(name),
    method: () => undefined,
    text,
    isTrue: () => true,
    plain: () => fields,
  };
}

function pairOf(value: Value): Pair {
  const [certificate, key] = isObject(value) ? [value.field('Cert'), value.field('Key')] : [];
  if (typeof certificate !== 'string' || typeof key !== 'string') throw new CallError('wrong type for value; expected sprig.certificate');
  return { certificate, key };
}

const RSA_BITS = 2048;

const newKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;

interface Request {
  readonly commonName: string;
  readonly addresses: readonly string[];
  readonly names: readonly string[];
  readonly days: number;
  readonly isCa: boolean;
  readonly key: string;
  /** Self-signed when absent. */
  readonly issuer?: Pair;
}

const DAY_MS = 86_400_000;

function issued({ commonName, addresses, names, days, isCa, key, issuer }: Request): GoObject {
  const certificate = forge.pki.createCertificate();
  const own = privateKey(key);
  certificate.publicKey = forge.pki.setRsaPublicKey(own.n, own.e);
  certificate.serialNumber = `00${randomBytes(16).toString('hex')}`;
  certificate.validity.notBefore = new Date();
  certificate.validity.notAfter = new Date(Date.now() + days * DAY_MS);
  const subject = [{ name: 'commonName', value: commonName }];
  certificate.setSubject(subject);
  const signer = issuer ? forge.pki.certificateFromPem(issuer.certificate) : undefined;
  certificate.setIssuer(signer ? signer.subject.attributes : subject);
  const alternatives = [...names.map((value) => ({ type: 2, value })), ...addresses.map((ip) => ({ type: 7, ip }))];
  certificate.setExtensions([
    { name: 'keyUsage', critical: true, digitalSignature: true, keyEncipherment: true, keyCertSign: isCa },
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    { name: 'basicConstraints', critical: true, cA: isCa },
    { name: 'subjectKeyIdentifier' },
    ...(alternatives.length > 0 ? [{ name: 'subjectAltName', altNames: alternatives }] : []),
  ]);
  certificate.sign(issuer ? privateKey(issuer.key) : own, forge.md.sha256.create());
  return pairValue({ certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key });
}

/** @throws CallError for what is no RSA key in PEM form */
function privateKey(pem: string): forge.pki.rsa.PrivateKey {
  try {
    const key = createPrivateKey(pem);
    return forge.pki.privateKeyFromPem(key.export({ type: 'pkcs1', format: 'pem' }) as string);
  } catch {
    throw new CallError('the private key is no RSA key in PEM form');
  }
}

const textsOf = (list: GoList | null): readonly string[] => (list ?? []).filter((each) => !isNil(each)).map(String);

type Given = readonly [name: string, addresses: GoList | null, names: GoList | null, days: GoInt];

const requestOf = ([commonName, addresses, names, days]: Given): Omit<Request, 'isCa' | 'key'> => ({
  commonName,
  addresses: textsOf(addresses),
  names: textsOf(names),
  days: Number(days.value),
});

const authority = (commonName: string, days: GoInt, key: string): GoObject =>
  issued({ commonName, addresses: [], names: [], days: Number(days.value), isCa: true, key });

const KEYS: Readonly<Record<string, () => string>> = {
  '': () => generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  rsa: () => generateKeyPairSync('rsa', { modulusLength: 4096 }).privateKey.export({ type: 'pkcs1', format: 'pem' }) as string,
  ecdsa: () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' }).privateKey.export({ type: 'sec1', format: 'pem' }) as string,
  ed25519: () => generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
};

const fromBase64 = (text: string, what: string): string => {
  const decoded = Buffer.from(text, 'base64').toString();
  if (!decoded.includes('-----BEGIN')) throw new CallError(`unable to decode ${what}`);
  return decoded;
};

const aesKey = (password: string): Buffer => Buffer.alloc(32, 0).fill(password.slice(0, 32), 0, Math.min(password.length, 32));

function encryptAes(password: string, text: string): string {
  if (text === '') return '';
  const vector = randomBytes(16);
  const cipher = createCipheriv('aes-256-cbc', aesKey(password), vector);
  return Buffer.concat([vector, cipher.update(text), cipher.final()]).toString('base64');
}

function decryptAes(password: string, encrypted: string): string {
  if (encrypted === '') return '';
  const bytes = Buffer.from(encrypted, 'base64');
  if (bytes.length < 32) throw new CallError('the text is not encrypted by encryptAES');
  const decipher = createDecipheriv('aes-256-cbc', aesKey(password), bytes.subarray(0, 16));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString();
  } catch {
    throw new CallError('the text cannot be decrypted with this password');
  }
}

const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  maximum: ['anoxxxxxxxxxxxxxxxxx', 'axxxxxxxxxxxxxxxxxno'],
  long: [
    'CvcvnoCvcvCvcv',
    'CvcvCvcvnoCvcv',
    'CvcvCvcvCvcvno',
    'CvccnoCvcvCvcv',
    'CvccCvcvnoCvcv',
    'CvccCvcvCvcvno',
    'CvcvnoCvccCvcv',
    'CvcvCvccnoCvcv',
    'CvcvCvccCvcvno',
    'CvcvnoCvcvCvcc',
    'CvcvCvcvnoCvcc',
    'CvcvCvcvCvccno',
    'CvccnoCvccCvcv',
    'CvccCvccnoCvcv',
    'CvccCvccCvcvno',
    'CvcvnoCvccCvcc',
    'CvcvCvccnoCvcc',
    'CvcvCvccCvccno',
    'CvccnoCvcvCvcc',
    'CvccCvcvnoCvcc',
    'CvccCvcvCvccno',
  ],
  medium: ['CvcnoCvc', 'CvcCvcno'],
  short: ['Cvcn'],
  basic: ['aaanaaan', 'aannaaan', 'aaannaaa'],
  pin: ['nnnn'],
};

const CHARACTERS: Readonly<Record<string, string>> = {
  V: 'AEIOU',
  C: 'BCDFGHJKLMNPQRSTVWXYZ',
  v: 'aeiou',
  c: 'bcdfghjklmnpqrstvwxyz',
  A: 'AEIOUBCDFGHJKLMNPQRSTVWXYZ',
  a: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz',
  n: '0123456789',
  o: "@&%?,=[]_:-+*$#!'^~;()/.",
  x: 'AEIOUaeiouBCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz0123456789!@#$%^&*()',
};

/** @see https://spectre.app/spectre-algorithm.pdf */
function derivePassword(counter: GoInt, type: string, password: string, user: string, site: string): string {
  const templates = TEMPLATES[type];
  if (!templates) return `cannot find password template ${type}`;
  const scope = Buffer.from('com.lyndir.masterpassword');
  const framed = (text: string): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(Buffer.byteLength(text));
    return Buffer.concat([length, Buffer.from(text)]);
  };
  const key = scryptSync(password, Buffer.concat([scope, framed(user)]), 64, { N: 32_768, r: 8, p: 2, maxmem: 128 * 1024 * 1024 });
  const count = Buffer.alloc(4);
  count.writeUInt32BE(Number(BigInt.asUintN(32, counter.value)));
  const seed = createHmac('sha256', key)
    .update(Buffer.concat([scope, framed(site), count]))
    .digest();
  const template = templates[(seed[0] ?? 0) % templates.length] ?? '';
  return [...template]
    .map((element, index) => {
      const choice = CHARACTERS[element] ?? '';
      return choice[(seed[index + 1] ?? 0) % choice.length];
    })
    .join('');
}

/** Go writes the older of two names for the same hash. */
const bcrypted = (text: string): string => bcrypt.hashSync(text, 10).replace(/^\$2b/, '$2a');

export const secretFunctions: Readonly<Record<string, Func>> = {
  genPrivateKey: func([S], (type: string) => KEYS[type]?.() ?? `Unknown type ${type}`),
  genCA: func([S, I], (name: string, days: GoInt) => authority(name, days, newKey())),
  genCAWithKey: func([S, I, S], (name: string, days: GoInt, key: string) => authority(name, days, key)),
  genSelfSignedCert: func([S, L, L, I], (...given: Given) => issued({ ...requestOf(given), isCa: false, key: newKey() })),
  genSelfSignedCertWithKey: func(
    [S, L, L, I, S],
    (name: string, addresses: GoList | null, names: GoList | null, days: GoInt, key: string) =>
      issued({ ...requestOf([name, addresses, names, days]), isCa: false, key }),
  ),
  genSignedCert: func([S, L, L, I, A], (name: string, addresses: GoList | null, names: GoList | null, days: GoInt, ca: Value) =>
    issued({ ...requestOf([name, addresses, names, days]), isCa: false, key: newKey(), issuer: pairOf(ca) }),
  ),
  genSignedCertWithKey: func(
    [S, L, L, I, A, S],
    (name: string, addresses: GoList | null, names: GoList | null, days: GoInt, ca: Value, key: string) =>
      issued({ ...requestOf([name, addresses, names, days]), isCa: false, key, issuer: pairOf(ca) }),
  ),
  buildCustomCert: func([S, S], (certificate: string, key: string) =>
    pairValue({ certificate: fromBase64(certificate, 'certificate'), key: fromBase64(key, 'private key') }),
  ),
  bcrypt: func([S], bcrypted),
  htpasswd: func([S, S], (user: string, password: string) =>
    user.includes(':') ? `invalid username: ${user}` : `${user}:${bcrypted(password)}`,
  ),
  derivePassword: func([I, S, S, S, S], derivePassword),
  encryptAES: func([S, S], encryptAes),
  decryptAES: func([S, S], decryptAes),
};
