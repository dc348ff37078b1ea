/** Where the JSON value that begins at an offset ends: more may follow it in the text of a flag. */
export function jsonEnd(text: string, start: number): number {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at] as string;
    if (char === '"') {
      for (at++; at < text.length && text[at] !== '"'; at++) if (text[at] === '\\') at++;
    } else if (char === '{' || char === '[') depth++;
    else if (char === '}' || char === ']') depth--;
    else if (depth > 0 || !/[\s,]/.test(text[at + 1] ?? ',')) continue;
    if (depth <= 0) return Math.min(at + 1, text.length);
  }
  return text.length;
}
