/** Charts that lie unpacked in a folder. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { textOf } from '../template/bytes.ts';
import type { ChartFile } from '../template/chart/chart.ts';
import { withoutMark } from './archive.ts';
import { MOST_FILE_BYTES, type Room, takeRoom } from './bounds.ts';
import { type Ignores, readIgnore } from './ignore.ts';

/**
 * Everything in the folder but what its `.helmignore` names. Links are followed as long as they stay inside it: what a
 * chart shows of its files, it must not show of the machine.
 * @throws MeshctlError E_CHART
 */
export async function readFolder(folder: string, room: Room, host: Host): Promise<readonly ChartFile[]> {
  const refuse = (reason: string, more: { readonly hint?: string; readonly cause?: unknown } = {}): MeshctlError =>
    new MeshctlError('E_CHART', `The chart "${folder}" cannot be used: ${reason}.`, more);
  const root = await host.files.realPath(folder);
  const files: ChartFile[] = [];

  const data = async (path: string, name: string): Promise<Uint8Array> => {
    try {
      return withoutMark(await host.files.readBytes(path, MOST_FILE_BYTES));
    } catch (error) {
      const { code } = error as { readonly code?: string };
      throw refuse(
        code === 'EFBIG' ? `its file "${name}" is larger than 5 MiB` : `"${name}" cannot be read (${code ?? 'unknown reason'})`,
        {
          cause: error,
        },
      );
    }
  };

  /** @param above the real folders that lead here, by which links in a circle are found */
  const walk = async (path: string, below: string, above: readonly string[], ignores: Ignores): Promise<void> => {
    for (const entry of await host.files.list(path)) {
      const name = `${below}${entry.name}`;
      const full = `${path}/${entry.name}`;
      const real = await host.files.realPath(full).catch(() => undefined);
      const kind = real === undefined ? undefined : await host.files.kind(real);
      if (ignores(name, kind === 'directory')) continue;
      if (real === undefined) throw refuse(`"${name}" is a link to nothing`);
      if (!isInside(real, root)) {
        throw refuse(`"${name}" is a link that leads out of the chart`, {
          hint: 'Put a copy of the file in its place, or use the chart as an archive made by "helm package".',
        });
      }
      if (kind === 'directory') {
        if (above.includes(real)) throw refuse(`"${name}" is a link in a circle`);
        await walk(full, `${name}/`, [...above, real], ignores);
      } else if (kind === 'file') {
        const content = await data(full, name);
        const problem = takeRoom(room, content.length, name);
        if (problem) throw refuse(problem);
        files.push({ name, data: content });
      } else throw refuse(`"${name}" is neither a file nor a folder`);
    }
  };

  const hasIgnore = (await host.files.kind(`${root}/.helmignore`)) === 'file';
  const ignored = hasIgnore ? textOf(await data(`${root}/.helmignore`, '.helmignore')) : '';
  await walk(root, '', [root], readIgnore(ignored, `${folder}/.helmignore`));
  return files;
}

/** @param root and path as the machine writes them, with slashes or backslashes */
function isInside(path: string, root: string): boolean {
  const base = root.replace(/[/\\]$/, '');
  return path.startsWith(base) && /^[/\\]/.test(path.slice(base.length));
}
