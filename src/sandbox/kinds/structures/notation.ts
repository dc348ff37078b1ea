/**
 * The structure of the built-in kinds, as a text for people: a line `Name: field type, field! type` for each type, and
 * `group/version Kind: …` for each kind, whose apiVersion, kind and metadata go without saying. A line that begins with
 * a space continues the one before. `!` marks a field that the API reference calls required. Types are `string`, `bool`,
 * `int32`, `int64`, `number`, `quantity`, `intOrString`, `time`, `bytes`, `any`, the name of another, `[type]` for a
 * list and `{type}` for a map.
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.32/
 */
import { ACCESS } from './access.ts';
import { CORE } from './core.ts';
import { EXTENSIONS } from './extensions.ts';
import { META } from './meta.ts';
import { NETWORKING } from './networking.ts';
import { PODS } from './pods.ts';
import { WORKLOADS } from './workloads.ts';

export type FieldType =
  | { readonly is: 'list'; readonly of: FieldType }
  | { readonly is: 'map'; readonly of: FieldType }
  /** A scalar, or a type that has a structure of its own. */
  | { readonly is: 'name'; readonly name: string };

export interface Structure {
  readonly name: string;
  readonly fields: ReadonlyMap<string, FieldType>;
  readonly required: readonly string[];
}

const METADATA = 'metadata ObjectMeta';

/** Structures by name, and those of kinds by `apps/v1 Deployment` too. */
export const STRUCTURES: ReadonlyMap<string, Structure> = new Map(
  [META, PODS, CORE, WORKLOADS, NETWORKING, ACCESS, EXTENSIONS].flatMap((text) => text.trim().split(/\n(?=\S)/)).flatMap(structuresOf),
);

function structuresOf(line: string): readonly (readonly [string, Structure])[] {
  const colon = line.indexOf(':');
  const [name = '', groupVersion] = line.slice(0, colon).split(' ').reverse();
  const identity = groupVersion === undefined ? [] : ['apiVersion string', 'kind string', METADATA];
  const listed = line
    .slice(colon + 1)
    .split(',')
    .map((field) => field.trim())
    .filter((field) => field !== '');
  const fields = [...identity, ...listed].map((field) => field.split(' ') as [string, string]);
  const structure: Structure = {
    name,
    fields: new Map(fields.map(([field, type]) => [field.replace('!', ''), typeOf(type)])),
    required: fields.filter(([field]) => field.endsWith('!')).map(([field]) => field.slice(0, -1)),
  };
  return groupVersion === undefined
    ? [[name, structure]]
    : [
        [name, structure],
        [`${groupVersion} ${name}`, structure],
      ];
}

function typeOf(text: string): FieldType {
  if (text.startsWith('[')) return { is: 'list', of: typeOf(text.slice(1, -1)) };
  if (text.startsWith('{')) return { is: 'map', of: typeOf(text.slice(1, -1)) };
  return { is: 'name', name: text };
}
