/** gRPC's messages in a stream of bytes: a flag, a length in four bytes, and the message. */

/** What came is no sequence of messages, or too much. The message is a clause. */
export class FrameProblem extends Error {}

const HEAD = 5;

export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/**
 * The messages, wherever the bytes are split.
 * @param largest message that is taken, in bytes
 * @throws FrameProblem
 */
export async function* messagesIn(chunks: AsyncIterable<Uint8Array>, largest: number): AsyncIterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  let wanted = HEAD;
  for await (const chunk of chunks) {
    waiting.push(chunk);
    length += chunk.length;
    if (length < wanted) continue;
    // Joined only when there is enough for a message, so that one in many pieces is copied once.
    let rest = Buffer.concat(waiting);
    for (wanted = HEAD; rest.length >= HEAD; wanted = HEAD) {
      wanted = HEAD + sizeIn(rest, largest);
      if (rest.length < wanted) break;
      yield rest.subarray(HEAD, wanted);
      rest = rest.subarray(wanted);
    }
    waiting = [rest];
    length = rest.length;
  }
  if (length > 0) throw new FrameProblem('the answer is cut off');
}

function sizeIn(head: Buffer, largest: number): number {
  if (head[0] !== 0) throw new FrameProblem('the answer is compressed, which nobody asked for');
  const size = head.readUInt32BE(1);
  if (size > largest) throw new FrameProblem(`the answer has ${size} bytes, and at most ${largest} are taken`);
  return size;
}
