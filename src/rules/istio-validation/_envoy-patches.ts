import { has, isBody, itemsAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath } from '../../model/resource.ts';
import { isSet } from './_flaws.ts';

export interface EnvoyPatch {
  readonly patch: Body;
  readonly path: FieldPath;
  readonly applyTo: string;
  /** What istiod would merge or insert. */
  readonly value: Body | undefined;
}

/** The patches that istiod looks at closely: complete ones, and none for waypoints. */
export function completePatches(body: Body): readonly EnvoyPatch[] {
  return lookedAt(body).flatMap(({ item, path }) => {
    if (missingIn(item) !== undefined) return [];
    const value = isBody(item['patch']) ? item['patch']['value'] : undefined;
    return [{ patch: item, path, applyTo: stringAt(item, 'applyTo') ?? '', value: isBody(value) ? value : undefined }];
  });
}

export function lookedAt(body: Body): readonly { readonly item: Body; readonly path: FieldPath }[] {
  return itemsAt(body, 'spec', 'configPatches').filter(({ item }) => stringAt(item, 'match', 'context') !== 'WAYPOINT');
}

/** The first field that a patch lacks. */
export function missingIn(patch: Body): 'applyTo' | 'patch' | 'operation' | 'value' | undefined {
  if ((stringAt(patch, 'applyTo') || 'INVALID') === 'INVALID') return 'applyTo';
  if (!isSet(patch, 'patch')) return 'patch';
  const operation = stringAt(patch, 'patch', 'operation') || 'INVALID';
  if (operation === 'INVALID') return 'operation';
  return operation !== 'REMOVE' && !has(patch, 'patch', 'value') ? 'value' : undefined;
}
