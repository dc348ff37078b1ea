import { MeshctlError } from '../errors.ts';
import { stringAt } from '../model/body.ts';
import type { DeleteOptions, ServedKind } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import { aboutObject, METADATA, objectPath } from './paths.ts';
import type { Api } from './request.ts';

/**
 * The object that is there now, and none that takes its name meanwhile: a deletion that was lost on the
 * way is sent again, and may find a new object.
 * @returns false when there was nothing to delete
 */
export async function deleteObject(api: Api, served: ServedKind, ref: Ref, options: DeleteOptions): Promise<boolean> {
  const about = aboutObject('delete', ref, served);
  const path = (): string => objectPath(served, ref);
  /** Null when it does not exist, undefined when it may not be read. */
  const currentUid = async (): Promise<string | null | undefined> => {
    try {
      const answer = await api.json({ about: aboutObject('get', ref, served), path: path(), accept: METADATA, signal: options.signal });
      return stringAt(answer, 'metadata', 'uid');
    } catch (error) {
      if (isAbsent(error)) return null;
      if (codeIn(error) === 'E_CLUSTER_FORBIDDEN') return undefined;
      throw error;
    }
  };
  const uid = await currentUid();
  if (uid === null) return false;
  try {
    await api.json({
      about,
      method: 'DELETE',
      path: path(),
      body: {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        propagationPolicy: options.propagation ?? 'Background',
        ...(uid !== undefined && { preconditions: { uid } }),
        ...(options.dryRun ? { dryRun: ['All'] } : {}),
      },
      repeatable: uid !== undefined,
      signal: options.signal,
    });
    return true;
  } catch (error) {
    // It was there a moment ago; who deleted it does not matter.
    if (isAbsent(error)) return uid !== undefined;
    if (codeIn(error) === 'E_CLUSTER_CONFLICT' && uid !== undefined && (await currentUid()) !== uid) return true;
    throw error;
  }
}

const codeIn = (error: unknown): string => (error instanceof MeshctlError ? error.code : '');

const isAbsent = (error: unknown): boolean => /^E_CLUSTER_NOT_(FOUND|SERVED)$/.test(codeIn(error));
