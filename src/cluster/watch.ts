/** Changes as they happen, over as many connections as it takes. */
import { MeshctlError } from '../errors.ts';
import { numberAt, stringAt } from '../model/body.ts';
import type { ListOptions, ServedKind, WatchEvent } from '../model/cluster.ts';
import type { Resource } from '../model/resource.ts';
import { excerpt, failure } from './errors.ts';
import { linesOf } from './lines.ts';
import { isExpired, pages } from './list.ts';
import { aboutKind, collectionPath, toResource } from './paths.ts';
import type { Api } from './request.ts';

/** The server ends a watch after this time, and sends a bookmark about every minute before; a connection that is silent for longer is dead. */
const WATCH_SECONDS = 290;
const SILENT_MS = (WATCH_SECONDS + 10) * 1000;
/** A server that cannot be reached for this many tries in a row is gone. */
const MOST_FAILURES = 5;
/** A watch that ends sooner, and without an event, would be asked for again and again. */
const SHORT_MS = 1000;
/** Failures that a server which restarts or is busy may show. */
const PASSING = /^E_CLUSTER_(UNREACHABLE|TIMEOUT|FAILED)$/;

const TYPES: Readonly<Record<string, WatchEvent['type']>> = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' };

/** What the caller knows of, by key and version, so that a gap can be told as changes. */
type Known = Map<string, Resource>;

const keyOf = (resource: Resource): string => `${resource.namespace}/${resource.name}`;
const versionOf = (resource: Resource): string => stringAt(resource.body, 'metadata', 'resourceVersion') ?? '';

/** Enough of an object to tell that it is gone, or has changed. */
const slim = (resource: Resource): Resource => ({
  ...resource,
  body: { apiVersion: resource.apiVersion, kind: resource.body['kind'], metadata: resource.body['metadata'] },
});

export async function* changes(api: Api, served: ServedKind, options: ListOptions): AsyncIterable<WatchEvent> {
  const { signal } = options;
  const { clock } = api.host;
  let failures = 0;
  try {
    let { known, version } = await snapshot(api, served, options);
    let expired = false;
    for (;;) {
      let opened: number | undefined;
      try {
        if (expired) {
          const { missed, ...now } = await snapshot(api, served, options, known);
          ({ known, version } = now);
          expired = false;
          yield* missed;
        }
        let silent = true;
        const events = await connection(api, served, options, version);
        opened = clock.now();
        for await (const event of events) {
          silent = false;
          failures = 0;
          version = versionOf(event.resource) || version;
          if (event.type === 'bookmark') continue;
          if (event.type === 'deleted') known.delete(keyOf(event.resource));
          else known.set(keyOf(event.resource), slim(event.resource));
          yield { type: event.type, resource: event.resource };
        }
        if (silent && clock.now() - opened < SHORT_MS)
          throw brokenOff('E_CLUSTER_UNREACHABLE', 'the server ends it at once', api, served, options);
      } catch (error) {
        if (signal?.aborted) return;
        if (isExpired(error)) expired = true;
        else if (!(error instanceof MeshctlError && PASSING.test(error.code))) throw error;
        if (opened !== undefined && clock.now() - opened >= SHORT_MS) failures = 0;
        if (++failures > MOST_FAILURES) throw error;
        await clock.sleep(250 * 2 ** failures, signal);
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

function brokenOff(code: string, reason: string, api: Api, served: ServedKind, { namespace }: ListOptions): MeshctlError {
  return failure(code, aboutKind('watch', served, namespace), api.place, reason, { hint: 'Try again.' });
}

interface Snapshot {
  readonly known: Known;
  /** What differs from the state before. */
  readonly missed: readonly WatchEvent[];
  /** Where to watch from. */
  readonly version: string;
}

/** Reads the list, anew when there is a state `before`. */
async function snapshot(api: Api, served: ServedKind, options: ListOptions, before?: Known): Promise<Snapshot> {
  let known: Known = new Map();
  let missed: WatchEvent[] = [];
  let version = '';
  for await (const page of pages(api, served, options)) {
    if (page.begins) {
      known = new Map();
      missed = [];
    }
    version = page.resourceVersion;
    for (const resource of page.resources) {
      const earlier = before?.get(keyOf(resource));
      known.set(keyOf(resource), slim(resource));
      if (!before || (earlier && versionOf(earlier) === versionOf(resource))) continue;
      missed.push({ type: earlier ? 'modified' : 'added', resource });
    }
  }
  for (const [key, resource] of before ?? []) if (!known.has(key)) missed.push({ type: 'deleted', resource });
  return { known, missed, version };
}

interface Received {
  readonly type: WatchEvent['type'] | 'bookmark';
  readonly resource: Resource;
}

async function connection(api: Api, served: ServedKind, options: ListOptions, version: string): Promise<AsyncIterable<Received>> {
  const { namespace, labelSelector, fieldSelector, signal } = options;
  const stream = await api.stream({
    about: aboutKind('watch', served, namespace),
    path: collectionPath(served, namespace),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: version,
      timeoutSeconds: WATCH_SECONDS,
      labelSelector,
      fieldSelector,
    },
    silentMs: SILENT_MS,
    signal,
  });
  return received(stream, api, served, options);
}

async function* received(stream: AsyncIterable<Uint8Array>, api: Api, served: ServedKind, options: ListOptions): AsyncIterable<Received> {
  for await (const line of linesOf(stream)) {
    const event = parsed(line);
    const type = stringAt(event, 'type') ?? '';
    if (type === 'ERROR') {
      const code = numberAt(event, 'object', 'code') === 410 ? 'E_CLUSTER_EXPIRED' : 'E_CLUSTER_UNREACHABLE';
      const said = excerpt(stringAt(event, 'object', 'message') ?? '', api.place.secrets).replace(/\.$/, '');
      throw brokenOff(code, `it broke off${said && `: ${said}`}`, api, served, options);
    }
    const object = (event as { readonly object?: unknown }).object;
    if (type === 'BOOKMARK') {
      const resource = toResource(
        { ...(object as object), metadata: { name: '', ...(object as { metadata?: object }).metadata } },
        served,
        false,
      );
      if (resource) yield { type: 'bookmark', resource };
      continue;
    }
    const resource = toResource(object, served, false);
    const known = TYPES[type];
    if (resource && known) yield { type: known, resource };
  }
}

/** A line that was cut by a lost connection is no event; the next connection brings it whole. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return {};
  }
}
