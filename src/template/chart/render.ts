/** Renders a chart with its dependencies: values in, manifests out. */
import { textOf } from '../bytes.ts';
import { type RenderOptions, renderFiles, type TemplateFile } from '../engine.ts';
import { plain } from '../print.ts';
import { type GoMap, int, isList, isMap, isNil, type Value } from '../value.ts';
import type { Chart } from './chart.ts';
import { type Cluster, capabilitiesValue, filesValue } from './data.ts';
import { withDependencies } from './dependencies.ts';
import { coalesceValues, valueAt } from './values.ts';

export interface Release {
  readonly name: string;
  readonly namespace: string;
  readonly revision: number;
  readonly isUpgrade: boolean;
  /** Who releases, `Helm` if nothing else is said; Linkerd's charts bring their namespace where it is `CLI`. */
  readonly service?: string;
}

export interface Rendered {
  /** Manifests by the name of their template, `istiod/templates/deployment.yaml`. */
  readonly manifests: ReadonlyMap<string, string>;
  /** The chart's own NOTES.txt; undefined when it has none. */
  readonly notes: string | undefined;
  /** Files below `crds/`, the chart's own last. */
  readonly crds: ReadonlyMap<string, string>;
  /** The chart with the dependencies that take part. */
  readonly chart: Chart;
  readonly values: GoMap;
}

export interface RenderInput extends RenderOptions {
  readonly chart: Chart;
  /** Of the user. */
  readonly values: GoMap;
  readonly release: Release;
  readonly cluster: Cluster;
}

/** @throws MeshctlError E_TEMPLATE and E_CHART */
export function renderChart({ chart: given, values: own, release, cluster, ...options }: RenderInput): Rendered {
  const chart = withDependencies(given, own);
  const values = coalesceValues(chart, own);
  const top: GoMap = new Map<string, Value>([
    [
      'Release',
      new Map<string, Value>([
        ['Name', release.name],
        ['Namespace', release.namespace],
        ['IsUpgrade', release.isUpgrade],
        ['IsInstall', !release.isUpgrade],
        ['Revision', int(release.revision)],
        ['Service', release.service ?? 'Helm'],
      ]),
    ],
    ['Capabilities', capabilitiesValue(cluster)],
    ['Values', values],
  ]);
  const files: TemplateFile[] = [];
  collect(chart, chart.name, top, true, files);
  const outputs = renderFiles(files, options);
  const manifests = new Map([...outputs].filter(([name]) => !name.endsWith('/NOTES.txt')));
  return { manifests, notes: outputs.get(`${chart.name}/templates/NOTES.txt`), crds: crdsOf(chart, chart.name), chart, values };
}

/** @returns the dot of the chart's templates, which those above see below `.Subcharts` */
function collect(chart: Chart, path: string, above: GoMap, isRoot: boolean, files: TemplateFile[]): GoMap {
  const own = isRoot ? above.get('Values') : valueAt(above, `Values.${chart.name}`);
  const subcharts: GoMap = new Map();
  const data: GoMap = new Map<string, Value>([
    ['Chart', new Map([...chartValue(chart), ['IsRoot', isRoot]])],
    ['Files', filesValue(chart.files)],
    ['Release', above.get('Release')],
    ['Capabilities', above.get('Capabilities')],
    ['Values', isMap(own) ? own : new Map()],
    ['Subcharts', subcharts],
  ]);
  for (const subchart of chart.subcharts)
    subcharts.set(subchart.name, collect(subchart, `${path}/charts/${subchart.name}`, data, false, files));
  for (const { name, data: bytes } of chart.templates) {
    if (chart.isLibrary && !/(?:^|\/)_[^/]*$/.test(name)) continue;
    files.push({ name: `${path}/${name}`, text: textOf(bytes), data, basePath: `${path}/templates` });
  }
  return data;
}

const FIELDS: readonly (readonly [field: string, key: string])[] = [
  ['Name', 'name'],
  ['Home', 'home'],
  ['Sources', 'sources'],
  ['Version', 'version'],
  ['Description', 'description'],
  ['Keywords', 'keywords'],
  ['Maintainers', 'maintainers'],
  ['Icon', 'icon'],
  ['APIVersion', 'apiVersion'],
  ['Condition', 'condition'],
  ['Tags', 'tags'],
  ['AppVersion', 'appVersion'],
  ['Deprecated', 'deprecated'],
  ['Annotations', 'annotations'],
  ['KubeVersion', 'kubeVersion'],
  ['Dependencies', 'dependencies'],
  ['Type', 'type'],
];

/** Fields that are lists; the items of two of them are structs too. */
const LISTS: Readonly<Record<string, readonly (readonly [field: string, key: string])[]>> = {
  Sources: [],
  Keywords: [],
  Maintainers: [
    ['Name', 'name'],
    ['Email', 'email'],
    ['URL', 'url'],
  ],
  Dependencies: [
    ['Name', 'name'],
    ['Version', 'version'],
    ['Repository', 'repository'],
    ['Condition', 'condition'],
    ['Tags', 'tags'],
    ['ImportValues', 'import-values'],
    ['Alias', 'alias'],
  ],
};

/** `.Chart`: the fields of Chart.yaml under the names of Go's struct. */
function chartValue({ metadata }: Chart): readonly (readonly [string, Value])[] {
  return FIELDS.map(([field, key]) => {
    const value = metadata.get(key);
    const items = LISTS[field];
    if (items) return [field, isList(value) ? value.map((item) => structFrom(item, items)) : []] as const;
    if (field === 'Annotations')
      return [field, isMap(value) ? new Map([...value].map(([name, each]) => [name, textFrom(each)])) : new Map()];
    return [field, field === 'Deprecated' ? value === true : textFrom(value)] as const;
  });
}

function structFrom(item: Value, fields: readonly (readonly [field: string, key: string])[]): Value {
  if (!isMap(item)) return item;
  return new Map(fields.map(([field, key]) => [field, isList(item.get(key)) ? item.get(key) : textFrom(item.get(key))]));
}

/** What YAML reads as a number or a truth value is text all the same. */
const textFrom = (value: Value): string => (isNil(value) ? '' : plain(value));

function crdsOf(chart: Chart, path: string): ReadonlyMap<string, string> {
  const below = chart.subcharts.flatMap((subchart) => [...crdsOf(subchart, `${path}/charts/${subchart.name}`)]);
  const own = chart.files.filter(({ name }) => name.startsWith('crds/') && /\.(?:ya?ml|json)$/.test(name));
  return new Map([...below, ...own.map(({ name, data }) => [`${path}/${name}`, textOf(data)] as const)]);
}
