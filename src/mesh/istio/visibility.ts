/**
 * Which namespaces see an object: `exportTo` of Istio's resources, the annotation of the same
 * meaning on Services, and the mesh-wide defaults for those without.
 * @see https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-export_to
 */
import { stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';

/** Namespaces that see the object, with `*` for all of them; empty when nobody does. */
export type Scope = ReadonlySet<string>;

/** `*` wins over everything else; without it `~`, nobody, does. */
function scopeOf(entries: readonly string[], ownNamespace: string): Scope {
  if (entries.includes('*')) return new Set(['*']);
  if (entries.includes('~')) return new Set();
  return new Set(entries.filter((entry) => entry !== '').map((entry) => (entry === '.' ? ownNamespace : entry)));
}

/** @param defaults the mesh's default for this kind; `['*']` unless MeshConfig says otherwise */
export function exportScope(resource: Resource, defaults: readonly string[] = ['*']): Scope {
  const entries = stringsAt(resource.body, 'spec', 'exportTo').map((entry) => entry.value);
  return scopeOf(entries.length > 0 ? entries : defaults, resource.namespace);
}

/** A Service is exported by its annotation `networking.istio.io/exportTo`, a comma-separated list. */
export function serviceExportScope(service: Resource, defaults: readonly string[] = ['*']): Scope {
  const annotation = service.annotations['networking.istio.io/exportTo'];
  const entries = (annotation ?? '')
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
  return scopeOf(entries.length > 0 ? entries : defaults, service.namespace);
}

export function isVisible(scope: Scope, namespace: string): boolean {
  return scope.has('*') || scope.has(namespace);
}

/** True when some namespace sees both objects. */
export function scopesMeet(left: Scope, right: Scope): boolean {
  if (left.has('*')) return right.size > 0;
  if (right.has('*')) return left.size > 0;
  return [...left].some((namespace) => right.has(namespace));
}
