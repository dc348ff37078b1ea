/** Go's string and character literals. @see https://go.dev/ref/spec#String_literals */

const SIMPLE: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
  "'": "'",
  '"': '"',
};

const ESCAPE = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3})|([abfnrtv\\'"]))/y;

/** @returns undefined for what is no literal */
export function unquote(literal: string): string | undefined {
  const inner = literal.slice(1, -1);
  if (literal.startsWith('`')) return inner.replaceAll('\r', '');
  let text = '';
  let bytes: number[] = [];
  const flush = (): void => {
    if (bytes.length > 0) text += new TextDecoder().decode(Uint8Array.from(bytes));
    bytes = [];
  };
  for (let at = 0; at < inner.length; ) {
    if (inner[at] !== '\\') {
      flush();
      text += inner[at++];
      continue;
    }
    ESCAPE.lastIndex = at;
    const found = ESCAPE.exec(inner);
    if (!found) return undefined;
    const [whole, hex, short, long, octal, simple] = found;
    const byte = hex !== undefined ? Number.parseInt(hex, 16) : octal !== undefined ? Number.parseInt(octal, 8) : undefined;
    if (byte !== undefined) {
      if (byte > 255) return undefined;
      bytes.push(byte);
    } else {
      flush();
      const code = Number.parseInt(short ?? long ?? '', 16);
      if (simple === undefined && code > 0x10ffff) return undefined;
      text += simple === undefined ? String.fromCodePoint(code) : SIMPLE[simple];
    }
    at += whole.length;
  }
  flush();
  return text;
}
