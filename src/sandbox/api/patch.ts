/** PATCH in its four dialects. */
import { isBody } from '../../model/body.ts';
import { applyJsonPatch, PatchProblem } from '../../text/json-patch.ts';
import { parseYaml } from '../../text/yaml.ts';
import { shapeOf } from '../change/list-shape.ts';
import { applyConfiguration, type Conflict } from '../change/managed-fields.ts';
import { applyMergePatch } from '../change/merge-patch.ts';
import { applyStrategicPatch } from '../change/strategic-patch.ts';
import { prune } from '../kinds/schema.ts';
import { apiVersionOf, type ServedType, storageKind } from '../kinds/served-type.ts';
import { type KubeObject, timestamp } from '../store/object.ts';
import type { Backend } from './backend.ts';
import { ApiProblem, badRequest, notFound } from './status.ts';
import { createObject, decoded, type Intent, readObject, retryOvertaken, updateObject } from './write.ts';

export interface Patch {
  /** Content type without parameters. */
  readonly dialect: string;
  readonly text: string;
  readonly force: boolean;
}

export const APPLY = 'application/apply-patch+yaml';

function parsed(text: string, dialect: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (dialect !== APPLY) throw badRequest(`error decoding patch: ${(error as Error).message}`);
  }
  try {
    return parseYaml(text);
  } catch (error) {
    throw badRequest(`error decoding YAML: ${(error as Error).message}`);
  }
}

/** The patched object, before it is checked and stored. */
export function patched(type: ServedType, live: unknown, patch: Patch): unknown {
  const value = parsed(patch.text, patch.dialect);
  try {
    switch (patch.dialect) {
      case 'application/json-patch+json':
        return applyJsonPatch(live, value);
      case 'application/merge-patch+json':
        return applyMergePatch(live, value);
      case 'application/strategic-merge-patch+json':
        if (!type.custom) return applyStrategicPatch(live, value, shapeOf(undefined));
        break;
    }
  } catch (error) {
    if (error instanceof PatchProblem)
      throw new ApiProblem('Invalid', `the server rejected our request due to an error in our request: ${error.message}`);
    throw error;
  }
  const known = [
    'application/json-patch+json',
    'application/merge-patch+json',
    ...(type.custom ? [] : ['application/strategic-merge-patch+json']),
    APPLY,
  ];
  throw new ApiProblem(
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${known.join(', ')}`,
  );
}

interface Patched {
  readonly object: KubeObject;
  /** Whether it is new. */
  readonly created: boolean;
}

export function patchObject(
  backend: Backend,
  type: ServedType,
  namespace: string,
  name: string,
  patch: Patch,
  intent: Intent,
): Promise<Patched> {
  return retryOvertaken(type, name, async () => {
    const live = backend.store.get(storageKind(type), namespace, name);
    if (patch.dialect === APPLY) return applyObject(backend, type, live, namespace, name, patch, intent);
    if (!live) throw notFound(type, name);
    const shown = { ...live, apiVersion: apiVersionOf(type) };
    const next = readObject(type, patched(type, shown, patch), namespace);
    // A patch that names no revision applies to whatever is there.
    const stated = isBody(next.metadata) && next.metadata.resourceVersion !== live.metadata.resourceVersion;
    const revised = stated ? next : { ...next, metadata: { ...next.metadata, resourceVersion: '' } };
    return { object: await updateObject(backend, type, live, revised, intent), created: false };
  });
}

async function applyObject(
  backend: Backend,
  type: ServedType,
  live: KubeObject | undefined,
  namespace: string,
  name: string,
  patch: Patch,
  intent: Intent,
): Promise<Patched> {
  if (intent.manager === '')
    throw badRequest('PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch');
  const wanted = parsed(patch.text, APPLY);
  if (!isBody(wanted) || typeof wanted['apiVersion'] !== 'string' || typeof wanted['kind'] !== 'string')
    throw badRequest('invalid object type: apiVersion and kind must be set in an apply patch');
  const body = readObject(type, wanted, namespace);
  if (body.metadata.name !== '' && body.metadata.name !== name)
    throw badRequest(`the name of the object (${body.metadata.name}) does not match the name on the URL (${name})`);
  if (Array.isArray(body.metadata.managedFields)) throw badRequest('metadata.managedFields must be nil');
  const named = { ...body, metadata: { ...body.metadata, name } };
  refuseUnknown(type, namespace, name, named);
  const shape = shapeOf(type.schema);
  const author = {
    manager: intent.manager,
    apiVersion: apiVersionOf(type),
    subresource: intent.subresource,
    time: timestamp(backend.now()),
  };
  const applied = applyConfiguration(live, named, author, shape, patch.force);
  if (applied.is === 'conflict') throw applyConflict(applied.conflicts);
  const object = readObject(type, applied.object, namespace);
  if (!live) return { object: await createObject(backend, type, object, intent, applied.entries), created: true };
  const version = named.metadata.resourceVersion ?? '';
  const next = { ...object, metadata: { ...object.metadata, resourceVersion: version } };
  return { object: await updateObject(backend, type, live, next, intent, applied.entries), created: false };
}

/** An apply is refused for fields that nobody could own, whatever the client asked for by fieldValidation. */
function refuseUnknown(type: ServedType, namespace: string, name: string, wanted: KubeObject): void {
  const { value, unknown } = decoded(type, wanted);
  const [path] = [...unknown, ...(type.schema ? prune(type.schema, value).unknown : [])];
  if (path === undefined) return;
  const where = `${namespace}/${name}; ${apiVersionOf(type)}, Kind=${type.kind}`;
  throw ApiProblem.of(500, '', `failed to create typed patch object (${where}): .${path}: field not declared in schema`);
}

function applyConflict(conflicts: readonly Conflict[]): ApiProblem {
  const owner = ({ manager, apiVersion, operation }: Conflict): string =>
    `"${manager}"${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
  const [first] = conflicts;
  const owners = [...new Set(conflicts.map(owner))].sort();
  const listed = owners.map((each) =>
    [`conflicts with ${each}:`, ...conflicts.filter((one) => owner(one) === each).map(({ field }) => `- ${field}`)].join('\n'),
  );
  const text = first && conflicts.length === 1 ? `conflict with ${owner(first)}: ${first.field}` : listed.join('\n');
  return new ApiProblem('Conflict', `Apply failed with ${conflicts.length} conflict${conflicts.length === 1 ? '' : 's'}: ${text}`, {
    causes: conflicts.map((each) => ({ reason: 'FieldManagerConflict', message: `conflict with ${owner(each)}`, field: each.field })),
  });
}
