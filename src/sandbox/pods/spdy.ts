/** SPDY/3.1 frames, as far as port forwards use them: streams with headers, data, and their end. */
import { constants, createDeflate, createInflate, type Deflate, type Inflate } from 'node:zlib';
import { spdyDictionary } from './spdy-dictionary.ts';

export type Frame =
  | { readonly is: 'open'; readonly stream: number; readonly headers: ReadonlyMap<string, string>; readonly fin: boolean }
  | { readonly is: 'data'; readonly stream: number; readonly bytes: Buffer; readonly fin: boolean }
  | { readonly is: 'reset'; readonly stream: number }
  | { readonly is: 'ping'; readonly id: number }
  | { readonly is: 'goaway' };

const TYPE = { synStream: 1, synReply: 2, reset: 3, ping: 6, goaway: 7 } as const;
const FIN = 1;
const STREAM = 0x7f_ff_ff_ff;
const LARGEST_BYTES = 16 * 1024 * 1024;

function control(type: number, flags: number, body: Uint8Array): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(0x8003, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt32BE(((flags << 24) | body.length) >>> 0, 4);
  return Buffer.concat([head, body]);
}

export function dataFrame(stream: number, bytes: Uint8Array, fin = false): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32BE(stream, 0);
  head.writeUInt32BE((((fin ? FIN : 0) << 24) | bytes.length) >>> 0, 4);
  return Buffer.concat([head, bytes]);
}

export function pingFrame(id: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(id);
  return control(TYPE.ping, 0, body);
}

function readHeaders(block: Buffer): ReadonlyMap<string, string> {
  let position = 4;
  const text = (): string => {
    const length = block.readUInt32BE(position);
    position += 4 + length;
    return block.toString('utf8', position - length, position);
  };
  const headers = new Map<string, string>();
  for (let left = block.readUInt32BE(0); left > 0; left--) headers.set(text().toLowerCase(), text());
  return headers;
}

/** One connection's frames. Header blocks share a compression state, so they are read in order. */
export class SpdySession {
  readonly #inflate: Inflate;
  readonly #deflate: Deflate;
  #rest: Buffer = Buffer.alloc(0);

  constructor() {
    const dictionary = spdyDictionary();
    this.#inflate = createInflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
    this.#deflate = createDeflate({ dictionary, flush: constants.Z_SYNC_FLUSH });
  }

  /** The frames that are complete with these bytes. */
  async read(bytes: Buffer): Promise<readonly Frame[]> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    const frames: Frame[] = [];
    while (this.#rest.length >= 8) {
      const length = this.#rest.readUInt32BE(4) & 0xff_ff_ff;
      if (length > LARGEST_BYTES) throw new RangeError('a SPDY frame is too large');
      if (this.#rest.length < 8 + length) break;
      const head = this.#rest.subarray(0, 8);
      const body = this.#rest.subarray(8, 8 + length);
      this.#rest = this.#rest.subarray(8 + length);
      const frame = await this.#frame(head, body);
      if (frame) frames.push(frame);
    }
    return frames;
  }

  async #frame(head: Buffer, body: Buffer): Promise<Frame | undefined> {
    const fin = (head.readUInt8(4) & FIN) !== 0;
    if ((head.readUInt8(0) & 0x80) === 0) return { is: 'data', stream: head.readUInt32BE(0) & STREAM, bytes: body, fin };
    switch (head.readUInt16BE(2)) {
      case TYPE.synStream:
        return {
          is: 'open',
          stream: body.readUInt32BE(0) & STREAM,
          headers: readHeaders(await through(this.#inflate, body.subarray(10))),
          fin,
        };
      case TYPE.reset:
        return { is: 'reset', stream: body.readUInt32BE(0) & STREAM };
      case TYPE.ping:
        return { is: 'ping', id: body.readUInt32BE(0) };
      case TYPE.goaway:
        return { is: 'goaway' };
      default:
        return undefined;
    }
  }

  /** Accepts a stream that the other side opened. */
  async reply(stream: number): Promise<Buffer> {
    const id = Buffer.alloc(4);
    id.writeUInt32BE(stream);
    return control(TYPE.synReply, 0, Buffer.concat([id, await through(this.#deflate, Buffer.alloc(4))]));
  }

  close(): void {
    this.#inflate.close();
    this.#deflate.close();
  }
}

function through(codec: Inflate | Deflate, bytes: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const take = (chunk: Buffer): void => void chunks.push(chunk);
    const fail = (error: Error): void => reject(error);
    codec.on('data', take);
    codec.once('error', fail);
    codec.write(bytes, () => {
      codec.off('data', take);
      codec.off('error', fail);
      resolve(Buffer.concat(chunks));
    });
  });
}
