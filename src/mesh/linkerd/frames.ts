/** Messages that are led by their length: four bytes, little-endian. */

/** What a proxy tells of a request with all its headers is some kilobytes. */
const MOST_BYTES = 1 << 22;

export class Frames {
  #rest: Uint8Array = new Uint8Array();

  /**
   * @returns the messages that are complete by now
   * @throws RangeError for a length that no message has
   */
  push(chunk: Uint8Array): readonly Uint8Array[] {
    const bytes = this.#rest.length === 0 ? chunk : joined(this.#rest, chunk);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const found: Uint8Array[] = [];
    let at = 0;
    while (at + 4 <= bytes.length) {
      const length = view.getUint32(at, true);
      if (length > MOST_BYTES) throw new RangeError(`A message of ${length} bytes is announced, which is more than any has.`);
      if (at + 4 + length > bytes.length) break;
      found.push(bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.#rest = bytes.slice(at);
    return found;
  }
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const all = new Uint8Array(left.length + right.length);
  all.set(left);
  all.set(right, left.length);
  return all;
}
