/** Requests for resources: each verb to its handler, and objects to the form the client asked for. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { admit, isAdmissionNeeded } from '../admission/admit.ts';
import { prune } from '../kinds/schema.ts';
import { apiVersionOf, type ServedType, storageKind } from '../kinds/served-type.ts';
import { sendLogs } from '../pods/logs.ts';
import type { KubeObject } from '../store/object.ts';
import { type Form, formOf } from './accept.ts';
import { ADMIN, answerReview } from './access.ts';
import type { Backend } from './backend.ts';
import { type DeleteOptions, deleteObject, readDeleteOptions } from './delete.ts';
import { managerOf, readBody, sendJson } from './message.ts';
import { APPLY, patched, patchObject } from './patch.ts';
import { listPage, type Snapshots } from './read.ts';
import type { ApiRequest } from './request.ts';
import { scaled, scaleOf } from './scale.ts';
import { parseSelectors } from './selectors.ts';
import { ApiProblem, badRequest, noSuchPath, notFound, success } from './status.ts';
import { type IncludeObject, partialMetadata, tableOf } from './tables.ts';
import { watch } from './watch.ts';
import { createObject, type Intent, readObject, retryOvertaken, updateObject } from './write.ts';

export interface Exchange {
  readonly backend: Backend;
  readonly snapshots: Snapshots;
  readonly request: ApiRequest;
  readonly message: IncomingMessage;
  readonly response: ServerResponse;
}

const UPDATABLE = new Set(['', 'status', 'finalize', 'ephemeralcontainers']);

export async function serveResource(exchange: Exchange): Promise<void> {
  const { backend, request, response, message } = exchange;
  const type = backend.registry.find(request.group, request.version, request.resource);
  if (!type || (request.subresource !== '' && !type.subresources.includes(request.subresource))) throw noSuchPath();
  if (request.subresource === '' && !type.verbs.includes(request.verb))
    throw new ApiProblem('MethodNotAllowed', 'the server does not allow this method on the requested resource');
  const form = formOf(message.headers.accept);
  if (!form && request.subresource !== 'log')
    throw new ApiProblem('NotAcceptable', 'only the following media types are accepted: application/json');
  const shown = presenter(exchange, type, form ?? 'plain');
  if (request.verb === 'watch') return watch(backend, type, request, response, shown.one);
  if (request.verb === 'list') return sendJson(response, 200, shown.many());
  if (request.verb === 'deletecollection') return sendJson(response, 200, await deleteCollection(exchange, type));
  if (request.verb === 'create' && request.name === '') return create(exchange, type, shown.one);
  const live = backend.store.get(storageKind(type), type.namespaced ? request.namespace : '', request.name);
  if (request.subresource === 'scale') return scale(exchange, type, live);
  if (request.verb === 'patch') return patch(exchange, type, shown.one);
  if (!live) throw notFound(type, request.name);
  if (request.subresource === 'log') return sendLogs(backend, live, request.query, response);
  if (request.subresource === 'token' && request.verb === 'create') {
    return sendJson(response, 201, backend.tokens.issue(live, await readBody(message)));
  }
  if (request.subresource === 'eviction') return evict(exchange, type, live);
  if (!UPDATABLE.has(request.subresource))
    throw badRequest(`the sandbox does not serve "${request.subresource}" of ${type.plural} over plain requests`);
  if (request.verb === 'get') return sendJson(response, 200, shown.one(live));
  if (request.verb === 'update') {
    const intent = intentOf(exchange);
    const body = readObject(type, await readBody(message), request.namespace);
    const updated = await retryOvertaken(type, request.name, () => updateObject(backend, type, latest(exchange, type), body, intent));
    return sendJson(response, 200, shown.one(updated), warn(intent));
  }
  const intent = intentOf(exchange);
  const options = readDeleteOptions(await readBody(message), request.query);
  const left = await removeObject(backend, type, live, options, intent.warnings);
  return sendJson(response, 200, left ? shown.one(left) : success(type, request.name, live.metadata.uid), warn(intent));
}

/** The object that the URL names, as it is now. */
function latest({ backend, request }: Exchange, type: ServedType): KubeObject {
  const live = backend.store.get(storageKind(type), type.namespaced ? request.namespace : '', request.name);
  if (!live) throw notFound(type, request.name);
  return live;
}

/** Deletes an object that webhooks agree to delete. */
async function removeObject(
  backend: Backend,
  type: ServedType,
  live: KubeObject,
  options: DeleteOptions,
  warnings: string[],
): Promise<KubeObject | undefined> {
  const { namespace = '', name, uid } = live.metadata;
  const request = {
    type,
    operation: 'DELETE',
    subresource: '',
    object: undefined,
    previous: live,
    dryRun: options.dryRun,
    user: ADMIN,
  } as const;
  if (isAdmissionNeeded(backend, request)) await admit(backend, request, warnings);
  const now = backend.store.get(storageKind(type), namespace, name);
  return now && now.metadata.uid === uid ? deleteObject(backend, type, now, options) : undefined;
}

function presenter(
  { backend, snapshots, request }: Exchange,
  type: ServedType,
  form: Form,
): { readonly one: (object: KubeObject) => object; readonly many: () => object } {
  const apiVersion = apiVersionOf(type);
  const include = (request.query.get('includeObject') ?? 'Metadata') as IncludeObject;
  // What was stored under another schema is shown as this one has it: with its defaults, without what it does not know.
  const shaped = (object: KubeObject): KubeObject =>
    type.schema && object.kind === type.kind ? (prune(type.schema, object).value as KubeObject) : object;
  const versioned = (object: KubeObject): KubeObject => shaped(object.apiVersion === apiVersion ? object : { ...object, apiVersion });
  const table = (objects: readonly KubeObject[], metadata: object, headers = true): object =>
    tableOf(type, objects.map(versioned), metadata, { now: backend.now(), include, headers });
  let rows = 0;
  return {
    one: (object) => {
      if (object.kind !== type.kind || form === 'plain') return versioned(object);
      if (form === 'metadata') return partialMetadata(object);
      // A watch states the columns once.
      return table([object], { resourceVersion: object.metadata.resourceVersion }, rows++ === 0);
    },
    many: () => {
      const { items, metadata } = listPage(backend, snapshots, type, request.namespace, request.query);
      if (form === 'table') return table(items, metadata);
      if (form === 'metadata')
        return { kind: 'PartialObjectMetadataList', apiVersion: 'meta.k8s.io/v1', metadata, items: items.map(partialMetadata) };
      // Items of built-in lists do not repeat what they are; custom ones do.
      const shown = type.custom ? items.map(versioned) : items.map(({ apiVersion: _version, kind: _kind, ...rest }) => rest);
      return { kind: `${type.kind}List`, apiVersion, metadata, items: shown };
    },
  };
}

function intentOf({ request, message }: Exchange): Intent {
  const validation = request.query.get('fieldValidation');
  const dryRun = request.query.getAll('dryRun');
  if (dryRun.some((value) => value !== 'All'))
    throw badRequest(`Invalid value: "${dryRun.join(',')}": unsupported dryRun, supported values: "All"`);
  return {
    dryRun: dryRun.length > 0,
    manager: managerOf(request.query, message),
    validation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    subresource: request.subresource === 'finalize' ? '' : request.subresource,
    warnings: [],
  };
}

const warn = ({ warnings }: Intent): Record<string, string | string[]> =>
  warnings.length === 0
    ? {}
    : { warning: [...new Set(warnings)].map((text) => `299 - "${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`) };

async function create(exchange: Exchange, type: ServedType, show: (object: KubeObject) => object): Promise<void> {
  const { backend, request, message, response } = exchange;
  const intent = intentOf(exchange);
  const body = readObject(type, await readBody(message), request.namespace);
  const review = type.verbs.includes('get') ? undefined : answerReview(body, { ...backend, forbid: backend.options.forbid });
  if (review) return sendJson(response, 201, review);
  return sendJson(response, 201, show(await createObject(backend, type, body, intent)), warn(intent));
}

async function patch(exchange: Exchange, type: ServedType, show: (object: KubeObject) => object): Promise<void> {
  const { backend, request, message, response } = exchange;
  const intent = { ...intentOf(exchange), ...(dialectOf(message) === APPLY ? { manager: request.query.get('fieldManager') ?? '' } : {}) };
  const text = await readBody(message, 'text');
  const change = { dialect: dialectOf(message), text, force: request.query.get('force') === 'true' };
  const { object, created } = await patchObject(backend, type, type.namespaced ? request.namespace : '', request.name, change, intent);
  sendJson(response, created ? 201 : 200, show(object), warn(intent));
}

const dialectOf = (message: IncomingMessage): string => (message.headers['content-type'] ?? '').split(';')[0]?.trim() ?? '';

async function scale(exchange: Exchange, type: ServedType, live: KubeObject | undefined): Promise<void> {
  const { backend, request, message, response } = exchange;
  if (!live) throw notFound(type, request.name);
  if (request.verb === 'get') return sendJson(response, 200, scaleOf(type, live));
  const isPatch = request.verb === 'patch';
  const body = isPatch ? await readBody(message, 'text') : await readBody(message);
  const updated = await retryOvertaken(type, request.name, () => {
    const now = latest(exchange, type);
    const next = scaled(
      type,
      now,
      isPatch ? patched(type, scaleOf(type, now), { dialect: dialectOf(message), text: String(body), force: false }) : body,
    );
    const unchanged = isPatch ? { ...next, metadata: { ...next.metadata, resourceVersion: '' } } : next;
    return updateObject(backend, type, now, unchanged, intentOf(exchange));
  });
  return sendJson(response, 200, scaleOf(type, updated));
}

function evict({ backend, request, response }: Exchange, type: ServedType, live: KubeObject): void {
  deleteObject(backend, type, live, readDeleteOptions({}, request.query));
  sendJson(response, 201, { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 });
}

async function deleteCollection({ backend, request, message }: Exchange, type: ServedType): Promise<object> {
  const options = readDeleteOptions(await readBody(message), request.query);
  const match = parseSelectors(request.query, type);
  const items = backend.store.list(storageKind(type), request.namespace).filter(match);
  for (const object of items) await removeObject(backend, type, object, options, []);
  return { kind: `${type.kind}List`, apiVersion: apiVersionOf(type), metadata: { resourceVersion: String(backend.store.revision) }, items };
}
