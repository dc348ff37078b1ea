import { stringAt } from '../../model/body.ts';
import type { Body } from '../../model/resource.ts';

/** Istiod refuses bodies above the one, and warns of those above the other. */
export const MOST_BYTES = 1024 * 1024;
export const SMALL_BYTES = 100 * 1024;

/** The size of what a direct response answers with. */
export function bodyBytes(response: Body): number {
  const text = stringAt(response, 'body', 'string');
  if (text !== undefined) return new TextEncoder().encode(text).length;
  const base64 = (stringAt(response, 'body', 'bytes') ?? '').replace(/=+$/, '');
  return Math.floor((base64.length * 3) / 4);
}
