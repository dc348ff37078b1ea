/** Built-in kinds read as the API server reads them, into structs of Go: wrong types are refused, unknown fields dropped. */
import { isBody } from '../../model/body.ts';
import { apiVersionOf, type ServedType } from './served-type.ts';
import { type FieldType, STRUCTURES, type Structure } from './structures/notation.ts';

export interface Decoded {
  readonly value: unknown;
  /** Paths of fields that were dropped. */
  readonly unknown: readonly string[];
}

/** A value of a type that its field cannot take; the message is that of Go's decoder. */
export class DecodeProblem extends Error {}

export function structureOf(type: Pick<ServedType, 'group' | 'version' | 'kind' | 'custom'>): Structure | undefined {
  return type.custom ? undefined : STRUCTURES.get(`${apiVersionOf(type)} ${type.kind}`);
}

/** @throws DecodeProblem for the first value of a wrong type */
export function decode(structure: Structure, value: unknown): Decoded {
  const unknown: string[] = [];
  const read = new Reader(unknown);
  return { value: read.struct(structure, value, { struct: structure.name, json: '', path: '' }), unknown };
}

/** Of any object: its metadata alone. */
export function decodeMetadata(metadata: unknown): Decoded {
  const unknown: string[] = [];
  const structure = STRUCTURES.get('ObjectMeta');
  const value = structure
    ? new Reader(unknown).struct(structure, metadata, { struct: 'ObjectMeta', json: 'metadata', path: 'metadata' })
    : metadata;
  return { value, unknown };
}

interface Place {
  /** The struct that has the field. */
  readonly struct: string;
  /** As Go's decoder names a field: without the places in lists. */
  readonly json: string;
  /** As people find it: with them. */
  readonly path: string;
}

const SCALARS: Readonly<Record<string, { readonly go: string; readonly takes: (value: unknown) => boolean }>> = {
  string: { go: 'string', takes: (value) => typeof value === 'string' },
  bool: { go: 'bool', takes: (value) => typeof value === 'boolean' },
  int32: { go: 'int32', takes: (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31 },
  int64: { go: 'int64', takes: (value) => Number.isInteger(value) },
  number: { go: 'float64', takes: (value) => typeof value === 'number' },
  quantity: { go: 'resource.Quantity', takes: (value) => typeof value === 'string' || typeof value === 'number' },
  intOrString: { go: 'intstr.IntOrString', takes: (value) => typeof value === 'string' || Number.isInteger(value) },
  time: { go: 'v1.Time', takes: (value) => typeof value === 'string' },
  bytes: { go: '[]uint8', takes: (value) => typeof value === 'string' },
};

class Reader {
  readonly #unknown: string[];

  constructor(unknown: string[]) {
    this.#unknown = unknown;
  }

  struct(structure: Structure, value: unknown, place: Place): unknown {
    if (!isBody(value)) throw problem(value, place, `v1.${structure.name}`);
    const kept: Record<string, unknown> = {};
    const under = (base: string, name: string): string => (base === '' ? name : `${base}.${name}`);
    for (const [name, field] of Object.entries(value)) {
      const type = structure.fields.get(name);
      const path = under(place.path, name);
      if (type) kept[name] = this.#field(type, field, { struct: structure.name, json: under(place.json, name), path });
      else if (field !== undefined) this.#unknown.push(path);
    }
    return kept;
  }

  /** null stands for no value in every type. */
  #field(type: FieldType, value: unknown, place: Place): unknown {
    if (value === null || value === undefined) return value;
    if (type.is === 'list') {
      if (!Array.isArray(value)) throw problem(value, place, goType(type));
      return value.map((item, index) => this.#field(type.of, item, { ...place, path: `${place.path}[${index}]` }));
    }
    if (type.is === 'map') {
      if (!isBody(value)) throw problem(value, place, goType(type));
      const entries = Object.entries(value).map(([key, entry]) => [
        key,
        this.#field(type.of, entry, { ...place, path: `${place.path}.${key}` }),
      ]);
      return Object.fromEntries(entries) as unknown;
    }
    const scalar = SCALARS[type.name];
    if (scalar && !scalar.takes(value)) throw problem(value, place, scalar.go);
    const structure = scalar ? undefined : STRUCTURES.get(type.name);
    return structure ? this.struct(structure, value, place) : value;
  }
}

function goType(type: FieldType): string {
  if (type.is === 'list') return `[]${goType(type.of)}`;
  if (type.is === 'map') return `map[string]${goType(type.of)}`;
  return SCALARS[type.name]?.go ?? `v1.${type.name}`;
}

function problem(value: unknown, { struct, json }: Place, go: string): DecodeProblem {
  const fraction = typeof value === 'number' && go.startsWith('int') ? ` ${value}` : '';
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value;
  return new DecodeProblem(
    `json: cannot unmarshal ${kind}${fraction} into Go ${json === '' ? 'value' : `struct field ${struct}.${json}`} of type ${go}`,
  );
}
