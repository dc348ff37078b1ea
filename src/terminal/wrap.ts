import { visibleWidth } from './width.ts';

/**
 * Breaks a text at blanks so that no line is wider than `width`. A word is never cut, however long.
 * @param width undefined: no terminal, so nothing is broken
 * @param indent begins every line after the first
 */
export function wrap(text: string, width: number | undefined, indent = ''): string {
  if (width === undefined || visibleWidth(text) <= width) return text;
  const lines: string[] = [];
  let line = '';
  let used = 0;
  for (const word of text.match(/ *[^ ]+/g) ?? []) {
    const wide = visibleWidth(word);
    if (line.trim() !== '' && used + wide > width) {
      lines.push(line);
      line = indent + word.trimStart();
      used = visibleWidth(line);
    } else {
      line += word;
      used += wide;
    }
  }
  return [...lines, line].join('\n');
}
