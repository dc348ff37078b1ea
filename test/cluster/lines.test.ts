import { expect, it } from 'vitest';
import { linesOf } from '../../src/cluster/lines.ts';

it('puts lines together over chunks, whatever ends them', async () => {
  async function* chunks(...texts: readonly string[]): AsyncIterable<Uint8Array> {
    for (const text of texts) yield Buffer.from(text);
  }
  const lines: string[] = [];
  for await (const line of linesOf(chunks('one\r', '\ntw', 'o\n\nthree\r\n', 'last'))) lines.push(line);
  expect(lines).toEqual(['one', 'two', '', 'three', 'last']);
});
