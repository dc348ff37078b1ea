/** Where the API server keeps things, and what permissions and messages call them. */
import { EXIT, MeshctlError } from '../errors.ts';
import { isBody, stringAt } from '../model/body.ts';
import type { ServedKind } from '../model/cluster.ts';
import { type Body, friendlyName, type Kind, kindOf, type Ref, type Resource, shortKind } from '../model/resource.ts';
import { resourceOf } from '../model/resource-of.ts';
import { appliedVersion, LAST_APPLIED } from './applied-version.ts';
import type { About } from './errors.ts';

export function collectionPath({ apiVersion, plural, namespaced }: ServedKind, namespace: string | undefined): string {
  const [group, version, ...rest] = apiVersion.split('/').map(step);
  if (rest.length > 0) throw noName(apiVersion);
  const root = version === undefined ? `/api/${group}` : `/apis/${group}/${version}`;
  const scope = namespaced && namespace ? `/namespaces/${step(namespace)}` : '';
  return `${root}${scope}/${plural}`;
}

export function objectPath(served: ServedKind, { namespace, name }: Pick<Ref, 'namespace' | 'name'>): string {
  return `${collectionPath(served, namespace)}/${step(name)}`;
}

/** One step of a path. `..` or nothing would lead to whole collections, and servers decode `%2F` before they take a path apart. */
function step(name: string): string {
  if (name === '' || name === '.' || name === '..' || /[/%]/.test(name)) throw noName(name);
  return encodeURIComponent(name);
}

function noName(text: string): MeshctlError {
  return new MeshctlError('E_CLUSTER_NOT_FOUND', `Nothing in a cluster can have the name "${text}".`, { exit: EXIT.question });
}

/** Of an object its metadata only; a server that does not know how gives the whole. */
export const METADATA = 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json';

/** `virtualservices.networking.istio.io`; the core group has no suffix. */
export function resourceName({ apiVersion, plural }: Pick<ServedKind, 'apiVersion' | 'plural'>): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : '';
  return group === '' ? plural : `${plural}.${group}`;
}

export function pluralOf(kind: Kind): string {
  const name = shortKind(kind);
  if (/(s|x|ch|sh)$/.test(name)) return `${name}es`;
  return /[^aeiou]y$/.test(name) ? `${name.slice(0, -1)}ies` : `${name}s`;
}

export function aboutKind(verb: string, served: ServedKind, namespace: string | undefined): About {
  const scope = served.namespaced && namespace ? namespace : undefined;
  return { verb, what: pluralOf(served.kind), resource: resourceName(served), namespace: scope };
}

export function aboutObject(verb: string, ref: Ref, served?: ServedKind, subresource?: string): About {
  const resource = served && resourceName(served);
  return {
    verb,
    what: friendlyName(ref),
    resource: resource && subresource ? `${resource}/${subresource}` : resource,
    within: ref.namespace || undefined,
  };
}

/** @param item freshly parsed, so that it may be trimmed in place; items of lists name no kind */
export function toResource(item: unknown, served: ServedKind, partial: boolean): Resource | undefined {
  if (!isBody(item)) return undefined;
  const name = stringAt(item, 'metadata', 'name');
  if (name === undefined) return undefined;
  const metadata = item['metadata'] as Record<string, unknown>;
  const applied = appliedVersion(metadata);
  delete metadata['managedFields'];
  if (isBody(metadata['annotations'])) delete (metadata['annotations'] as Record<string, unknown>)[LAST_APPLIED];
  const own = stringAt(item, 'apiVersion');
  const apiVersion = own && !partial && kindOf(own, shortKind(served.kind)) === served.kind ? own : served.apiVersion;
  const kind = shortKind(served.kind);
  // A server that answers with whole objects all the same is not asked to be so generous.
  const body: Body = partial ? { apiVersion, kind, metadata } : { ...item, apiVersion, kind };
  const resource = resourceOf(body, name, { clusterScoped: !served.namespaced, namespace: '', namespaceGiven: true });
  return {
    ...resource,
    ...(partial && { partial }),
    ...(applied !== undefined && applied !== apiVersion && kindOf(applied, kind) === served.kind && { appliedVersion: applied }),
  };
}
