/** Single files that commands read and write, with failures in words. */
import { MeshctlError } from '../errors.ts';
import { reasonOf } from '../gather/files.ts';
import type { Host } from '../host/host.ts';

/** @throws MeshctlError E_INPUT */
export async function readInput(path: string, host: Host, hint?: string): Promise<string> {
  try {
    return await host.files.read(path);
  } catch (error) {
    throw new MeshctlError('E_INPUT', `"${path}" cannot be read: ${reasonOf(error)}.`, { hint, cause: error });
  }
}

/** @throws MeshctlError E_OUTPUT */
export async function writeOutput(path: string, text: string, host: Host): Promise<void> {
  try {
    await host.files.write(path, text);
  } catch (error) {
    const folderMissing = (error as { readonly code?: string }).code === 'ENOENT';
    const reason = folderMissing ? 'its folder does not exist' : reasonOf(error);
    const hint = folderMissing ? 'Create the folder first.' : undefined;
    throw new MeshctlError('E_OUTPUT', `"${path}" cannot be written: ${reason}.`, { hint, cause: error });
  }
}
