/**
 * The walk against ajv, which is slow to compile these schemas and words its answers badly, but is right: objects of
 * the rules' examples and cases, changed at random places, are refused by both or by none.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, it } from 'vitest';
import { readText } from '../../src/gather/read.ts';
import type { Kind, Resource } from '../../src/model/resource.ts';
import { withDefaults } from '../../src/structure/defaults.ts';
import { knownAs } from '../../src/structure/definitions.ts';
import { FORMATS } from '../../src/structure/formats.ts';
import type { Found } from '../../src/structure/found.ts';
import { patterns } from '../../src/structure/patterns.ts';
import { isOpen, type Schema } from '../../src/structure/schema.ts';
import { walk } from '../../src/structure/walk.ts';
import { holdsPlaceholder } from '../../src/text/placeholder.ts';
import { expression } from '../../src/text/re2.ts';
import { changeAnywhere, randomFrom } from '../text/random-changes.ts';
import { groups } from './violations.ts';

const ROUNDS = 100;
const SEED = 8;

/** Kinds that between them use every construct of the definitions. Each costs ajv about a tenth of a second. */
const KINDS: readonly Kind[] = [
  'networking.istio.io/VirtualService',
  'networking.istio.io/DestinationRule',
  'networking.istio.io/ServiceEntry',
  'networking.istio.io/Gateway',
  'security.istio.io/AuthorizationPolicy',
  'telemetry.istio.io/Telemetry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/HTTPRoute',
  'policy.linkerd.io/Server',
  'policy.linkerd.io/MeshTLSAuthentication',
  'kuma.io/MeshTimeout',
  'policy.openservicemesh.io/Retry',
];

/** The expressions are Go's. ajv tells them apart by what they are as texts. */
const regExp = Object.assign((pattern: string) => ({ test: (text: string) => expression(pattern).isIn(text), toString: () => pattern }), {
  code: '',
});

const ajv = new Ajv({
  strict: false,
  logger: false,
  code: { regExp },
  formats: Object.fromEntries(Object.entries(FORMATS).map(([name, { accepts }]) => [name, accepts])),
});

/** A structural schema as plain JSON Schema. Branches say nothing of fields that they do not name. */
function plain(schema: Schema, isBranch = false): Record<string, unknown> {
  const { properties, additionalProperties, items, allOf, anyOf, oneOf, not, nullable, type, minimum, maximum, ...rest } = schema;
  const out: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([key]) => !key.startsWith('x-') && key !== 'default'),
  );
  const types = schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : type === undefined ? [] : [type];
  if (types.length > 0) out['type'] = nullable ? [...types, 'null'] : types;
  else if (!isBranch && !nullable && !isOpen(schema)) out['not'] = { type: 'null' };
  if (nullable && Array.isArray(out['enum'])) out['enum'] = [...out['enum'], null];
  if (minimum !== undefined) out[schema.exclusiveMinimum ? 'exclusiveMinimum' : 'minimum'] = minimum;
  else delete out['exclusiveMinimum'];
  if (maximum !== undefined) out[schema.exclusiveMaximum ? 'exclusiveMaximum' : 'maximum'] = maximum;
  for (const key of ['exclusiveMinimum', 'exclusiveMaximum']) if (typeof out[key] === 'boolean') delete out[key];
  if (properties) out['properties'] = Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, plain(part, isBranch)]));
  if (items) out['items'] = plain(items, isBranch);
  if (typeof additionalProperties === 'object') out['additionalProperties'] = plain(additionalProperties, isBranch);
  else if (!isBranch && type === 'object' && !isOpen(schema)) out['additionalProperties'] = false;
  if (allOf) out['allOf'] = allOf.map((branch) => plain(branch, true));
  if (anyOf && !schema['x-kubernetes-int-or-string']) out['anyOf'] = anyOf.map((branch) => plain(branch, true));
  if (oneOf) out['oneOf'] = oneOf.map((branch) => plain(branch, true));
  if (not) out['not'] = plain(not, true);
  return out;
}

const folder = fileURLToPath(new URL('../../fixtures/rules/', import.meta.url));
const examples = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.yaml'))
  .sort()
  .flatMap((path) => readText(readFileSync(folder + path, 'utf8'), path, { namespace: 'default', namespaceGiven: false }).resources);

interface Judges {
  readonly schema: Schema;
  readonly accepts: ValidateFunction;
  readonly objects: readonly Resource[];
}

function judgesOf(kind: Kind): Judges {
  const known = knownAs(kind, { groups, own: new Map(), messages: new Map() });
  const index = known?.definition.versions[0]?.schema ?? 0;
  const schema = known?.definition.schemas[index] ?? {};
  const objects = examples.filter((resource) => resource.kind === kind && !holdsPlaceholder(resource.body));
  return { schema, accepts: ajv.compile(plain(schema)), objects };
}

/** What ajv is not asked about, as JSON Schema has no word for it. */
const ASIDE = /repeats|does not fit into 32 bits/;

function objections(schema: Schema, value: unknown): readonly string[] {
  const found: Found[] = [];
  const never = (): undefined => undefined;
  walk(schema, value, [], { found, due: [], patterns: patterns(), release: '', meantBy: never, superseded: { was: never, is: never } });
  return found.map(({ message }) => message).filter((message) => !ASIDE.test(message));
}

describe('the walk agrees with ajv', () => {
  it.each(KINDS)('on objects of %s', (kind) => {
    const { schema, accepts, objects } = judgesOf(kind);
    const random = randomFrom(SEED);
    const verdicts = { taken: 0, refused: 0 };
    expect(objects.length).toBeGreaterThan(0);
    for (let round = 0; round < ROUNDS; round++) {
      const {
        apiVersion: _,
        kind: __,
        metadata: ___,
        status: ____,
        ...fields
      } = structuredClone(objects[random(objects.length)]?.body ?? {});
      for (let changes = random(3); changes > 0; changes--) changeAnywhere(fields, random);
      const value = withDefaults(schema, fields);
      const own = objections(schema, value);
      const peer = accepts(value);
      if (peer !== (own.length === 0)) expect({ value, own }).toEqual({ value, peer: accepts.errors });
      verdicts[peer ? 'taken' : 'refused']++;
    }
    expect(Math.min(verdicts.taken, verdicts.refused)).toBeGreaterThan(0);
  });
});
