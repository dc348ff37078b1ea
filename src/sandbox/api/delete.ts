/** Deletes: preconditions, grace, finalizers and what becomes of dependents. */
import { at, isBody, stringAt } from '../../model/body.ts';
import { type ServedType, storageKind } from '../kinds/served-type.ts';
import { type KubeObject, timestamp } from '../store/object.ts';
import type { Backend } from './backend.ts';
import { conflict } from './status.ts';

export interface DeleteOptions {
  readonly dryRun: boolean;
  readonly propagation: string | undefined;
  readonly graceSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

export function readDeleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const given = isBody(body) ? body : {};
  const dryRun = Array.isArray(given['dryRun']) ? given['dryRun'].includes('All') : query.get('dryRun') === 'All';
  const grace = given['gracePeriodSeconds'] ?? query.get('gracePeriodSeconds') ?? undefined;
  const orphan = given['orphanDependents'] === true ? 'Orphan' : undefined;
  return {
    dryRun,
    propagation: stringAt(given, 'propagationPolicy') ?? query.get('propagationPolicy') ?? orphan,
    graceSeconds: grace === undefined ? undefined : Number(grace),
    uid: stringAt(given, 'preconditions', 'uid'),
    resourceVersion: stringAt(given, 'preconditions', 'resourceVersion'),
  };
}

const FINALIZER: Readonly<Record<string, string>> = { Foreground: 'foregroundDeletion', Orphan: 'orphan' };

/** A pod on a node is stopped by its kubelet first. */
function graceOf(type: ServedType, object: KubeObject, options: DeleteOptions): number {
  if (type.group !== '' || type.plural !== 'pods' || !stringAt(object, 'spec', 'nodeName')) return 0;
  const phase = stringAt(object, 'status', 'phase');
  if (phase === 'Succeeded' || phase === 'Failed') return 0;
  const own = at(object, ['spec', 'terminationGracePeriodSeconds']);
  return options.graceSeconds ?? (typeof own === 'number' ? own : 30);
}

/** @returns the object when it stays for now, undefined when it is gone */
export function deleteObject(backend: Backend, type: ServedType, object: KubeObject, options: DeleteOptions): KubeObject | undefined {
  const { metadata } = object;
  if (options.uid !== undefined && options.uid !== metadata.uid) {
    throw conflict(type, metadata.name, `Precondition failed: UID in precondition: ${options.uid}, UID in object meta: ${metadata.uid}`);
  }
  if (options.resourceVersion !== undefined && options.resourceVersion !== metadata.resourceVersion) {
    throw conflict(
      type,
      metadata.name,
      `Precondition failed: ResourceVersion in precondition: ${options.resourceVersion}, ResourceVersion in object meta: ${metadata.resourceVersion}`,
    );
  }
  const finalizer = FINALIZER[options.propagation ?? ''];
  const finalizers = [...new Set([...(metadata.finalizers ?? []), ...(finalizer === undefined ? [] : [finalizer])])];
  const grace = graceOf(type, object, options);
  const isNamespace = type.group === '' && type.plural === 'namespaces';
  if (finalizers.length === 0 && grace === 0 && !isNamespace) {
    if (!options.dryRun) backend.store.remove(storageKind(type), metadata.namespace ?? '', metadata.name);
    return undefined;
  }
  if (metadata.deletionTimestamp !== undefined && grace === (metadata.deletionGracePeriodSeconds ?? 0)) return object;
  const marked: KubeObject = {
    ...object,
    ...(isNamespace ? { status: { ...(isBody(object['status']) ? object['status'] : {}), phase: 'Terminating' } } : {}),
    metadata: {
      ...metadata,
      ...(finalizers.length > 0 ? { finalizers } : {}),
      deletionTimestamp: timestamp(backend.now() + grace * 1000),
      deletionGracePeriodSeconds: grace,
      ...(type.counted && metadata.generation !== undefined ? { generation: metadata.generation + 1 } : {}),
    },
  };
  return options.dryRun ? marked : backend.store.replace(storageKind(type), marked);
}
