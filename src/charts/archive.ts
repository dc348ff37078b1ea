/** Packed charts, unpacked in memory: nothing of an archive ever reaches the disk. */
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { createTarDecoder } from 'modern-tar';
import { MeshctlError } from '../errors.ts';
import type { ChartFile } from '../template/chart/chart.ts';
import { MOST_PACKED_BYTES, type Room, TOO_LARGE, takeRoom } from './bounds.ts';

/**
 * @param where how messages name the archive
 * @returns its files, without their common folder
 * @throws MeshctlError E_CHART for what is damaged, too large, or would lie outside the folder of the chart
 */
export async function unpackArchive(data: Uint8Array, where: string, room: Room): Promise<readonly ChartFile[]> {
  const refuse = (reason: string, cause?: unknown): MeshctlError =>
    new MeshctlError('E_CHART', `The archive "${where}" cannot be used: ${reason}.`, { cause });
  if (data.length > MOST_PACKED_BYTES) throw refuse('it is larger than 50 MiB');
  if (data[0] !== 0x1f || data[1] !== 0x8b) throw refuse('it is not gzipped');
  const tar = await unzip(data, { maxOutputLength: Math.max(room.bytes, 1) }).catch((error: unknown) => {
    throw refuse((error as { readonly code?: string }).code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : 'it is damaged or incomplete', error);
  });
  const files = new Map<string, ChartFile>();
  let folder: string | undefined;
  try {
    for await (const { header, body } of entriesOf(tar)) {
      if (header.type === 'directory' || header.type === 'pax-global-header') {
        await body.cancel();
        continue;
      }
      if (header.type !== undefined && header.type !== 'file') throw refuse(`"${header.name}" is no file but a ${header.type}`);
      const place = placeOf(header.name);
      if ('problem' in place) throw refuse(place.problem);
      folder ??= place.folder;
      if (place.folder !== folder) throw refuse(`it holds more than one folder, "${folder}" and "${place.folder}"`);
      const full = takeRoom(room, header.size, place.path);
      if (full) throw refuse(full);
      files.set(place.path, { name: place.path, data: withoutMark(new Uint8Array(await new Response(body).arrayBuffer())) });
    }
  } catch (error) {
    throw error instanceof MeshctlError ? error : refuse('it is damaged or incomplete', error);
  }
  if (files.size === 0) throw refuse('it holds no files');
  return [...files.values()];
}

const unzip = promisify(gunzip);

function entriesOf(tar: Uint8Array<ArrayBuffer>): ReturnType<typeof createTarDecoder>['readable'] {
  return new Blob([tar]).stream().pipeThrough(createTarDecoder({ strict: true }));
}

/** Archives that were made on Windows may have backslashes. */
function placeOf(name: string): { readonly folder: string; readonly path: string } | { readonly problem: string } {
  const [folder = '', ...steps] = name.replace(/^(?:\.\/)+/, '').split(name.includes('\\') ? '\\' : '/');
  if (folder === 'Chart.yaml' && steps.length === 0) return { problem: 'its Chart.yaml does not lie in a folder' };
  const path = steps.filter((step) => step !== '.').join('/');
  const strays = folder === '' || folder === '..' || path === '' || steps.includes('..') || /^\/|^[A-Za-z]:|\0/.test(path);
  return strays
    ? { problem: `${JSON.stringify(name)} would lie outside the folder of the chart` }
    : { folder, path: path.replace(/\/{2,}/g, '/') };
}

/** Helm passes over the byte order mark that editors on Windows write. */
export const withoutMark = (data: Uint8Array): Uint8Array =>
  data[0] === 0xef && data[1] === 0xbb && data[2] === 0xbf ? data.subarray(3) : data;
