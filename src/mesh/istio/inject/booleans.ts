/** Booleans in annotations, as Go's strconv reads them; undefined for what is none. */
export function isTrueText(text: string | undefined): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text ?? '')) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text ?? '') ? false : undefined;
}
