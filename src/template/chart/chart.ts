/** A Helm chart as its files say. @see https://helm.sh/docs/topics/charts/ */
import { MeshctlError } from '../../errors.ts';
import { YamlProblem } from '../../text/yaml.ts';
import { textOf } from '../bytes.ts';
import { readYaml } from '../read-yaml.ts';
import { type GoList, type GoMap, isList, isMap, type Value } from '../value.ts';
import { mergeDocuments } from './values.ts';

export interface ChartFile {
  /** Path in the chart, with slashes: `templates/service.yaml`. */
  readonly name: string;
  readonly data: Uint8Array;
}

export interface Dependency {
  readonly name: string;
  readonly alias: string | undefined;
  /** A range of versions. */
  readonly version: string;
  /** Paths of values, the first of which that is there decides. */
  readonly condition: readonly string[];
  readonly tags: readonly string[];
  readonly importValues: GoList;
}

export interface Chart {
  readonly name: string;
  readonly version: string;
  /** Chart.yaml. */
  readonly metadata: GoMap;
  readonly isLibrary: boolean;
  readonly dependencies: readonly Dependency[];
  readonly values: GoMap;
  /** values.schema.json. */
  readonly schema: string | undefined;
  readonly templates: readonly ChartFile[];
  /** Everything that is neither a template, a chart nor what Helm reads itself. */
  readonly files: readonly ChartFile[];
  readonly subcharts: readonly Chart[];
}

/**
 * @param where how messages name the chart
 * @param unpack gives the files of a packed chart below `charts/`, without their common folder
 * @throws MeshctlError E_CHART
 */
export function loadChart(files: readonly ChartFile[], where: string, unpack: (archive: ChartFile) => readonly ChartFile[]): Chart {
  const find = (name: string): string | undefined => {
    const file = files.find((each) => each.name === name);
    return file && textOf(file.data);
  };
  const source = find('Chart.yaml');
  if (source === undefined) throw new MeshctlError('E_CHART', `"${where}" is no chart: it has no Chart.yaml.`);
  const metadata = mapFrom(source, `${where}/Chart.yaml`);
  const required = (field: string): string => {
    const value = metadata.get(field);
    if (typeof value !== 'string' || value === '') throw new MeshctlError('E_CHART', `${where}/Chart.yaml has no ${field}.`);
    return value;
  };
  const older = find('requirements.yaml');
  const declared =
    metadata.get('dependencies') ?? (older === undefined ? undefined : mapFrom(older, `${where}/requirements.yaml`).get('dependencies'));
  return {
    name: required('name'),
    version: required('version'),
    metadata,
    isLibrary: textAt(metadata, 'type').toLowerCase() === 'library',
    dependencies: isList(declared) ? declared.filter(isMap).map(dependencyOf) : [],
    values: mergeDocuments(find('values.yaml') ?? '', `${where}/values.yaml`),
    schema: find('values.schema.json'),
    templates: files.filter(({ name }) => name.startsWith('templates/')),
    files: files.filter(
      ({ name }) => !OWN.has(name) && !name.startsWith('templates/') && (!name.startsWith('charts/') || name.endsWith('.prov')),
    ),
    subcharts: subchartsOf(files, where, unpack),
  };
}

const OWN: ReadonlySet<string> = new Set([
  'Chart.yaml',
  'Chart.lock',
  'values.yaml',
  'values.schema.json',
  'requirements.yaml',
  'requirements.lock',
]);

const textAt = (map: GoMap, key: string): string => {
  const value = map.get(key);
  return typeof value === 'string' ? value : '';
};

const textsAt = (map: GoMap, key: string): readonly string[] => {
  const value = map.get(key);
  return isList(value) ? value.map(String) : [];
};

function dependencyOf(map: GoMap): Dependency {
  const imports = map.get('import-values');
  return {
    name: textAt(map, 'name'),
    alias: textAt(map, 'alias') || undefined,
    version: textAt(map, 'version'),
    condition: textAt(map, 'condition')
      .split(',')
      .map((path) => path.trim())
      .filter((path) => path !== ''),
    tags: textsAt(map, 'tags'),
    importValues: isList(imports) ? imports : [],
  };
}

function subchartsOf(files: readonly ChartFile[], where: string, unpack: (archive: ChartFile) => readonly ChartFile[]): readonly Chart[] {
  const folders = new Map<string, ChartFile[]>();
  const charts: Chart[] = [];
  for (const file of files) {
    const [, folder = '', rest] = /^charts\/([^/]+)(?:\/(.*))?$/s.exec(file.name) ?? [];
    if (folder === '' || /^[_.]/.test(folder) || folder.endsWith('.prov')) continue;
    if (rest !== undefined) folders.set(folder, [...(folders.get(folder) ?? []), { name: rest, data: file.data }]);
    else if (folder.endsWith('.tgz')) charts.push(loadChart(unpack(file), `${where}/charts/${folder}`, unpack));
  }
  for (const [folder, own] of folders) charts.push(loadChart(own, `${where}/charts/${folder}`, unpack));
  return charts;
}

/**
 * @param more code of the failure, and how many lines stand before the text
 * @throws MeshctlError for what is no mapping, with line and column of what is no YAML
 */
export function mapFrom(source: string, where: string, more: { readonly code?: string; readonly line?: number } = {}): GoMap {
  const { code = 'E_CHART', line = 0 } = more;
  let value: Value;
  try {
    value = readYaml(source);
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
    throw new MeshctlError(code, `${where}:${line + error.line}:${error.column}: ${error.message}`, { cause: error });
  }
  if (value === null || value === undefined) return new Map();
  if (!isMap(value)) throw new MeshctlError(code, `${where} holds no mapping.`);
  return value;
}
