import { MeshctlError } from '../../errors.ts';

/** What was read; undefined when it may not be, for checks that judge without it too. */
export async function ifPermitted<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof MeshctlError && error.code === 'E_CLUSTER_FORBIDDEN') return undefined;
    throw error;
  }
}
