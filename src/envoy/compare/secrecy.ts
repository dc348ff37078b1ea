/** What a proxy is configured with may hold keys and tokens. They are compared, as far as they are shown, and never told. */
import { isBody } from '../../model/body.ts';

export const HIDDEN = '(hidden)';

/** Fields that hold secrets, those that Envoy marks as such first. */
const SECRET =
  /^(?:privateKey|privateKeyProvider|password|pkcs12|secretData|secretAccessKey|sessionToken|sessionTicketKeys|authPassword|downstreamAuthPasswords?|credentials|credentialsDataSource|webIdentityTokenDataSource|users|backendToken|accessToken|token|clientSecret|hmacSecret|genericSecret)$/;

/** Names of headers and variables whose values are secrets. */
const SECRET_NAME = /authori[sz]ation|cookie|token|secret|passw|credential|api[-_]?key|private[-_]?key/i;

export const isSecretField = (field: string): boolean =>
  SECRET.test(field.replace(/_([a-z0-9])/g, (_all, letter: string) => letter.toUpperCase()));

/** A value next to a name, as headers and metadata of calls are. */
function namesSecret(value: Readonly<Record<string, unknown>>): boolean {
  return ['key', 'name', 'headerName'].some((field) => typeof value[field] === 'string' && SECRET_NAME.test(value[field]));
}

/** Values beside such a name. */
const BESIDE = /^(?:value|rawValue|stringValue|exact|stringMatch)$/;

export const isSecretBeside = (field: string, owner: Readonly<Record<string, unknown>>): boolean =>
  BESIDE.test(field) && namesSecret(owner);

/** What proxies and control planes write in place of a secret, as text and as bytes. */
const REDACTED = new Set(['[redacted]', 'W3JlZGFjdGVkXQ==', '<Redacted>']);

const isRedacted = (value: unknown): boolean => typeof value === 'string' && REDACTED.has(value);

/** Whether one of the values below is there in name only. */
export function holdsRedacted(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return isRedacted(value);
  return Object.values(value).some(holdsRedacted);
}

const KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;

/** base64 of `-----BEGIN`, as bytes are written. */
const isKey = (text: string): boolean => KEY_BLOCK.test(text) || (text.startsWith('LS0tLS1CRUdJTi') && KEY_BLOCK.test(decoded(text)));

function decoded(text: string): string {
  try {
    return atob(text);
  } catch {
    return '';
  }
}

/** The value without any secrets. @param field whose value it is */
export function hidden(value: unknown, field = ''): unknown {
  if (isSecretField(field)) return HIDDEN;
  if (typeof value === 'string') return isKey(value) ? HIDDEN : value;
  if (Array.isArray(value)) return value.map((item) => hidden(item));
  if (!isBody(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, isSecretBeside(key, value) ? HIDDEN : hidden(inner, key)]);
  return Object.fromEntries(entries);
}
