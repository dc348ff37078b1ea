/** Requests for tap: `TapByResourceRequest`. @see https://github.com/linkerd/linkerd2/blob/main/viz/tap/proto/viz_tap.proto */
import { fieldsOf } from '../api/protobuf.ts';

export interface TapResource {
  readonly namespace: string;
  /** In the singular: `deployment`. */
  readonly type: string;
  readonly name: string;
}

export type TapMatch =
  | { readonly is: 'destination'; readonly resource: TapResource }
  | { readonly is: 'scheme' | 'method' | 'authority' | 'path'; readonly value: string };

export interface TapRequest {
  readonly target: TapResource;
  readonly labelSelector: string;
  /** All of them have to match. */
  readonly matches: readonly TapMatch[];
  /** A hundred when the request names none. */
  readonly maxRps: number;
  readonly wantsHeaders: boolean;
}

const DEFAULT_MAX_RPS = 100;
const HTTP = ['scheme', 'method', 'authority', 'path'] as const;

/** @throws RangeError for what is no such message, with what is wrong as its message */
export function readTapRequest(bytes: Buffer): TapRequest {
  const { 1: target, 2: match, 3: maxRps, 4: extract } = fields(bytes);
  const selection = fields(target);
  const headers = fields(fields(extract)[1])[1];
  if (!Buffer.isBuffer(selection[1])) throw new RangeError('TapByResource received nil target ResourceSelection');
  return {
    target: readResource(selection[1]),
    labelSelector: textOf(selection[2]),
    matches: readMatches(match),
    maxRps: (Buffer.isBuffer(maxRps) && maxRps.length === 4 ? maxRps.readFloatLE() : 0) || DEFAULT_MAX_RPS,
    wantsHeaders: headers !== undefined,
  };
}

type Values = Readonly<Record<number, number | Buffer | undefined>>;

/** The last value of each field. */
function fields(bytes: number | Buffer | undefined): Values {
  const found: Record<number, number | Buffer> = {};
  if (Buffer.isBuffer(bytes)) for (const { number, value } of fieldsOf(bytes)) found[number] = value;
  return found;
}

const textOf = (value: number | Buffer | undefined): string => (Buffer.isBuffer(value) ? value.toString() : '');

function readResource(bytes: number | Buffer | undefined): TapResource {
  const { 1: namespace, 2: type, 3: name } = fields(bytes);
  return { namespace: textOf(namespace), type: textOf(type), name: textOf(name) };
}

/** The server knows only one flat list, as linkerd's own does. */
function readMatches(bytes: number | Buffer | undefined): readonly TapMatch[] {
  if (bytes === undefined) return [];
  const all = fields(bytes)[1];
  if (!Buffer.isBuffer(all)) throw new RangeError('unexpected match specified');
  return [...fieldsOf(all)].map(({ value }): TapMatch => {
    const { 4: destinations, 5: http } = fields(value);
    if (Buffer.isBuffer(destinations)) return { is: 'destination', resource: readResource(fields(destinations)[1]) };
    const [first] = Buffer.isBuffer(http) ? [...fieldsOf(http)] : [];
    const is = HTTP[(first?.number ?? 0) - 1];
    if (!first || !is) throw new RangeError('unknown match type');
    return { is, value: textOf(first.value) };
  });
}
