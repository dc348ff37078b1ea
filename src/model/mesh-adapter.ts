import type { Resource } from './resource.ts';
import type { ResourceSet, Settings } from './resource-set.ts';
import type { MeshId } from './rule.ts';

/** What meshctl knows how to do for one mesh. A capability that the mesh lacks is an absent member. */
export interface MeshAdapter {
  readonly id: MeshId;
  readonly title: string;
  /** Address of the mesh's documentation. */
  readonly docs: string;
  /** True when the objects show that this mesh is in use. */
  detect(resources: ResourceSet): boolean;
  /** Objects that every default installation has and offline input leaves out. */
  assumed?(given: readonly Resource[], settings: Settings): readonly Resource[];
}
