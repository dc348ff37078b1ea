/**
 * Protobuf messages by tables of their fields, read to and written from plain objects. What a table lacks is passed over.
 * Only the wire format is the library's: its descriptors would be ten times as much to load.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { EXIT, MeshctlError } from '../errors.ts';
import { isBody } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

type Scalar = 'string' | 'bytes' | 'bool' | 'int32' | 'int64' | 'uint32' | 'enum' | 'fixed32' | 'fixed64' | 'float' | 'double';

/** Well-known types as plain values: a Struct is an object, times and durations are milliseconds. */
type WellKnown = 'struct' | 'timestamp' | 'duration';

/** A message within a message; a function where it holds itself. */
type Type = Scalar | WellKnown | Message | (() => Message);

/** `map` has keys that are texts; a field without a mark is absent when it has its default value. */
type Field = readonly [number: number, type: Type, many?: 'repeated' | 'map'];

/** Fields by name. The members of a oneof are fields like any others. */
export interface Message {
  readonly [name: string]: Field;
}

const LARGEST_DEPTH = 100;

/**
 * @param name of the message, for errors
 * @throws MeshctlError E_PROTOBUF when the bytes are no such message
 */
export function decode(name: string, message: Message, bytes: Uint8Array): Body {
  try {
    return read(message, new BinaryReader(bytes), bytes.length, 0);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new MeshctlError('E_PROTOBUF', `The answer is no ${name}: ${why.replace(/\.$/, '')}.`, { exit: EXIT.unreachable });
  }
}

/** Fields that are undefined are left out; all others are written, also those that have the value of an absent one. */
export function encode(message: Message, value: Body): Uint8Array<ArrayBuffer> {
  return write(message, value, new BinaryWriter()).finish();
}

const READ: Readonly<Record<Scalar, (reader: BinaryReader) => unknown>> = {
  string: (reader) => reader.string(),
  bytes: (reader) => reader.bytes(),
  bool: (reader) => reader.bool(),
  int32: (reader) => reader.int32(),
  int64: (reader) => Number(reader.int64()),
  uint32: (reader) => reader.uint32(),
  enum: (reader) => reader.int32(),
  fixed32: (reader) => reader.fixed32(),
  fixed64: (reader) => BigInt(reader.fixed64()),
  float: (reader) => reader.float(),
  double: (reader) => reader.double(),
};

const WRITE: Readonly<Record<Scalar, (writer: BinaryWriter, value: never) => unknown>> = {
  string: (writer, value) => writer.string(value),
  bytes: (writer, value) => writer.bytes(value),
  bool: (writer, value) => writer.bool(value),
  int32: (writer, value) => writer.int32(value),
  int64: (writer, value) => writer.int64(value),
  uint32: (writer, value) => writer.uint32(value),
  enum: (writer, value) => writer.int32(value),
  fixed32: (writer, value) => writer.fixed32(value),
  fixed64: (writer, value) => writer.fixed64(value),
  float: (writer, value) => writer.float(value),
  double: (writer, value) => writer.double(value),
};

const WIRE: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  bool: WireType.Varint,
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint32: WireType.Varint,
  enum: WireType.Varint,
  fixed32: WireType.Bit32,
  fixed64: WireType.Bit64,
  float: WireType.Bit32,
  double: WireType.Bit64,
};

const isScalar = (type: Type): type is Scalar => typeof type === 'string' && type in READ;

function read(message: Message, reader: BinaryReader, end: number, depth: number): Body {
  if (depth > LARGEST_DEPTH) throw new RangeError('it is nested too deeply');
  const byNumber = new Map(Object.entries(message).map(([name, field]) => [field[0], { name, field }]));
  const found: Record<string, unknown> = {};
  while (reader.pos < end) {
    const [number, wire] = reader.tag();
    const known = byNumber.get(number);
    if (!known) {
      reader.skip(wire, number);
      continue;
    }
    const { name, field } = known;
    const [, type, many] = field;
    if (many === 'map') {
      const { key = '', value = isScalar(type) ? absent(type) : {} } = readInner(entryOf(type), reader, wire, depth);
      // An object without a prototype takes any key.
      const entries = (found[name] ?? Object.create(null)) as Record<string, unknown>;
      entries[String(key)] = value;
      found[name] = entries;
    } else if (many === 'repeated') {
      const items = (found[name] ?? []) as unknown[];
      found[name] = items;
      if (isScalar(type) && wire === WireType.LengthDelimited && WIRE[type] !== wire) readPacked(type, reader, items);
      else items.push(readOne(type, reader, wire, depth));
    } else {
      found[name] = readOne(type, reader, wire, depth);
    }
  }
  if (reader.pos !== end) throw new RangeError('a field is longer than the message');
  return found;
}

/** What a field of a map's entry is when it is left out. */
const absent = (type: Scalar): unknown => (type === 'string' ? '' : type === 'bytes' ? new Uint8Array() : type === 'bool' ? false : 0);

function readOne(type: Type, reader: BinaryReader, wire: WireType, depth: number): unknown {
  if (isScalar(type)) {
    if (WIRE[type] !== wire) throw new RangeError('a field has another type');
    return READ[type](reader);
  }
  if (type === 'struct') return structOf(readInner(STRUCT, reader, wire, depth));
  if (type === 'timestamp' || type === 'duration') return millisecondsOf(readInner(SECONDS, reader, wire, depth));
  return readInner(typeof type === 'function' ? type() : (type as Message), reader, wire, depth);
}

function readInner(message: Message, reader: BinaryReader, wire: WireType, depth: number): Body {
  if (wire !== WireType.LengthDelimited) throw new RangeError('a field has another type');
  const length = reader.uint32();
  if (reader.pos + length > reader.len) throw new RangeError('it is cut off');
  return read(message, reader, reader.pos + length, depth + 1);
}

function readPacked(type: Scalar, reader: BinaryReader, items: unknown[]): void {
  const end = reader.uint32() + reader.pos;
  if (end > reader.len) throw new RangeError('it is cut off');
  while (reader.pos < end) items.push(READ[type](reader));
}

const entryOf = (type: Type): Message => ({ key: [1, 'string'], value: [2, type] });

function write(message: Message, value: Body, writer: BinaryWriter): BinaryWriter {
  for (const [name, [number, type, many]] of Object.entries(message)) {
    const given = value[name];
    if (given === undefined) continue;
    if (many === 'repeated') for (const item of given as readonly unknown[]) writeOne(number, type, item, writer);
    else if (many !== 'map') writeOne(number, type, given, writer);
    else for (const [key, item] of Object.entries(given as Body)) writeOne(number, entryOf(type), { key, value: item }, writer);
  }
  return writer;
}

function writeOne(number: number, type: Type, value: unknown, writer: BinaryWriter): void {
  if (isScalar(type)) {
    WRITE[type](writer.tag(number, WIRE[type]), value as never);
    return;
  }
  writer.tag(number, WireType.LengthDelimited).fork();
  if (type === 'struct') write(STRUCT, { fields: valuesIn(value as Body) }, writer);
  else if (type === 'timestamp' || type === 'duration') write(SECONDS, secondsOf(value as number), writer);
  else write(typeof type === 'function' ? type() : (type as Message), value as Body, writer);
  writer.join();
}

/** @see https://protobuf.dev/reference/protobuf/google.protobuf/#timestamp */
const SECONDS: Message = { seconds: [1, 'int64'], nanos: [2, 'int32'] };

const millisecondsOf = ({ seconds = 0, nanos = 0 }: Body): number => Number(seconds) * 1000 + Number(nanos) / 1e6;

const secondsOf = (milliseconds: number): Body => {
  const seconds = Math.floor(milliseconds / 1000);
  return { seconds, nanos: Math.round((milliseconds - seconds * 1000) * 1e6) };
};

/** @see https://protobuf.dev/reference/protobuf/google.protobuf/#struct */
const VALUE: Message = {
  null: [1, 'enum'],
  number: [2, 'double'],
  string: [3, 'string'],
  bool: [4, 'bool'],
  struct: [5, () => STRUCT],
  list: [6, { values: [1, () => VALUE, 'repeated'] }],
};
const STRUCT: Message = { fields: [1, VALUE, 'map'] };

const structOf = ({ fields }: Body): Body =>
  Object.fromEntries(Object.entries(isBody(fields) ? fields : {}).map(([name, value]) => [name, plain(value as Body)]));

function plain({ number, string, bool, struct, list }: Body): unknown {
  if (isBody(struct)) return structOf(struct);
  if (isBody(list)) return ((list['values'] ?? []) as readonly Body[]).map(plain);
  return string ?? number ?? bool ?? null;
}

const valuesIn = (object: Body): Body => Object.fromEntries(Object.entries(object).map(([name, value]) => [name, wrapped(value)]));

function wrapped(value: unknown): Body {
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'number') return { number: value };
  if (typeof value === 'boolean') return { bool: value };
  if (Array.isArray(value)) return { list: { values: value.map(wrapped) } };
  return isBody(value) ? { struct: { fields: valuesIn(value) } } : { null: 0 };
}
