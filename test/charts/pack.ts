/** Archives of charts for tests. */
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';

/** The smallest chart that renders, as files. */
export const chartFiles = (name: string, version: string): Readonly<Record<string, string>> => ({
  'Chart.yaml': `apiVersion: v2\nname: ${name}\nversion: ${version}\n`,
  'values.yaml': 'greeting: hello\n',
  'templates/map.yaml': 'kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}\ndata:\n  greeting: {{ .Values.greeting }}\n',
});

/** @param files by their names in the folder of the chart */
export const packed = (name: string, files: Readonly<Record<string, string | Uint8Array>>): Promise<Buffer> =>
  archiveOf(Object.entries(files).map(([file, body]) => entry(`${name}/${file}`, body)));

export const packedChart = (name: string, version: string): Promise<Buffer> => packed(name, chartFiles(name, version));

/** The time is fixed, so that the same entries give the same digest. */
export const entry = (name: string, body: string | Uint8Array = '', more: Partial<TarEntry['header']> = {}): TarEntry => ({
  header: { name, size: Buffer.from(body).length, mtime: new Date(0), ...more },
  body,
});

export const archiveOf = async (entries: TarEntry[]): Promise<Buffer> => gzipSync(await packTar(entries));
