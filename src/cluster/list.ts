/** Reading objects, in pages, so that no more than one page is held here. */
import { MeshctlError } from '../errors.ts';
import { has, listAt, stringAt } from '../model/body.ts';
import type { ListOptions, ServedKind } from '../model/cluster.ts';
import type { Ref, Resource } from '../model/resource.ts';
import { strangeAnswer } from './errors.ts';
import { aboutKind, aboutObject, collectionPath, objectPath, toResource } from './paths.ts';
import type { Api } from './request.ts';

export interface Page {
  readonly resources: readonly Resource[];
  /** True for a first page; what earlier pages told is out of date then. */
  readonly begins: boolean;
  /** State of the whole list, from which a watch goes on. */
  readonly resourceVersion: string;
}

const PAGE_SIZE = 500;
/** A list that expires again and again while it is read is read in one piece. */
const MOST_RESTARTS = 2;

const METADATA_LIST = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Each object comes once, even when the server forgets where the pages were and they begin again. */
export async function* objects(api: Api, served: ServedKind, options: ListOptions): AsyncIterable<readonly Resource[]> {
  const seen = new Set<string>();
  for await (const { resources } of pages(api, served, options)) {
    yield resources.filter(({ namespace, name }) => !seen.has(`${namespace}/${name}`) && seen.add(`${namespace}/${name}`));
  }
}

/** Pages as the server gives them; when it forgets where they were, they begin again. */
export async function* pages(api: Api, served: ServedKind, options: ListOptions): AsyncIterable<Page> {
  const { namespace, labelSelector, fieldSelector, signal, metadataOnly = false } = options;
  let from = '';
  let restarts = 0;
  for (;;) {
    let answer: unknown;
    try {
      answer = await api.json({
        about: aboutKind('list', served, namespace),
        path: collectionPath(served, namespace),
        query: {
          limit: restarts > MOST_RESTARTS ? undefined : (options.pageSize ?? PAGE_SIZE),
          continue: from,
          labelSelector,
          fieldSelector,
        },
        ...(metadataOnly ? { accept: METADATA_LIST } : {}),
        signal,
      });
    } catch (error) {
      if (from === '' || !isExpired(error) || restarts > MOST_RESTARTS) throw error;
      restarts++;
      from = '';
      continue;
    }
    // An empty list may have no items, written as null; what has none at all comes from somewhere else.
    if (!has(answer, 'items')) throw strangeAnswer('list', aboutKind('list', served, namespace), api.place);
    const resources = listAt(answer, 'items').flatMap((item) => toResource(item, served, metadataOnly) ?? []);
    yield { resources, begins: from === '', resourceVersion: stringAt(answer, 'metadata', 'resourceVersion') ?? '' };
    from = stringAt(answer, 'metadata', 'continue') ?? '';
    if (from === '') return;
  }
}

export function isExpired(error: unknown): boolean {
  return error instanceof MeshctlError && error.code === 'E_CLUSTER_EXPIRED';
}

export async function getObject(api: Api, served: ServedKind, ref: Ref, signal: AbortSignal | undefined): Promise<Resource | undefined> {
  try {
    const body = await api.json({ about: aboutObject('get', ref, served), path: objectPath(served, ref), signal });
    return toResource(body, served, false);
  } catch (error) {
    if (error instanceof MeshctlError && /^E_CLUSTER_NOT_(FOUND|SERVED)$/.test(error.code)) return undefined;
    throw error;
  }
}
