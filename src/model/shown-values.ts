import { isBody } from './body.ts';
import type { Values } from './install.ts';

export const HIDDEN = '(hidden)';

/** Values of charts without what nobody may read over a shoulder: private keys, passwords and tokens. */
export function shownValues(values: Values): Values {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, shown(value, key)]));
}

function shown(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value.map((item) => shown(item, key));
  if (isBody(value)) return shownValues(value);
  return typeof value === 'string' && value !== '' && isSecret(value, key) ? HIDDEN : value;
}

/** Charts name the Secrets that they read a password from `passwordSecret`, `tokenSecretName` and the like: these are not secret. */
const isSecret = (value: string, key: string): boolean =>
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(value) || /(?:password|passwd|token|private_?key|keyPEM)$/i.test(key);
