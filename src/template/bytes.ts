/**
 * Go's strings are bytes, and may be no text at all, as what `b64dec` makes of a keystore. Bytes that are no UTF-8 are
 * kept as lone surrogates, so that they come out as they went in.
 */

const ESCAPE = 0xdc00;

/** True for texts whose characters are bytes. */
export const isAscii = (text: string): boolean => /^[\0-\x7f]*$/.test(text);

export function bytesOf(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text);
  const parts = [...text].map((char) => {
    const code = char.codePointAt(0) ?? 0;
    return code >= ESCAPE + 0x80 && code <= ESCAPE + 0xff ? Buffer.from([code - ESCAPE]) : Buffer.from(char);
  });
  return Buffer.concat(parts);
}

export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return escaped(bytes);
  }
}

const SEQUENCE = [
  /^[\xc2-\xdf][\x80-\xbf]/,
  /^(?:\xe0[\xa0-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]|\xed[\x80-\x9f])[\x80-\xbf]/,
  /^(?:\xf0[\x90-\xbf]|[\xf1-\xf3][\x80-\xbf]|\xf4[\x80-\x8f])[\x80-\xbf]{2}/,
];

function escaped(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at] ?? 0;
    const near = Buffer.from(bytes.subarray(at, at + 4)).toString('latin1');
    const length = first < 0x80 ? 1 : (SEQUENCE.map((pattern) => pattern.exec(near)?.[0].length).find((found) => found !== undefined) ?? 0);
    text += length === 0 ? String.fromCharCode(ESCAPE + first) : Buffer.from(bytes.subarray(at, at + length)).toString();
    at += Math.max(length, 1);
  }
  return text;
}

/** `%C3%A9`, byte by byte. @param kept characters that stay */
export const percentEncoded = (text: string, kept: RegExp): string =>
  [...bytesOf(text)]
    .map((byte) => {
      const char = String.fromCharCode(byte);
      return byte < 0x80 && kept.test(char) ? char : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** A part by bytes. */
export const sliceBytes = (text: string, from: number, to?: number): string =>
  isAscii(text) ? text.slice(from, to) : textOf(bytesOf(text).subarray(from, to));

export const byteLength = (text: string): number => (isAscii(text) ? text.length : bytesOf(text).length);
