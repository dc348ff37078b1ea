/**
 * Holds every object against the definition of its kind, as the API server would, and says everything that is wrong
 * with it at once. Called before rules run, because definitions and the evaluator of their expressions are loaded
 * when the input asks for them; the rules of the family structure only sort what is found here.
 */
import { getOrInsert } from '../model/maps.ts';
import type { Kind, Resource } from '../model/resource.ts';
import type { Violation } from '../model/violation.ts';
import { holdsPlaceholder } from '../text/placeholder.ts';
import type { Evaluator } from './cel.ts';
import { inChannels } from './channels.ts';
import { withDefaults } from './defaults.ts';
import { type Definitions, definitionsFor } from './definitions.ts';
import { type Due, type Found, isWithin } from './found.ts';
import { type Identity, judgeIdentity } from './identity.ts';
import { judgeLabels, judgeMetadata } from './metadata.ts';
import { meantBy } from './mistaken.ts';
import { type Patterns, patterns } from './patterns.ts';
import { type ProxyExpression, proxyExpressions } from './proxy-expressions.ts';
import type { Schema } from './schema.ts';
import { supersededFields } from './superseded.ts';
import { type Walk, walk } from './walk.ts';
import { judgeWritten } from './written-messages.ts';

export async function inspect(resources: readonly Resource[]): Promise<readonly Violation[]> {
  const definitions = await definitionsFor(resources);
  const known = patterns();
  const judged = judgeAll(resources, definitions, known);
  const isDue = judged.some(({ runs, expressions }) => expressions.length > 0 || runs.some(({ due }) => due.length > 0));
  const evaluator = isDue ? (await import('./cel.ts')).evaluator(known) : undefined;
  return violationsOf(judged, evaluator);
}

/** An object held against one schema; expressions are still due. */
interface Run {
  readonly found: readonly Found[];
  readonly due: readonly Due[];
}

interface Judged {
  readonly resource: Resource;
  /** What needs no schema. */
  readonly found: readonly Found[];
  /** Two where the experimental channel has a schema of its own. */
  readonly runs: readonly Run[];
  readonly expressions: readonly ProxyExpression[];
}

export function judgeAll(resources: readonly Resource[], definitions: Definitions, known: Patterns): readonly Judged[] {
  const shared: Shared = { definitions, patterns: known, identities: new Map(), schemas: new Map(), kinds: new Map() };
  return resources.filter(({ assumed }) => !assumed).map((resource) => judgeOne(resource, shared));
}

/** What is worked out once for all objects. */
interface Shared {
  readonly definitions: Definitions;
  readonly patterns: Patterns;
  /** By kind, version, and whether the object is of a file. */
  readonly identities: Map<string, Identity>;
  readonly schemas: Map<Schema, Schema>;
  readonly kinds: Map<Kind, Pick<Walk, 'meantBy' | 'superseded'>>;
}

function judgeOne(resource: Resource, shared: Shared): Judged {
  const labels = judgeLabels(resource.body);
  const key = `${resource.apiVersion} ${resource.kind} ${resource.origin !== undefined}`;
  const { found, schemas, release, isOwn } = getOrInsert(shared.identities, key, () => judgeIdentity(resource, shared.definitions));
  const about = [...labels, ...found, ...judgeWritten(resource, shared.definitions.messages)];
  // The definitions of the cluster took the object; those that meshctl brings along may be of another release.
  const isTaken = resource.origin === undefined && !isOwn;
  if (schemas.length === 0 || resource.partial) return { resource, found: about, runs: [], expressions: [] };
  const runs = schemas.map((schema) => judgeWith(schema, resource, release, shared));
  const kept = isTaken
    ? runs.map((run) => ({ found: run.found.filter(({ is }) => is === 'superseded' || is === 'leaving'), due: [] }))
    : runs;
  return {
    resource,
    found: isTaken ? about : [...about, ...judgeMetadata(resource.body)],
    runs: kept,
    expressions: isTaken ? [] : proxyExpressions(resource),
  };
}

function judgeWith(schema: Schema, { kind, body }: Resource, release: string, { patterns: known, schemas, kinds }: Shared): Run {
  const own = getOrInsert(schemas, schema, () => ownSchema(schema));
  const facts = getOrInsert(kinds, kind, () => ({ meantBy: meantBy(kind), superseded: supersededFields(kind) }));
  const { apiVersion: _, kind: __, metadata, status: ___, ...fields } = body;
  const found: Found[] = [];
  const due: Due[] = [];
  const value = withDefaults(own, fields);
  walk(own, value, [], { found, due, patterns: known, release, ...facts });
  // Expressions about the whole object may speak of its name.
  return { found, due: due.map((entry) => (entry.value === value ? { ...entry, value: { ...fields, metadata } } : entry)) };
}

/** What every object has, and the status that its controller writes, are not its author's. */
function ownSchema(schema: Schema): Schema {
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...properties } = schema.properties ?? {};
  return { ...schema, properties, required: (schema.required ?? []).filter((name) => Object.hasOwn(properties, name)) };
}

/** @param evaluator undefined when no expression is due */
export function violationsOf(judged: readonly Judged[], evaluator: Evaluator | undefined): readonly Violation[] {
  return judged.flatMap(({ resource, found, runs, expressions }) => {
    const [standard, experimental] = runs.map((run) => [...run.found, ...brokenRules(run, evaluator)]);
    const unreadable = expressions.filter(({ text }) => !holdsPlaceholder(text)).flatMap((each) => evaluator?.unreadable(each) ?? []);
    const all = [...found, ...inChannels(standard ?? [], experimental), ...unreadable];
    return all.map(({ blocks: _, about: __, ...entry }): Violation => ({ ...entry, at: resource }));
  });
}

/** An expression counts on the types of what it reads. Where a value is known to be wrong, it has nothing to add. */
function brokenRules({ found, due }: Run, evaluator: Evaluator | undefined): readonly Found[] {
  const blocking = found.filter(({ blocks }) => blocks).map(({ path }) => path);
  const incomplete = found.filter(({ is }) => is === 'missing').map(({ path }) => path);
  const wrong = new Set(found.filter(({ is }) => is === 'value').map(({ path, about = path }) => JSON.stringify(about)));
  return due.flatMap((entry) => {
    const isSound = !blocking.some((path) => isWithin(path, entry.path)) && !wrong.has(JSON.stringify(entry.path));
    if (!isSound || holdsPlaceholder(entry.value)) return [];
    return evaluator?.judge(entry, { isComplete: !incomplete.some((path) => isWithin(path, entry.path)) }) ?? [];
  });
}
