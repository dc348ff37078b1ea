import { describe, expect, it } from 'vitest';
import { FrameProblem, framed, messagesIn } from '../../src/cluster/grpc-frames.ts';

async function* split(bytes: Uint8Array, size: number): AsyncIterable<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

async function read(chunks: AsyncIterable<Uint8Array>, largest = 1000): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const message of messagesIn(chunks, largest)) found.push(Buffer.from(message).toString());
  return found;
}

const TEXTS = ['one', '', 'three and more', 'x'.repeat(700)];
const BYTES = Buffer.concat(TEXTS.map((text) => framed(Buffer.from(text))));

describe('messages of gRPC', () => {
  it.each([1, 2, 4, 5, 6, 7, 64, 10_000])('are read from pieces of %i bytes', async (size) => {
    expect(await read(split(BYTES, size))).toEqual(TEXTS);
  });

  it('may be none', async () => {
    expect(await read(split(Buffer.alloc(0), 1))).toEqual([]);
  });

  it('may be as large as is allowed, and are refused before they arrive when they are larger', async () => {
    expect(await read(split(framed(Buffer.alloc(1000)), 100))).toHaveLength(1);
    const head = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
    await expect(read(split(head, 5))).rejects.toThrow('the answer has 4294967295 bytes, and at most 1000 are taken');
  });

  it.each([
    ['cut off in the head', framed(Buffer.from('abc')).subarray(0, 3), 'cut off'],
    ['cut off in the message', framed(Buffer.from('abc')).subarray(0, 7), 'cut off'],
    ['compressed', Buffer.from([1, 0, 0, 0, 0]), 'compressed'],
  ])('that are %s are refused', async (_, bytes, why) => {
    const reading = read(split(bytes, 2));
    await expect(reading).rejects.toBeInstanceOf(FrameProblem);
    await expect(reading).rejects.toThrow(why);
  });
});
