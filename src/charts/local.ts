/** Charts that lie on this machine. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Chart, ChartFile } from '../template/chart/chart.ts';
import { unpackArchive } from './archive.ts';
import { MOST_PACKED_BYTES, wholeRoom } from './bounds.ts';
import { digestOf } from './digest.ts';
import { readFolder } from './folder.ts';
import { chartFromArchive, chartFromFiles } from './load.ts';

/**
 * @param path of a folder or an archive
 * @returns the chart, and the digest of the archive
 * @throws MeshctlError E_CHART, E_INPUT
 */
export async function localChart(path: string, host: Host): Promise<{ readonly chart: Chart; readonly digest: string | undefined }> {
  return reading(path, async () => {
    const kind = await host.files.kind(path);
    if (kind === 'directory') {
      const room = wholeRoom();
      return { chart: await chartFromFiles(await readFolder(path, room, host), path, room), digest: undefined };
    }
    const archive = await host.files.readBytes(path, MOST_PACKED_BYTES);
    return { chart: await chartFromArchive(archive, path), digest: digestOf(archive) };
  });
}

/** The files of such a chart, charts inside it still packed. @throws MeshctlError E_CHART, E_INPUT */
export async function localChartFiles(path: string, host: Host): Promise<readonly ChartFile[]> {
  return reading(path, async () => {
    if ((await host.files.kind(path)) === 'directory') return readFolder(path, wholeRoom(), host);
    return unpackArchive(await host.files.readBytes(path, MOST_PACKED_BYTES), path, wholeRoom());
  });
}

async function reading<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof MeshctlError) throw error;
    throw new MeshctlError('E_INPUT', `The chart "${path}" cannot be read: ${reasonOf(error)}.`, {
      hint: 'Name a folder with a Chart.yaml, or an archive that "helm package" made.',
      cause: error,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission denied',
  EFBIG: 'it is larger than 50 MiB',
};

function reasonOf(error: unknown): string {
  const { code, message } = error as { readonly code?: string; readonly message?: string };
  return REASONS[code ?? ''] ?? message ?? String(error);
}
