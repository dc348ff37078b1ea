/** Changes as they happen, over as many connections as it takes. */
import { MeshctlError } from '../errors.ts';
import { numberAt, stringAt } from '../model/body.ts';
import type { ListOptions, ServedKind, WatchEvent } from '../model/cluster.ts';
import type { Resource } from '../model/resource.ts';
import { linesOf } from './lines.ts';
import { isExpired, pages } from './list.ts';
import { aboutKind, collectionPath, toResource } from './paths.ts';
import type { Api } from './request.ts';

/** The server ends a watch after this time; a dead connection is noticed then at the latest. */
const WATCH_SECONDS = 290;
/** A server that cannot be reached for this many tries in a row is gone. */
const MOST_FAILURES = 5;

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
  const known: Known = new Map();
  let version: string | undefined;
  let failures = 0;
  try {
    version = await snapshot(api, served, options, known, () => {});
    for (;;) {
      try {
        for await (const event of connection(api, served, options, version)) {
          failures = 0;
          version = versionOf(event.resource) || version;
          if (event.type === 'bookmark') continue;
          if (event.type === 'deleted') known.delete(keyOf(event.resource));
          else known.set(keyOf(event.resource), slim(event.resource));
          yield { type: event.type, resource: event.resource };
        }
      } catch (error) {
        if (signal?.aborted) return;
        if (isExpired(error)) {
          const missed: WatchEvent[] = [];
          version = await snapshot(api, served, options, known, (event) => missed.push(event));
          yield* missed;
          continue;
        }
        const lost = error instanceof MeshctlError && /^E_CLUSTER_(UNREACHABLE|TIMEOUT)$/.test(error.code);
        if (!lost || ++failures > MOST_FAILURES) throw error;
        await api.host.clock.sleep(250 * 2 ** failures, signal);
      }
    }
  } catch (error) {
    if (!signal?.aborted) throw error;
  }
}

/** Reads the list anew and tells what changed since. @returns the version to watch from */
async function snapshot(
  api: Api,
  served: ServedKind,
  options: ListOptions,
  known: Known,
  tell: (event: WatchEvent) => void,
): Promise<string> {
  const before = new Map(known);
  let version = '';
  for await (const page of pages(api, served, options)) {
    version = page.resourceVersion;
    for (const resource of page.resources) {
      const key = keyOf(resource);
      const earlier = before.get(key);
      before.delete(key);
      known.set(key, slim(resource));
      if (!earlier) tell({ type: 'added', resource });
      else if (versionOf(earlier) !== versionOf(resource)) tell({ type: 'modified', resource });
    }
  }
  for (const [key, resource] of before) {
    known.delete(key);
    tell({ type: 'deleted', resource });
  }
  return version;
}

interface Received {
  readonly type: WatchEvent['type'] | 'bookmark';
  readonly resource: Resource;
}

async function* connection(api: Api, served: ServedKind, options: ListOptions, version: string | undefined): AsyncIterable<Received> {
  const { namespace, labelSelector, fieldSelector, signal } = options;
  const about = aboutKind('watch', served, namespace);
  const stream = await api.stream({
    about,
    path: collectionPath(served, namespace),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      resourceVersion: version,
      timeoutSeconds: WATCH_SECONDS,
      labelSelector,
      fieldSelector,
    },
    signal,
  });
  for await (const line of linesOf(stream)) {
    const event = parsed(line);
    const type = stringAt(event, 'type') ?? '';
    if (type === 'ERROR') {
      const expired = numberAt(event, 'object', 'code') === 410;
      throw new MeshctlError(expired ? 'E_CLUSTER_EXPIRED' : 'E_CLUSTER_UNREACHABLE', `The watch of ${about.what} broke off.`, { exit: 3 });
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
