import { type Kind, kindOf } from '../../model/resource.ts';
import type { Schema } from './schema.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

export interface ScalePaths {
  readonly spec: string;
  readonly status: string;
  readonly selector: string | undefined;
}

/** One kind in one version, as URLs and discovery know it. */
export interface ServedType {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly subresources: readonly string[];
  /** Whether `metadata.generation` counts changes. */
  readonly counted: boolean;
  readonly custom: boolean;
  /** The version that objects are stored in, where it is not this one. */
  readonly storedVersion?: string | undefined;
  /** JSON paths by which the scale subresource reads and writes; those of Deployments when absent. */
  readonly scale?: ScalePaths | undefined;
  readonly schema?: Schema | undefined;
  readonly columns?: readonly PrinterColumn[] | undefined;
}

export function apiVersionOf(type: Pick<ServedType, 'group' | 'version'>): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** Objects are stored by group and kind: every version shows the same object. */
export function storageKind(type: Pick<ServedType, 'group' | 'version' | 'kind'>): Kind {
  return kindOf(apiVersionOf(type), type.kind);
}

/** `deployments.apps`, as error messages name a resource; `pods` in the core group. */
export function resourceName(type: Pick<ServedType, 'group' | 'plural'>): string {
  return type.group === '' ? type.plural : `${type.plural}.${type.group}`;
}
