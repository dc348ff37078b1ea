/**
 * Manifests are foreign text: an escape sequence in one must not reach the terminal, and a
 * direction override must not show code in another order than it has (CVE-2021-42574).
 */

/** Controls other than tab, DEL, C1 controls, bidirectional controls, line and paragraph separators. */
const UNSAFE = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Puts one visible character in the place of each unsafe one, so that columns stay true. */
export function printable(text: string): string {
  return text.replace(UNSAFE, (char) => (char < ' ' ? String.fromCharCode(0x2400 + char.charCodeAt(0)) : '\ufffd'));
}

/** Like `printable`, on a single line: runs of blanks and newlines become one blank. */
export function printableLine(text: string): string {
  return printable(text.replace(/\s+/g, ' ').trim());
}
