/**
 * OpenAPI, as little of it as kubectl needs: the parameters of PATCH (so that validation is left to the server) and
 * the schemas of kinds, without descriptions but for those of custom resources. Strategic merge patches are not offered here, because kubectl then looks for merge
 * keys in these documents instead of using those it has.
 */
import { sha256 } from '../../text/hash.ts';
import type { Registry } from './registry.ts';
import { apiVersionOf, type ServedType } from './served-type.ts';
import { structureOf } from './structure.ts';
import { type FieldType, STRUCTURES, type Structure } from './structures/notation.ts';

const pathOf = (group: string, version: string): string => (group === '' ? `api/${version}` : `apis/${group}/${version}`);

const PARAMETERS = ['dryRun', 'fieldManager', 'fieldValidation', 'force'].map((name) => ({
  name,
  in: 'query',
  schema: { type: name === 'force' ? 'boolean' : 'string', uniqueItems: true },
}));

const DIALECTS = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];

const schemaName = (type: ServedType): string => `${(type.group || 'core').split('.').reverse().join('.')}.${type.version}.${type.kind}`;

const OBJECT = {
  type: 'object',
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
  },
};

/** The index of documents, one per group and version. */
export function openApiIndex(registry: Registry): object {
  const versions = [{ name: '', versions: ['v1'] }, ...registry.groups()].flatMap(({ name, versions: each }) =>
    each.map((version) => [name, version] as const),
  );
  return {
    paths: Object.fromEntries(
      versions.map(([group, version]) => {
        const path = pathOf(group, version);
        const hash = sha256(JSON.stringify(registry.inVersion(group, version)))
          .slice(0, 32)
          .toUpperCase();
        return [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }];
      }),
    ),
  };
}

/** @param path `api/v1` or `apis/apps/v1` */
export function openApiDocument(registry: Registry, path: string): object | undefined {
  const parts = path.split('/');
  const [group = '', version = ''] = parts[0] === 'api' ? ['', parts[1]] : [parts[1], parts[2]];
  const types = registry.inVersion(group, version);
  if (types.length === 0) return undefined;
  const paths = types.map((type) => {
    const names = { group: type.group, kind: type.kind, version: type.version };
    const reference = { $ref: `#/components/schemas/${schemaName(type)}` };
    const answers = { 200: { description: 'OK', content: { 'application/json': { schema: reference } } } };
    const operation = (action: string): object => ({
      'x-kubernetes-action': action,
      'x-kubernetes-group-version-kind': names,
      responses: answers,
    });
    const content = Object.fromEntries(DIALECTS.map((dialect) => [dialect, { schema: { type: 'object' } }]));
    return [
      `/${path}${type.namespaced ? '/namespaces/{namespace}' : ''}/${type.plural}/{name}`,
      { get: operation('get'), patch: { ...operation('patch'), parameters: PARAMETERS, requestBody: { content, required: true } } },
    ];
  });
  const schemas = types.map((type) => {
    const structure = structureOf(type);
    const open = { ...OBJECT, 'x-kubernetes-preserve-unknown-fields': true };
    const custom = type.schema && { ...type.schema, properties: { ...OBJECT.properties, ...type.schema.properties } };
    const own = custom ?? (structure ? schemaOfStructure(structure) : open);
    return [
      schemaName(type),
      { ...own, 'x-kubernetes-group-version-kind': [{ group: type.group, kind: type.kind, version: type.version }] },
    ] as const;
  });
  const structures = partsOf(types.flatMap((type) => structureOf(type) ?? []));
  const shared = [...structures].map((part) => [part.name, schemaOfStructure(part)] as const);
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: apiVersionOf({ group, version }) },
    paths: Object.fromEntries(paths) as object,
    components: { schemas: Object.fromEntries([...shared, ...schemas]) as object },
  };
}

const SCALARS: Readonly<Record<string, object>> = {
  string: { type: 'string' },
  bool: { type: 'boolean' },
  int32: { type: 'integer', format: 'int32' },
  int64: { type: 'integer', format: 'int64' },
  number: { type: 'number', format: 'double' },
  quantity: { type: 'string' },
  intOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  time: { type: 'string', format: 'date-time' },
  bytes: { type: 'string', format: 'byte' },
  any: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

function schemaOfStructure({ fields, required }: Structure): object {
  const properties = Object.fromEntries([...fields].map(([name, type]) => [name, schemaOfType(type)]));
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

function schemaOfType(type: FieldType): object {
  if (type.is === 'list') return { type: 'array', items: schemaOfType(type.of) };
  if (type.is === 'map') return { type: 'object', additionalProperties: schemaOfType(type.of) };
  return SCALARS[type.name] ?? { $ref: `#/components/schemas/${type.name}` };
}

const innermost = (type: FieldType): string => (type.is === 'name' ? type.name : innermost(type.of));

/** The structures that some structures are made of, at any depth. */
function partsOf(structures: readonly Structure[]): ReadonlySet<Structure> {
  const found = new Set<Structure>();
  const visit = (type: FieldType): void => {
    const part = STRUCTURES.get(innermost(type));
    if (!part || found.has(part)) return;
    found.add(part);
    for (const field of part.fields.values()) visit(field);
  };
  for (const { fields } of structures) for (const field of fields.values()) visit(field);
  return found;
}

export const OPENAPI_V2 = { swagger: '2.0', info: { title: 'Kubernetes', version: 'v1' }, paths: {}, definitions: {} };

/** The same document as protobuf, which is all that kubectl reads: fields 1 (swagger), 2 (info), 8 (paths), 9 (definitions). */
export function openApiV2Protobuf(): Uint8Array {
  const field = (number: number, content: Uint8Array): Buffer => Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
  const info = Buffer.concat([field(1, Buffer.from('Kubernetes')), field(2, Buffer.from('v1'))]);
  return Buffer.concat([field(1, Buffer.from('2.0')), field(2, info), field(8, Buffer.alloc(0)), field(9, Buffer.alloc(0))]);
}
