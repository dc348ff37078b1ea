/**
 * `npm run messages -- FILE NAME YYYY-MM`: makes schemas/messages/NAME.json, where NAME is `envoy` or `istio`, out of a
 * FileDescriptorSet with Envoy's API v3 or Istio's API, as `buf build -o FILE` or `protoc --include_imports
 * --descriptor_set_out=FILE` write it. YYYY-MM is when it was taken. Only names and types of fields are kept, and which of
 * them exclude each other.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromBinary } from '@bufbuild/protobuf';
import { FieldDescriptorProto_Label, FieldDescriptorProto_Type, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';

const { ENUM, MESSAGE } = FieldDescriptorProto_Type;
const SCALARS = {
  [FieldDescriptorProto_Type.DOUBLE]: 'number',
  [FieldDescriptorProto_Type.FLOAT]: 'number',
  [FieldDescriptorProto_Type.INT64]: 'int64',
  [FieldDescriptorProto_Type.UINT64]: 'uint64',
  [FieldDescriptorProto_Type.INT32]: 'int32',
  [FieldDescriptorProto_Type.FIXED64]: 'uint64',
  [FieldDescriptorProto_Type.FIXED32]: 'uint32',
  [FieldDescriptorProto_Type.BOOL]: 'bool',
  [FieldDescriptorProto_Type.STRING]: 'string',
  [FieldDescriptorProto_Type.BYTES]: 'bytes',
  [FieldDescriptorProto_Type.UINT32]: 'uint32',
  [FieldDescriptorProto_Type.SFIXED32]: 'int32',
  [FieldDescriptorProto_Type.SFIXED64]: 'int64',
  [FieldDescriptorProto_Type.SINT32]: 'int32',
  [FieldDescriptorProto_Type.SINT64]: 'int64',
};

/** Where configuration may begin. Of other packages only what these messages refer to is kept. */
const APIS = {
  envoy: { source: 'Envoy', roots: /^(envoy\.(config|extensions|tcp|watchdog)|io\.istio|istio\.envoy|stats|udpa\.type|xds\.type)\./ },
  istio: { source: 'Istio', roots: /^istio\.mesh\.v1alpha1\.(MeshConfig|MeshNetworks|ProxyConfig)$/ },
};
/** Every reader of protobuf knows these, and writes them in their own way. */
const WELL_KNOWN = /^google\.protobuf\.(?!Empty$)/;

const [file, name, takenAt] = process.argv.slice(2);
if (file === undefined || !Object.hasOwn(APIS, name ?? '') || !/^\d{4}-\d{2}$/.test(takenAt ?? '')) {
  process.stderr.write('Name the file of descriptors, envoy or istio, and the month it was taken: npm run messages -- FILE NAME YYYY-MM\n');
  process.exit(2);
}
const { source, roots } = APIS[name];
const messages = new Map();
const enums = new Map();
for (const part of fromBinary(FileDescriptorSetSchema, readFileSync(file)).file) collect(part.package, part.messageType, part.enumType);
const used = reachable([...messages.keys()].filter((message) => roots.test(message)));
const kept = (map) => Object.fromEntries([...map].filter(([key]) => used.has(key)).sort(([a], [b]) => (a < b ? -1 : 1)));
const text = `${JSON.stringify({ source, takenAt, messages: kept(messages), enums: kept(enums) })}\n`;
const target = fileURLToPath(new URL('../../schemas/messages/', import.meta.url));
mkdirSync(target, { recursive: true });
writeFileSync(`${target}${name}.json`, text);
process.stdout.write(`${used.size} messages and enums, ${text.length} bytes\n`);

function reachable(names) {
  const seen = new Set();
  const open = [...names];
  while (open.length > 0) {
    const name = open.pop();
    if (seen.has(name) || WELL_KNOWN.test(name)) continue;
    seen.add(name);
    open.push(
      ...Object.values(messages.get(name)?.fields ?? {})
        .map((type) => type.replace(/^(?:[[{]|enum:)*|[\]}]$/g, ''))
        .filter((type) => type.includes('.')),
    );
  }
  return seen;
}

function collect(scope, messageTypes, enumTypes) {
  for (const { name, value } of enumTypes) {
    enums.set(
      `${scope}.${name}`,
      value.map((each) => each.name),
    );
  }
  for (const message of messageTypes) {
    // Maps are lists of entries to protobuf alone.
    if (message.options?.mapEntry) continue;
    const name = `${scope}.${message.name}`;
    const entries = new Map(
      message.nestedType.filter(({ options }) => options?.mapEntry).map((entry) => [`.${name}.${entry.name}`, entry]),
    );
    messages.set(name, {
      fields: Object.fromEntries(message.field.map((field) => [field.name, typeOf(field, entries)])),
      ...choices(message),
    });
    collect(name, message.nestedType, message.enumType);
  }
}

/** `string`, `[bool]` for a list, `{string}` for a map by its values; the name of a message, `enum:` and that of an enum. */
function typeOf(field, entries) {
  const entry = entries.get(field.typeName);
  if (entry)
    return `{${typeOf(
      entry.field.find(({ number }) => number === 2),
      entries,
    )}}`;
  const name = field.typeName.slice(1);
  const type = field.type === MESSAGE ? name : field.type === ENUM ? `enum:${name}` : SCALARS[field.type];
  return field.label === FieldDescriptorProto_Label.REPEATED ? `[${type}]` : type;
}

/** An optional field is alone in its choice. */
function choices({ oneofDecl, field }) {
  const groups = oneofDecl.map((_, index) => field.filter((each) => Object.hasOwn(each, 'oneofIndex') && each.oneofIndex === index));
  const real = groups.map((group) => group.map(({ name }) => name)).filter(({ length }) => length > 1);
  return real.length === 0 ? {} : { choices: real };
}
