/** What goes with what: dependents of deleted owners, contents of deleted namespaces, and objects whose time is up. */
import type { Kind } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import { deleteObject } from '../api/delete.ts';
import type { KubeObject } from '../store/object.ts';
import type { StoredRef } from '../store/store.ts';

const OPTIONS = { dryRun: false, propagation: undefined, graceSeconds: undefined, uid: undefined, resourceVersion: undefined };

/** @param propagation how the dependents of this one are treated in turn */
function remove(backend: Backend, ref: StoredRef, propagation?: 'Foreground'): void {
  const object = backend.store.get(ref.kind, ref.namespace, ref.name);
  const type = backend.registry.preferred(ref.kind);
  if (object && type && object.metadata.deletionTimestamp === undefined) deleteObject(backend, type, object, { ...OPTIONS, propagation });
  else if (object && !type) backend.store.remove(ref.kind, ref.namespace, ref.name);
}

const hasDependents = ({ store }: Backend, { kind, namespace, name }: StoredRef): boolean =>
  store.dependents(store.get(kind, namespace, name)?.metadata.uid ?? '').length > 0;

/** An owner is gone: so are those that name no other owner that exists. */
export function collectDependents(backend: Backend, owner: KubeObject): void {
  for (const ref of backend.store.dependents(owner.metadata.uid ?? '')) {
    const object = backend.store.get(ref.kind, ref.namespace, ref.name);
    const others = (object?.metadata.ownerReferences ?? []).filter(({ uid }) => uid !== owner.metadata.uid);
    if (others.length === 0) remove(backend, ref);
    else if (object) backend.store.replace(ref.kind, { ...object, metadata: { ...object.metadata, ownerReferences: others } });
  }
}

/** An owner that waits for its dependents (foreground), or lets them go first (orphan). */
export function finalizeOwner(backend: Backend, kind: Kind, object: KubeObject): void {
  const { finalizers = [], uid = '', namespace = '', name } = object.metadata;
  const dependents = backend.store.dependents(uid);
  if (finalizers.includes('orphan')) {
    for (const ref of dependents) {
      const dependent = backend.store.get(ref.kind, ref.namespace, ref.name);
      if (!dependent) continue;
      const ownerReferences = (dependent.metadata.ownerReferences ?? []).filter((owner) => owner.uid !== uid);
      backend.store.replace(ref.kind, { ...dependent, metadata: { ...dependent.metadata, ownerReferences } });
    }
  } else if (finalizers.includes('foregroundDeletion') && dependents.length > 0) {
    for (const ref of dependents) remove(backend, ref, hasDependents(backend, ref) ? 'Foreground' : undefined);
    return;
  }
  const left = finalizers.filter((finalizer) => finalizer !== 'orphan' && finalizer !== 'foregroundDeletion');
  if (left.length === finalizers.length && left.length > 0) return;
  if (left.length === 0) backend.store.remove(kind, namespace, name);
  else backend.store.replace(kind, { ...object, metadata: { ...object.metadata, finalizers: left } });
}

/** A namespace goes when nothing is left in it. */
export function finalizeNamespace(backend: Backend, namespace: KubeObject): void {
  const { name } = namespace.metadata;
  let left = 0;
  for (const kind of backend.store.kinds()) {
    for (const object of backend.store.list(kind, name)) {
      remove(backend, { kind, namespace: name, name: object.metadata.name });
      if (backend.store.get(kind, name, object.metadata.name)) left++;
    }
  }
  if (left === 0 && (namespace.metadata.finalizers ?? []).length === 0) backend.store.remove('core/Namespace', '', name);
}

/** A definition is gone: so are the objects of its kind. */
export function collectInstances(backend: Backend, kind: Kind): void {
  for (const { metadata } of backend.store.list(kind)) backend.store.remove(kind, metadata.namespace ?? '', metadata.name);
}
