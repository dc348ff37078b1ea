/** Charts as `helm package` makes them: a gzipped tar archive with one folder. */
import { gzipSync } from 'node:zlib';
import { writeYaml } from '../../text/yaml-write.ts';
import { type ChartRelease, type ChartSource, FATE_ANNOTATION } from './chart-source.ts';

export function packChart(chart: ChartSource, release: ChartRelease): Uint8Array {
  const files = { 'Chart.yaml': writeYaml(chartYaml(chart, release)), ...chart.files };
  return gzipSync(tar(Object.entries(files).map(([path, text]) => [`${chart.name}/${path}`, Buffer.from(text)])));
}

/** Chart.yaml, which the entry of the index repeats. */
export function chartYaml({ name, description }: ChartSource, { version, appVersion, fate }: ChartRelease): object {
  return {
    ...{ apiVersion: 'v2', name, version, appVersion, description, type: 'application', kubeVersion: '>=1.24.0-0' },
    ...(fate === undefined ? {} : { annotations: { [FATE_ANNOTATION]: fate } }),
  };
}

const BLOCK = 512;

/** @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html#tag_20_92_13_06 for the format ustar */
function tar(files: readonly (readonly [path: string, data: Uint8Array])[]): Uint8Array {
  const entries = files.flatMap(([path, data]) => [header(path, data.length), data, Buffer.alloc(padding(data.length))]);
  return Buffer.concat([...entries, Buffer.alloc(2 * BLOCK)]);
}

const padding = (length: number): number => (BLOCK - (length % BLOCK)) % BLOCK;

/** @param path of at most 100 bytes */
function header(path: string, length: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, digits: number): string => `${value.toString(8).padStart(digits, '0')}\0`;
  block.write(path, 0, 100);
  block.write(octal(0o644, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(length, 11), 124);
  block.write(octal(0, 11), 136);
  block.write(' '.repeat(8), 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}
