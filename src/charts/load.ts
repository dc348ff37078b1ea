/** Files of a chart → the chart, with the charts that lie packed inside it. */
import { MeshctlError } from '../errors.ts';
import { type Chart, type ChartFile, loadChart } from '../template/chart/chart.ts';
import { unpackArchive } from './archive.ts';
import { type Room, wholeRoom } from './bounds.ts';

/**
 * @param name that the chart must have; undefined: any
 * @throws MeshctlError E_CHART
 */
export async function chartFromArchive(archive: Uint8Array, where: string, name?: string): Promise<Chart> {
  const room = wholeRoom();
  const chart = await chartFromFiles(await unpackArchive(archive, where, room), where, room);
  if (name === undefined || chart.name === name) return chart;
  throw new MeshctlError('E_CHART', `"${where}" holds the chart "${chart.name}", and "${name}" was asked for.`, {
    hint: 'The repository is inconsistent. Nothing of the chart was used.',
  });
}

/** @param room that the files have left for the charts packed inside */
export async function chartFromFiles(files: readonly ChartFile[], where: string, room: Room): Promise<Chart> {
  const unpacked = new Map<Uint8Array, readonly ChartFile[]>();
  const unpackWithin = async (own: readonly ChartFile[], path: string): Promise<void> => {
    for (const { name, data } of own) {
      if (!PACKED.test(name)) continue;
      const inner = await unpackArchive(data, `${path}/${name}`, room);
      unpacked.set(data, inner);
      await unpackWithin(inner, `${path}/${name}`);
    }
  };
  await unpackWithin(files, where);
  return loadChart(files, where, ({ data }) => unpacked.get(data) ?? []);
}

/** Names that begin so are passed over by Helm. */
const PACKED = /^(?:charts\/[^/_.][^/]*\/)*charts\/[^/_.][^/]*\.tgz$/;
