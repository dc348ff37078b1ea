import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';

/** The text of `KEY-data`, or else of the file that `KEY` names, as kubectl prefers them. */
export async function pemOf(from: Body, key: string, host: Host): Promise<string | undefined> {
  const data = stringAt(from, `${key}-data`);
  if (data) return Buffer.from(data, 'base64').toString();
  const path = stringAt(from, key);
  return path ? readNamedFile(path, host) : undefined;
}

/** @throws MeshctlError E_KUBECONFIG */
export async function readNamedFile(path: string, host: Host): Promise<string> {
  try {
    return await host.files.read(path);
  } catch {
    throw new MeshctlError('E_KUBECONFIG', `The file "${path}", which the kubeconfig names, cannot be read.`, { exit: EXIT.unreachable });
  }
}
