/** Types of protobuf that JSON writes as single values, or in a form of their own, with what golang/protobuf's jsonpb takes for them. */
import { isBody } from '../model/body.ts';
import { parseDuration } from '../text/duration.ts';
import { FORMATS } from './formats.ts';
import { flagInQuotes, quotesMissing, unitMissing } from './wording.ts';

export interface Scalar {
  readonly words: string;
  accepts(value: unknown): boolean;
  /** What to do about a value that is not accepted. */
  remedy?(value: unknown): string | undefined;
}

const text: Scalar = { words: 'a text', accepts: (value) => typeof value === 'string', remedy: quotesMissing };
const flag: Scalar = { words: 'true or false', accepts: (value) => typeof value === 'boolean', remedy: flagInQuotes };
const fraction: Scalar = { words: 'a number', accepts: (value) => typeof value === 'number' || numberIn(value) !== undefined };
const bytes: Scalar = {
  words: 'text in base64',
  accepts: (value) => typeof value === 'string' && FORMATS['byte']?.accepts(value) === true,
};

function integer(least: bigint, most: bigint): Scalar {
  const range = least === 0n ? `a whole number from 0 to ${most}` : `a whole number from ${least} to ${most}`;
  return {
    words: range,
    accepts(value) {
      const number = typeof value === 'number' ? value : /^-?\d+$/.test(String(value)) ? Number(value) : undefined;
      // Beyond 53 bits the bounds are as inexact as the number.
      return number !== undefined && Number.isInteger(number) && number >= Number(least) && number <= Number(most);
    },
  };
}

/** Numbers may be written in quotes. */
function numberIn(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  if (/^(?:-?Infinity|NaN)$/.test(value)) return Number(value);
  return /^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value) ? Number(value) : undefined;
}

const INT32 = integer(-(2n ** 31n), 2n ** 31n - 1n);
const UINT32 = integer(0n, 2n ** 32n - 1n);
const INT64 = integer(-(2n ** 63n), 2n ** 63n - 1n);
const UINT64 = integer(0n, 2n ** 64n - 1n);
const mapping: Scalar = { words: 'a mapping', accepts: isBody };
const anything: Scalar = { words: 'any value', accepts: () => true };

const SCALARS: Readonly<Record<string, Scalar>> = {
  bool: flag,
  bytes,
  int32: INT32,
  int64: INT64,
  number: fraction,
  string: text,
  uint32: UINT32,
  uint64: UINT64,
  'google.protobuf.BoolValue': flag,
  'google.protobuf.BytesValue': bytes,
  'google.protobuf.DoubleValue': fraction,
  'google.protobuf.FloatValue': fraction,
  'google.protobuf.Int32Value': INT32,
  'google.protobuf.Int64Value': INT64,
  'google.protobuf.StringValue': text,
  'google.protobuf.UInt32Value': UINT32,
  'google.protobuf.UInt64Value': UINT64,
  'google.protobuf.Duration': {
    words: 'a duration such as "1.5s"',
    accepts: (value) => typeof value === 'string' && parseDuration(value) !== undefined,
    remedy: unitMissing,
  },
  'google.protobuf.Timestamp': {
    words: 'a time such as "2026-01-31T12:00:00Z"',
    accepts: (value) => typeof value === 'string' && FORMATS['date-time']?.accepts(value) === true,
  },
  'google.protobuf.Struct': mapping,
  'google.protobuf.ListValue': { words: 'a list', accepts: Array.isArray },
  'google.protobuf.Value': anything,
};

export const scalarNamed = (type: string): Scalar | undefined => (Object.hasOwn(SCALARS, type) ? SCALARS[type] : undefined);
