/** Protobuf messages from numbered fields. Absent ones are undefined; zeros and empty texts are left out, as proto3 has it. */

type Value = number | string | Uint8Array | undefined;

export type WrittenField = readonly [number: number, value: Value];

/** Each field is its number and its value; texts, bytes and nested messages are bytes on the wire, numbers varints. */
export function message(...fields: readonly WrittenField[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([number, value]) => {
      if (value === undefined || value === 0 || value === '') return [];
      if (typeof value === 'number') return [varint(number * 8), varint(value)];
      const bytes = Buffer.from(value);
      return [varint(number * 8 + 2), varint(bytes.length), bytes];
    }),
  );
}

/** A member of a oneof, which is written even when it is zero. */
export const chosen = (number: number, value: number): Buffer => Buffer.concat([varint(number * 8), varint(value)]);

export function fixed32(number: number, value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value >>> 0);
  return Buffer.concat([varint(number * 8 + 5), bytes]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  // Negative numbers are written as the 64 bits that they are.
  if (value < 0) {
    let bits = BigInt.asUintN(64, BigInt(value));
    for (; bits >= 128n; bits >>= 7n) bytes.push(Number(bits & 127n) | 0x80);
    return Buffer.from([...bytes, Number(bits)]);
  }
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}
