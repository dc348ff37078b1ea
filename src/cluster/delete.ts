import { MeshctlError } from '../errors.ts';
import type { DeleteOptions, ServedKind } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import { aboutObject, objectPath } from './paths.ts';
import type { Api } from './request.ts';

/** @returns false when there was nothing to delete */
export async function deleteObject(api: Api, served: ServedKind, ref: Ref, options: DeleteOptions): Promise<boolean> {
  try {
    await api.json({
      about: aboutObject('delete', ref, served),
      method: 'DELETE',
      path: objectPath(served, ref),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: options.propagation ?? 'Background',
        ...(options.dryRun ? { dryRun: ['All'] } : {}),
      },
      repeatable: true,
      signal: options.signal,
    });
    return true;
  } catch (error) {
    if (error instanceof MeshctlError && /^E_CLUSTER_NOT_(FOUND|SERVED)$/.test(error.code)) return false;
    throw error;
  }
}
