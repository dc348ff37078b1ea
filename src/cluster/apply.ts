/** Changes of single objects: server-side apply, where the server merges and tells whose fields are in the way, and merge patches. */
import type { ApplyOptions, ServedKind } from '../model/cluster.ts';
import type { Body, Ref, Resource } from '../model/resource.ts';
import { aboutObject, objectPath, toResource } from './paths.ts';
import type { Api } from './request.ts';

const FIELD_MANAGER = 'meshctl';

export async function applyObject(api: Api, served: ServedKind, ref: Ref, body: Body, options: ApplyOptions): Promise<Resource> {
  const apiVersion = typeof body['apiVersion'] === 'string' ? body['apiVersion'] : served.apiVersion;
  const answer = await api.json({
    about: aboutObject('patch', ref, served),
    method: 'PATCH',
    path: objectPath({ ...served, apiVersion }, ref),
    query: { fieldManager: options.manager ?? FIELD_MANAGER, force: options.force ?? false, dryRun: options.dryRun ? 'All' : undefined },
    // JSON is YAML.
    contentType: 'application/apply-patch+yaml',
    body: withoutServerFields(body),
    repeatable: true,
    signal: options.signal,
  });
  return toResource(answer, served, false) ?? unread(ref, apiVersion, body);
}

export async function patchObject(
  api: Api,
  served: ServedKind,
  ref: Ref,
  change: Body,
  options: Pick<ApplyOptions, 'dryRun' | 'signal'>,
): Promise<Resource> {
  const answer = await api.json({
    about: aboutObject('patch', ref, served),
    method: 'PATCH',
    path: objectPath(served, ref),
    query: { fieldManager: FIELD_MANAGER, dryRun: options.dryRun ? 'All' : undefined },
    contentType: 'application/merge-patch+json',
    body: change,
    repeatable: true,
    signal: options.signal,
  });
  return toResource(answer, served, false) ?? unread(ref, served.apiVersion, change);
}

/** What was sent, where the server's answer is no object. */
function unread(ref: Ref, apiVersion: string, body: Body): Resource {
  return { ...ref, apiVersion, namespaceGiven: true, labels: {}, annotations: {}, body };
}

/** The server refuses to apply an object that carries managed fields, as one that was read does. */
function withoutServerFields(body: Body): Body {
  const { managedFields: _, ...metadata } = (body['metadata'] ?? {}) as Record<string, unknown>;
  return { ...body, metadata };
}
