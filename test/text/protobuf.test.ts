import { fromBinary, fromJson, type JsonObject, toBinary, toJson } from '@bufbuild/protobuf';
import { StructSchema, TimestampSchema } from '@bufbuild/protobuf/wkt';
import { describe, expect, it } from 'vitest';
import type { MeshctlError } from '../../src/errors.ts';
import { decode, encode, type Message } from '../../src/text/protobuf.ts';

const bytes = (hex: string): Uint8Array => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hex = (value: Uint8Array): string => Buffer.from(value).toString('hex');

const INNER: Message = { name: [1, 'string'], inner: [2, () => INNER] };
const SAMPLE: Message = {
  text: [1, 'string'],
  whole: [2, 'uint32'],
  yes: [3, 'bool'],
  names: [4, 'string', 'repeated'],
  numbers: [5, 'int32', 'repeated'],
  labels: [6, 'string', 'map'],
  inner: [7, INNER],
  inners: [8, INNER, 'repeated'],
  ip: [9, 'fixed32'],
  long: [10, 'fixed64'],
  ratio: [11, 'float'],
  exact: [12, 'double'],
  raw: [13, 'bytes'],
  metadata: [14, 'struct'],
  at: [15, 'timestamp'],
  state: [16, 'enum'],
  big: [17, 'int64'],
};

const VALUE = {
  text: 'grüezi',
  whole: 300,
  yes: true,
  names: ['a', ''],
  numbers: [1, -1],
  labels: { app: 'web', __proto__x: '' },
  inner: { name: 'x', inner: { inner: {} } },
  inners: [{}, { name: 'y' }],
  ip: 0xffff_fffe,
  long: 2n ** 64n - 1n,
  ratio: 0.5,
  exact: 0.1,
  raw: Uint8Array.of(0, 255),
  metadata: { NAMESPACE: 'shop', deep: { list: [1, true, null, 'x', { y: [] }] }, none: {} },
  at: Date.UTC(2026, 10, 21, 12, 0, 0, 123),
  state: 3,
  big: -5,
};

const failure = (action: () => unknown): MeshctlError => {
  try {
    action();
  } catch (error) {
    return error as MeshctlError;
  }
  throw new Error('It did not fail.');
};

describe('protobuf', () => {
  it('reads what it writes', () => {
    expect(decode('Sample', SAMPLE, encode(SAMPLE, VALUE))).toEqual(VALUE);
    expect(decode('Sample', SAMPLE, new Uint8Array())).toEqual({});
  });

  it('writes the bytes of the specification', () => {
    expect(hex(encode(SAMPLE, { whole: 150 }))).toBe('109601');
    expect(hex(encode(SAMPLE, { text: 'testing' }))).toBe('0a0774657374696e67');
    expect(hex(encode(SAMPLE, { inner: { name: 'a' } }))).toBe('3a030a0161');
    expect(hex(encode(SAMPLE, { at: 1500 }))).toBe('7a0808011080cab5ee01');
    expect(hex(encode(SAMPLE, { metadata: { A: 'b' } }))).toBe('720a0a080a014112031a0162');
    expect(hex(encode(SAMPLE, { text: undefined }))).toBe('');
  });

  it('agrees with generated code on well-known types', () => {
    const metadata = VALUE.metadata as JsonObject;
    const own = decode('Sample', { raw: [14, 'bytes'] }, encode(SAMPLE, { metadata }))['raw'] as Uint8Array;
    expect(toJson(StructSchema, fromBinary(StructSchema, own))).toEqual(metadata);
    expect(
      decode('Sample', SAMPLE, encode({ raw: [14, 'bytes'] }, { raw: toBinary(StructSchema, fromJson(StructSchema, metadata)) })),
    ).toEqual({ metadata });
    const at = toBinary(TimestampSchema, fromJson(TimestampSchema, '1969-12-31T23:59:58.250Z'));
    expect(hex(encode(SAMPLE, { at: -1750 }))).toBe(`7a${Buffer.from([at.length]).toString('hex')}${hex(at)}`);
  });

  it('reads packed numbers, the last of several values, and entries without a key or a value', () => {
    expect(decode('Sample', SAMPLE, bytes('2a 03 01 96 01'))).toEqual({ numbers: [1, 150] });
    expect(decode('Sample', SAMPLE, bytes('10 01 10 02'))).toEqual({ whole: 2 });
    expect(decode('Sample', SAMPLE, bytes('32 03 0a 01 61 32 00'))).toEqual({ labels: { a: '', '': '' } });
    expect(decode('Sample', SAMPLE, encode(SAMPLE, { labels: Object.fromEntries([['__proto__', 'x']]) }))['labels']).toHaveProperty(
      '__proto__',
      'x',
    );
  });

  it('passes over what it does not know', () => {
    const all = encode(SAMPLE, VALUE);
    expect(decode('Sample', { text: [1, 'string'] }, all)).toEqual({ text: 'grüezi' });
  });

  it.each([
    ['cut off', '0a 05 61'],
    ['a message cut off', '3a 05 0a 01 61'],
    ['a field longer than its message', '3a 02 0a 05 61 61 61 61 61'],
    ['another wire type', '08 01'],
    ['a message that is a number', '38 01'],
    ['an endless number', '10 ff ff ff ff ff ff ff ff ff ff ff'],
    ['packed numbers cut off', '2a 05 01'],
    ['field zero', '00 00'],
  ])('says so of %s', (_, text) => {
    const error = failure(() => decode('Sample', SAMPLE, bytes(text)));
    expect([error.code, error.exit]).toEqual(['E_PROTOBUF', 3]);
    expect(error.message).toMatch(/^The answer is no Sample: .+[^.]\.$/);
  });

  it('goes only so deep', () => {
    let nested = new Uint8Array();
    for (let depth = 0; depth < 5000; depth++) nested = encode({ inner: [2, 'bytes'] }, { inner: nested });
    expect(failure(() => decode('Inner', INNER, nested)).message).toBe('The answer is no Inner: it is nested too deeply.');
  });
});
