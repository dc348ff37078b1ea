import { createHash } from 'node:crypto';
import { MeshctlError } from '../errors.ts';

/** @returns `sha256:` and 64 hexadecimal digits */
export const digestOf = (data: Uint8Array, algorithm = 'sha256'): string =>
  `${algorithm}:${createHash(algorithm).update(data).digest('hex')}`;

/**
 * @param what was downloaded, at the beginning of a sentence
 * @param announced as `sha256:…` or `sha512:…`
 * @throws MeshctlError E_CHART_DIGEST
 */
export function assertDigest(what: string, announced: string, data: Uint8Array): void {
  const [, algorithm] = /^(sha256|sha512):[0-9a-f]+$/.exec(announced) ?? [];
  if (algorithm === undefined) {
    throw new MeshctlError('E_CHART_DIGEST', `${what} cannot be verified: "${announced}" is no digest that meshctl knows.`, {
      hint: 'Digests begin with "sha256:" or "sha512:".',
    });
  }
  const found = digestOf(data, algorithm);
  if (found === announced) return;
  throw new MeshctlError(
    'E_CHART_DIGEST',
    `${what} is not what it should be: its digest is "${found}", and "${announced}" was announced.`,
    {
      hint: 'Something on the way changed it, or the repository is inconsistent. Nothing of it was used.',
    },
  );
}
