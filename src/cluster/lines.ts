/** Lines of a stream of bytes, without their ends; the last one may lack it. */
export async function* linesOf(stream: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  /** Pieces of a line that is still arriving. Adding them up one by one would copy a long line again and again. */
  let pieces: string[] = [];
  for await (const chunk of stream) {
    const lines = decoder.decode(chunk, { stream: true }).split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = pieces.join('') + line;
      yield whole.endsWith('\r') ? whole.slice(0, -1) : whole;
      pieces = [];
    }
    if (last !== '') pieces.push(last);
  }
  const rest = pieces.join('') + decoder.decode();
  if (rest !== '') yield rest;
}
