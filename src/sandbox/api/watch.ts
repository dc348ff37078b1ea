/** Watches: what is there, what was missed, then what happens, as one JSON document per line. */
import type { ServerResponse } from 'node:http';
import { apiVersionOf, type ServedType, storageKind } from '../kinds/served-type.ts';
import type { KubeObject } from '../store/object.ts';
import type { StoreEvent } from '../store/store.ts';
import type { Backend } from './backend.ts';
import type { ApiRequest } from './request.ts';
import { parseSelectors } from './selectors.ts';
import { badRequest, expired } from './status.ts';

const BOOKMARK_MS = 30_000;
const LONGEST_SECONDS = 3600;

interface WatchLine {
  readonly type: string;
  readonly object: object;
}

/** @param show an object in the form that the client asked for */
export function watch(
  backend: Backend,
  type: ServedType,
  request: ApiRequest,
  response: ServerResponse,
  show: (object: KubeObject) => object,
): void {
  const { query, namespace, name } = request;
  const selects = parseSelectors(query, type);
  const match = (object: KubeObject): boolean =>
    (namespace === '' || !type.namespaced || object.metadata.namespace === namespace) &&
    (name === '' || object.metadata.name === name) &&
    selects(object);
  const stated = query.get('resourceVersion') ?? '';
  if (!/^\d*$/.test(stated)) throw badRequest(`resourceVersion: Invalid value: "${stated}"`);
  const kind = storageKind(type);
  const initial = query.get('sendInitialEvents') === 'true';
  const fromStart = initial || stated === '' || stated === '0';
  const seconds = Math.min(Number(query.get('timeoutSeconds') ?? LONGEST_SECONDS) || LONGEST_SECONDS, LONGEST_SECONDS);
  const write = (line: WatchLine): void => {
    if (!response.writableEnded) response.write(`${JSON.stringify(line)}\n`);
  };
  const bookmark = (annotations?: Readonly<Record<string, string>>): void => {
    const metadata = { resourceVersion: String(backend.store.revision), creationTimestamp: null, ...(annotations ? { annotations } : {}) };
    write({ type: 'BOOKMARK', object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata } });
  };
  response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache, private' });
  response.flushHeaders();
  const missed = fromStart ? [] : backend.store.since(Number(stated), kind);
  if (!missed) {
    write({ type: 'ERROR', object: expired(`too old resource version: ${stated} (${backend.store.revision})`).toStatus() });
    response.end();
    return;
  }
  if (fromStart) for (const object of backend.store.list(kind)) if (match(object)) write({ type: 'ADDED', object: show(object) });
  if (initial) bookmark({ 'k8s.io/initial-events-end': 'true' });
  const send = (event: StoreEvent): void => {
    const line = event.kind === kind ? lineFor(event, match) : undefined;
    if (line) write({ type: line.type, object: show(line.object) });
  };
  for (const event of missed) send(event);
  const unsubscribe = backend.store.subscribe(send);
  const bookmarks = query.get('allowWatchBookmarks') === 'true' ? setInterval(() => bookmark(), BOOKMARK_MS) : undefined;
  const end = (): void => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timeout);
    backend.closing.removeEventListener('abort', end);
    if (!response.writableEnded) response.end();
  };
  const timeout = setTimeout(() => {
    if (bookmarks) bookmark();
    end();
  }, seconds * 1000);
  backend.closing.addEventListener('abort', end);
  response.on('close', end);
}

/** A change may bring an object into a selection or take it out of one. */
function lineFor(
  event: StoreEvent,
  match: (object: KubeObject) => boolean,
): { readonly type: string; readonly object: KubeObject } | undefined {
  const was = event.previous !== undefined && match(event.previous);
  const is = event.type !== 'DELETED' && match(event.object);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: event.object };
  return was ? { type: 'DELETED', object: event.object } : undefined;
}
