/** Packed bytes, recognised by how they begin. */
import { gunzipSync } from 'node:zlib';

export const isGzip = (bytes: Uint8Array): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * @param mostBytes what it may unpack to
 * @returns `too-large` for more than that, `damaged` for what cannot be unpacked
 */
export function unpacked(bytes: Uint8Array, mostBytes: number): Uint8Array | 'too-large' | 'damaged' {
  try {
    return gunzipSync(bytes, { maxOutputLength: mostBytes });
  } catch (error) {
    return (error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'damaged';
  }
}
