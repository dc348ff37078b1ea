/**
 * `npm run schemas -- DIR YYYY-MM`: makes schemas/resources out of CustomResourceDefinitions. Every folder of DIR is
 * one source, such as `istio` or `kuma`; of two that are called NAME-standard and NAME-experimental, the second one
 * is the other channel of the first. YYYY-MM is when they were taken. Descriptions, examples and `status` are left out.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadAll } from 'js-yaml';

const TITLES = {
  appmesh: 'App Mesh',
  consul: 'Consul',
  'gateway-api': 'Gateway API',
  istio: 'Istio',
  kuma: 'Kuma',
  linkerd: 'Linkerd',
  osm: 'Open Service Mesh',
};

/**
 * Kinds of Kubernetes' own multi-cluster API, of which Open Service Mesh brings a copy that is older than the original.
 * The copy must not judge what is written for the original.
 */
const COPIED_GROUPS = new Set(['multicluster.x-k8s.io']);

/**
 * SMI, which several meshes implement, has no definitions of its own: schemas are those of Open Service Mesh, which has
 * not all of it. Complete, as its project has ended.
 * @see https://github.com/servicemeshinterface/smi-spec/tree/main/apis
 */
const SMI = {
  'access.smi-spec.io': { TrafficTarget: ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4'], IdentityBinding: ['v1alpha4'] },
  'specs.smi-spec.io': {
    HTTPRouteGroup: ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4'],
    TCPRoute: ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4'],
    UDPRoute: ['v1alpha4'],
  },
  'split.smi-spec.io': { TrafficSplit: ['v1alpha1', 'v1alpha2', 'v1alpha3', 'v1alpha4'] },
};

/** Of a version without a definition, nothing but that it exists is known. */
const UNKNOWN_SCHEMA = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };

/** Says nothing about which values are valid. `x-kubernetes-int-or-string` says what its `anyOf` repeats. */
const LEFT_OUT = new Set(['description', 'example', 'externalDocs', 'title', 'x-kubernetes-map-type']);

const [folder, takenAt] = process.argv.slice(2);
if (folder === undefined || !/^\d{4}-\d{2}$/.test(takenAt ?? '')) {
  process.stderr.write('Name the folder of the CustomResourceDefinitions and the month they were taken: npm run schemas -- DIR YYYY-MM\n');
  process.exit(2);
}
const target = fileURLToPath(new URL('../../schemas/resources/', import.meta.url));
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const [group, definition] of groupsOf(folder)) {
  const text = `${JSON.stringify(definition)}\n`;
  writeFileSync(join(target, `${group}.json`), text);
  process.stdout.write(`${group}: ${Object.keys(definition.kinds).length} kinds, ${text.length} bytes\n`);
}

function groupsOf(root) {
  const groups = new Map();
  const sources = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  for (const { name } of sources) {
    const channel = /-(standard|experimental)$/.exec(name)?.[1];
    const source = name.replace(/-(standard|experimental)$/, '');
    const title = TITLES[source];
    if (title === undefined) throw new Error(`The folder "${name}" is of no known project.`);
    for (const crd of definitionsIn(join(root, name))) {
      if (COPIED_GROUPS.has(crd.group)) continue;
      const group = groups.get(crd.group) ?? firstOf(crd.group, title);
      groups.set(crd.group, group);
      const kind = group.kinds[crd.names.kind] ?? { versions: [], schemas: [] };
      group.kinds[crd.names.kind] = kind;
      for (const version of crd.versions)
        addVersion(crd.group, kind, Object.hasOwn(SMI, crd.group) ? { ...version, served: true } : version, channel);
    }
  }
  for (const [group, kinds] of Object.entries(SMI)) {
    for (const [kind, versions] of Object.entries(kinds)) addUnknown(groups.get(group), kind, versions);
  }
  for (const { kinds } of groups.values()) for (const kind of Object.values(kinds)) tidy(kind);
  return [...groups].sort(([left], [right]) => (left < right ? -1 : 1));
}

function firstOf(group, title) {
  return { source: Object.hasOwn(SMI, group) ? 'SMI' : title, takenAt, kinds: {} };
}

function addUnknown(group, name, versions) {
  group.kinds[name] ??= { versions: [], schemas: [] };
  const kind = group.kinds[name];
  const missing = versions.filter((version) => !kind.versions.some((known) => known.name === version));
  for (const version of missing) addVersion('', kind, { name: version, served: true, schema: UNKNOWN_SCHEMA });
}

/** CustomResourceDefinitions as YAML or JSON, and their `spec` alone. */
function definitionsIn(directory) {
  const files = readdirSync(directory).filter((file) => /\.(ya?ml|json)$/.test(file));
  const objects = files.sort().flatMap((file) => {
    const text = readFileSync(join(directory, file), 'utf8');
    return file.endsWith('.json') ? [JSON.parse(text)] : loadAll(text);
  });
  return objects.filter((object) => object !== null).map((object) => object.spec ?? object);
}

function addVersion(group, kind, { name, served, deprecated, schema }, channel) {
  const index = indexOf(kind, compact(schema?.openAPIV3Schema ?? schema ?? {}));
  const known = kind.versions.find((version) => version.name === name);
  const isExperimental = channel === 'experimental';
  if (!known) {
    const version = { name, schema: index };
    if (!served) version.served = false;
    if (deprecated) version.deprecated = true;
    // The name of a group such as gateway.networking.x-k8s.io says as much already.
    if (isExperimental && !group.includes('.x-')) version.channel = 'experimental';
    kind.versions.push(version);
    return;
  }
  const experimental = isExperimental ? { served, schema: index } : { served: known.served !== false, schema: known.schema };
  const standard = isExperimental ? { served: known.served !== false, schema: known.schema } : { served, schema: index };
  // A version that one channel alone serves is one of that channel.
  const only = standard.served ? standard : experimental;
  known.schema = only.schema;
  delete known.channel;
  delete known.served;
  if (!standard.served && !experimental.served) known.served = false;
  else if (!standard.served) known.channel = 'experimental';
  else if (experimental.served && experimental.schema !== standard.schema) known.experimental = experimental.schema;
}

/** In the order of their age, and without the schemas of versions that another channel has instead. */
function tidy(kind) {
  kind.versions.sort(newestFirst);
  const used = [...new Set(kind.versions.flatMap(({ schema, experimental = schema }) => [schema, experimental]))];
  for (const version of kind.versions) {
    version.schema = used.indexOf(version.schema);
    if (version.experimental !== undefined) version.experimental = used.indexOf(version.experimental);
  }
  kind.schemas = used.map((index) => kind.schemas[index]);
}

/** Versions that are alike share one schema. */
function indexOf(kind, schema) {
  const text = JSON.stringify(schema);
  const found = kind.schemas.findIndex((known) => JSON.stringify(known) === text);
  return found >= 0 ? found : kind.schemas.push(schema) - 1;
}

/** @param schema of an object; what is outside of its own fields is the API server's business */
function compact({ properties = {}, ...rest }) {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...own } = properties;
  return compacted({ ...rest, properties: own });
}

function compacted(schema) {
  const entries = Object.entries(schema).filter(
    ([key]) => !LEFT_OUT.has(key) && !(key === 'anyOf' && schema['x-kubernetes-int-or-string']),
  );
  return Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties') return [key, Object.fromEntries(Object.entries(value).map(([name, part]) => [name, compacted(part)]))];
      if (['items', 'not', 'additionalProperties'].includes(key) && typeof value === 'object') return [key, compacted(value)];
      if (['allOf', 'anyOf', 'oneOf'].includes(key)) return [key, value.map(compacted)];
      return [key, value];
    }),
  );
}

/** As Kubernetes orders them: v2, v1, v1beta2, v1beta1, v1alpha1. */
function newestFirst(left, right) {
  const rank = ({ name }) => {
    const [, major = '0', stage, minor = '0'] = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(name) ?? [];
    return [stage === undefined ? 2 : stage === 'beta' ? 1 : 0, Number(major), Number(minor)];
  };
  const [one, other] = [rank(left), rank(right)];
  return other[0] - one[0] || other[1] - one[1] || other[2] - one[2];
}
