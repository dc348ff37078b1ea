/** Create and update: from a body to a stored object, through defaults, admission, schema and managed fields. */
import { randomBytes, randomUUID } from 'node:crypto';
import { isBody } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import { type AdmissionRequest, admit, isAdmissionNeeded } from '../admission/admit.ts';
import { shapeOf } from '../change/list-shape.ts';
import { manageUpdate } from '../change/managed-fields.ts';
import { establishedStatus } from '../kinds/custom.ts';
import { serviceNumbers, withDefaults } from '../kinds/defaults.ts';
import { DEFINITIONS } from '../kinds/registry.ts';
import { requirementsOf } from '../kinds/requirements.ts';
import { prune, validate } from '../kinds/schema.ts';
import { apiVersionOf, type ServedType, storageKind } from '../kinds/served-type.ts';
import { DecodeProblem, decode, decodeMetadata, structureOf } from '../kinds/structure.ts';
import { type Fields, isSame, type KubeObject, type ManagedFieldsEntry, timestamp } from '../store/object.ts';
import { ADMIN } from './access.ts';
import type { Backend } from './backend.ts';
import { type ApiProblem, alreadyExists, badRequest, forbidden, invalid, notFound, outdated } from './status.ts';

/** How a write is to be done, besides what is written. */
export interface Intent {
  readonly dryRun: boolean;
  readonly manager: string;
  readonly validation: 'Ignore' | 'Warn' | 'Strict';
  readonly subresource: string;
  /** Filled with what the client should be told. */
  readonly warnings: string[];
}

const NAMESPACES: Kind = 'core/Namespace';
const NAMESPACE_TYPE = { group: '', plural: 'namespaces' };

/** A body as an object of the type, or a refusal. */
export function readObject(type: ServedType, body: unknown, namespace: string): KubeObject {
  if (!isBody(body)) throw badRequest('the body of the request was not an object');
  const wanted = apiVersionOf(type);
  const given = { apiVersion: body['apiVersion'] ?? wanted, kind: body['kind'] ?? type.kind };
  if (given.kind !== type.kind || given.apiVersion !== wanted) {
    throw badRequest(
      `the API version in the data (${String(given.apiVersion)}, ${String(given.kind)}) does not match the expected API version (${wanted}, ${type.kind})`,
    );
  }
  const metadata = isBody(body['metadata']) ? body['metadata'] : {};
  const stated = metadata['namespace'];
  if (type.namespaced && typeof stated === 'string' && stated !== '' && stated !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  const name = typeof metadata['name'] === 'string' ? metadata['name'] : '';
  const { namespace: _namespace, ...rest } = metadata;
  return { ...body, apiVersion: wanted, kind: type.kind, metadata: { ...rest, name, ...(type.namespaced ? { namespace } : {}) } };
}

function requireNamespace(backend: Backend, type: ServedType, namespace: string, name: string): void {
  if (!type.namespaced) return;
  const found = backend.store.get(NAMESPACES, '', namespace);
  if (!found) throw notFound(NAMESPACE_TYPE, namespace);
  if (found.metadata.deletionTimestamp !== undefined) {
    throw forbidden(type, name, `unable to create new content in namespace ${namespace} because it is being terminated`);
  }
}

/** The object with defaults, and without what its schema does not know. */
function completed(backend: Backend, type: ServedType, object: KubeObject, intent: Intent): KubeObject {
  const { value, unknown } = decoded(type, object);
  const filled = withDefaults(type, value, serviceNumbers(backend.store.list('core/Service')));
  const pruned = type.schema ? prune(type.schema, filled) : { value: filled, unknown: [] };
  const texts = [...unknown, ...pruned.unknown].map((path) => `unknown field "${path}"`);
  if (intent.validation === 'Strict' && texts.length > 0) throw undecodable(type, `strict decoding error: ${texts.join(', ')}`);
  if (intent.validation === 'Warn') intent.warnings.push(...texts);
  return pruned.value as KubeObject;
}

/**
 * The object as the structure of its kind has it, and the fields that this does not know.
 * @throws ApiProblem for a value of a wrong type
 */
export function decoded(type: ServedType, object: KubeObject): { readonly value: KubeObject; readonly unknown: readonly string[] } {
  const structure = structureOf(type);
  try {
    if (structure) return decode(structure, object) as { readonly value: KubeObject; readonly unknown: readonly string[] };
    const { value, unknown } = decodeMetadata(object.metadata);
    return { value: { ...object, metadata: value as KubeObject['metadata'] }, unknown };
  } catch (error) {
    throw error instanceof DecodeProblem ? undecodable(type, error.message) : error;
  }
}

const undecodable = (type: ServedType, why: string): ApiProblem =>
  badRequest(`${type.kind} in version "${type.version}" cannot be handled as a ${type.kind}: ${why}`);

function verified(type: ServedType, object: KubeObject, previous: KubeObject | undefined): KubeObject {
  const causes = [...requirementsOf(type, object, previous), ...(type.schema ? validate(type.schema, object) : [])];
  if (causes.length > 0) throw invalid(type, object.metadata.name, causes);
  return object;
}

async function admitted(
  backend: Backend,
  type: ServedType,
  object: KubeObject,
  previous: KubeObject | undefined,
  intent: Intent,
): Promise<KubeObject> {
  const ready = completed(backend, type, object, intent);
  const { dryRun, subresource, warnings } = intent;
  const operation = previous ? 'UPDATE' : 'CREATE';
  const request: AdmissionRequest = { type, operation, subresource, object: ready, previous, dryRun, user: ADMIN };
  if (subresource === 'scale' || !isAdmissionNeeded(backend, request)) return verified(type, ready, previous);
  // What a webhook adds is not told to the client as a mistake of its own.
  const quiet: Intent = { ...intent, validation: 'Ignore' };
  return (
    (await admit(backend, request, warnings, (changed) => verified(type, completed(backend, type, changed, quiet), previous))) ?? ready
  );
}

const hasStatus = (type: ServedType): boolean => type.subresources.includes('status');

const authorOf = (backend: Backend, type: ServedType, intent: Intent): Parameters<typeof manageUpdate>[3] => ({
  manager: intent.manager,
  apiVersion: apiVersionOf(type),
  subresource: intent.subresource,
  time: timestamp(backend.now()),
});

/** @param entries managed fields that an apply has worked out */
export async function createObject(
  backend: Backend,
  type: ServedType,
  body: KubeObject,
  intent: Intent,
  entries?: readonly ManagedFieldsEntry[],
): Promise<KubeObject> {
  const { metadata } = body;
  const generated = metadata.name === '' && typeof metadata.generateName === 'string' && metadata.generateName !== '';
  const name = generated ? `${metadata.generateName}${randomBytes(3).toString('hex').slice(0, 5)}` : metadata.name;
  const kind = storageKind(type);
  const requireRoom = (): void => {
    requireNamespace(backend, type, metadata.namespace ?? '', name);
    if (backend.store.get(kind, metadata.namespace ?? '', name)) throw alreadyExists(type, name);
  };
  requireRoom();
  if (metadata.resourceVersion) throw badRequest('resourceVersion should not be set on objects to be created');
  const { deletionTimestamp: _deleted, managedFields: _managed, uid: _uid, ...kept } = metadata;
  const { status: _status, ...rest } = body;
  const cleaned = {
    ...(hasStatus(type) ? rest : body),
    metadata: {
      ...kept,
      name,
      uid: randomUUID(),
      creationTimestamp: timestamp(backend.now()),
      ...(type.counted ? { generation: 1 } : {}),
    },
  } as KubeObject;
  const object = await admitted(backend, type, cleaned, undefined, intent);
  requireRoom();
  const managedFields = entries ?? manageUpdate(undefined, body, [], authorOf(backend, type, intent), shapeOf(type.schema));
  const complete = { ...object, metadata: { ...object.metadata, managedFields } };
  if (intent.dryRun) return complete;
  return backend.store.create(kind, asStored(backend, type, complete));
}

/** An object in the version that it is stored in; a definition with its status. */
function asStored(backend: Backend, type: ServedType, object: KubeObject): KubeObject {
  if (storageKind(type) === DEFINITIONS) return establishedStatus(object, timestamp(backend.now()));
  return type.storedVersion === undefined ? object : { ...object, apiVersion: apiVersionOf({ ...type, version: type.storedVersion }) };
}

/** Fields of the metadata that a client cannot change. */
const FIXED = [
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'resourceVersion',
  'namespace',
] as const;

/** The new state of an object: the parts the request may write from `next`, the others as they are. */
function writable(type: ServedType, live: KubeObject, next: KubeObject, subresource: string): KubeObject {
  const fixed = Object.fromEntries(FIXED.map((name) => [name, live.metadata[name]]).filter(([, value]) => value !== undefined));
  const free = Object.fromEntries(Object.entries(next.metadata).filter(([name]) => !(FIXED as readonly string[]).includes(name)));
  if (subresource === 'status') {
    return { ...live, status: next['status'], metadata: { ...live.metadata, managedFields: next.metadata.managedFields } } as KubeObject;
  }
  const state: KubeObject = { ...next, metadata: { ...free, ...fixed, name: live.metadata.name } as KubeObject['metadata'] };
  return hasStatus(type) ? { ...state, status: live['status'] } : state;
}

const countedPart = ({ metadata: _metadata, apiVersion: _version, status, ...rest }: KubeObject, type: ServedType): Fields =>
  hasStatus(type) ? rest : { ...rest, status };

/** Somebody else wrote the object while webhooks were asked about this write. */
class Overtaken extends Error {}

const MOST_ATTEMPTS = 5;

/**
 * Does a write that may be overtaken, and does it anew from the latest state when it was.
 * @throws ApiProblem of reason Conflict when that happens too often
 */
export async function retryOvertaken<T>(type: ServedType, name: string, attempt: () => Promise<T>): Promise<T> {
  for (let count = 0; count < MOST_ATTEMPTS; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Overtaken)) throw error;
    }
  }
  throw outdated(type, name);
}

/** @throws Overtaken when `live` is no longer the latest state; see retryOvertaken */
export async function updateObject(
  backend: Backend,
  type: ServedType,
  live: KubeObject,
  next: KubeObject,
  intent: Intent,
  entries?: readonly ManagedFieldsEntry[],
): Promise<KubeObject> {
  const { metadata } = next;
  const name = live.metadata.name;
  if (metadata.name !== '' && metadata.name !== name)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${name})`);
  if (metadata.resourceVersion && metadata.resourceVersion !== live.metadata.resourceVersion) throw outdated(type, name);
  if (metadata.uid && metadata.uid !== live.metadata.uid) {
    throw outdated(type, name);
  }
  const cleaned = writable(type, live, next, intent.subresource);
  // Fields that clients leave out of an update, such as the cluster IP of a service, keep their value.
  const proposed = type.plural === 'services' && !type.custom ? keepAddress(live, cleaned) : cleaned;
  const object = await admitted(backend, type, proposed, live, intent);
  if (backend.store.get(storageKind(type), live.metadata.namespace ?? '', name) !== live) throw new Overtaken();
  const counts = type.counted && !isSame(countedPart(live, type), countedPart(object, type));
  const generation = (live.metadata.generation ?? 1) + (counts ? 1 : 0);
  const given = Array.isArray(metadata.managedFields) ? metadata.managedFields : (live.metadata.managedFields ?? []);
  const managedFields = entries ?? manageUpdate(live, object, given, authorOf(backend, type, intent), shapeOf(type.schema));
  const complete: KubeObject = {
    ...object,
    metadata: { ...object.metadata, managedFields, ...(type.counted ? { generation } : {}) },
  };
  if (complete['status'] === undefined) delete complete['status'];
  if (intent.dryRun) return complete;
  const stored = backend.store.replace(storageKind(type), asStored(backend, type, complete));
  return removeIfFinalized(backend, storageKind(type), stored);
}

function keepAddress(live: KubeObject, next: KubeObject): KubeObject {
  const before = isBody(live['spec']) ? live['spec'] : {};
  const after = isBody(next['spec']) ? next['spec'] : {};
  if (after['type'] === 'ExternalName') return next;
  return { ...next, spec: { clusterIP: before['clusterIP'], clusterIPs: before['clusterIPs'], ...after } };
}

/** An object that is being deleted goes when its last finalizer is gone. */
function removeIfFinalized(backend: Backend, kind: Kind, object: KubeObject): KubeObject {
  const { metadata } = object;
  if (metadata.deletionTimestamp === undefined || (metadata.finalizers ?? []).length > 0) return object;
  if (kind === NAMESPACES || (metadata.deletionGracePeriodSeconds ?? 0) > 0) return object;
  return backend.store.remove(kind, metadata.namespace ?? '', metadata.name) ?? object;
}
