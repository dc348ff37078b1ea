/** Unified diffs of files, for commands that show what they change. */
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { holdsPrivateKey } from '../text/private-key.ts';

/** @returns nothing when there are no hunks */
export function sourceDiff(names: { readonly before: string; readonly after: string }, hunks: readonly string[], style: Style): string {
  if (hunks.length === 0) return '';
  const lines = [style.bold(`--- ${names.before}`), style.bold(`+++ ${names.after}`), ...hunks.map((line) => diffLine(line, style))];
  return lines.map((line) => `${line}\n`).join('');
}

/** Lines to show around a change. Around one near a Secret or a key may stand what is nobody's business. */
export function contextFor(text: string): number {
  return /kind["']?\s*:\s*["']?Secret\b/.test(text) || holdsPrivateKey(text) ? 0 : 3;
}

function diffLine(line: string, style: Style): string {
  const text = printable(line);
  if (text.startsWith('@@')) return style.path(text);
  if (text.startsWith('+')) return style.added(text);
  return text.startsWith('-') ? style.removed(text) : text;
}
