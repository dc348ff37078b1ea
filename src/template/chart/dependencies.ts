/** Which dependencies of a chart take part, under which names, and what of their values the chart takes over. */

import { copyOf } from '../equal.ts';
import { isCompatible } from '../semver.ts';
import { type GoMap, isMap, type Value } from '../value.ts';
import type { Chart, Dependency } from './chart.ts';
import { coalesceValues, mergeValues, tablesInto, valueAt } from './values.ts';

/** @param values of the user */
export function withDependencies(chart: Chart, values: GoMap): Chart {
  return importing(enabled(chart, values, ''));
}

interface Declared {
  readonly chart: Chart;
  /** Undefined for charts that lie in `charts/` without being declared. */
  readonly dependency: Dependency | undefined;
}

function enabled(chart: Chart, values: GoMap, path: string): Chart {
  const declared = declaredCharts(chart);
  const whole = coalesceValues({ ...chart, subcharts: declared.map((each) => each.chart) }, values);
  const kept = declared.filter(({ dependency }) => dependency === undefined || isEnabled(dependency, whole, path));
  const off = new Set(declared.filter((each) => !kept.includes(each)).map((each) => each.chart.name));
  return {
    ...chart,
    dependencies: chart.dependencies.filter(({ name, alias }) => !off.has(alias ?? name)),
    subcharts: kept.map((each) =>
      each.chart.dependencies.length === 0 ? each.chart : enabled(each.chart, whole, `${path}${each.chart.name}.`),
    ),
  };
}

function declaredCharts(chart: Chart): readonly Declared[] {
  const fits = (own: Chart, { name, version }: Dependency): boolean => own.name === name && isCompatible(version, own.version);
  const loose = chart.subcharts.filter((own) => !chart.dependencies.some((dependency) => fits(own, dependency)));
  return [
    ...loose.map((own) => ({ chart: own, dependency: undefined })),
    ...chart.dependencies.flatMap((dependency) => {
      const found = chart.subcharts.find((own) => fits(own, dependency));
      if (!found) return [];
      const name = dependency.alias ?? found.name;
      return [{ chart: { ...found, name, metadata: new Map(found.metadata).set('name', name) }, dependency }];
    }),
  ];
}

function isEnabled({ condition, tags }: Dependency, values: GoMap, path: string): boolean {
  const conditions = condition.map((each) => valueAt(values, path + each)).filter((value) => typeof value === 'boolean');
  if (conditions.length > 0) return conditions[0] as boolean;
  const table = values.get('tags');
  const marks = isMap(table) ? tags.map((tag) => table.get(tag)).filter((value) => typeof value === 'boolean') : [];
  return marks.length === 0 || marks.includes(true);
}

function importing(chart: Chart): Chart {
  const own = { ...chart, subcharts: chart.subcharts.map(importing) };
  if (own.dependencies.length === 0) return own;
  const whole = mergeValues(own, new Map());
  const imported: GoMap = new Map();
  for (const { name, alias, importValues } of own.dependencies) {
    for (const entry of importValues) {
      const [child, parent] = isMap(entry) ? [String(entry.get('child')), String(entry.get('parent'))] : [`exports.${String(entry)}`, '.'];
      const table = valueAt(whole, `${alias ?? name}.${child}`);
      if (isMap(table)) tablesInto(imported, nested(parent, copyOf(table) as GoMap), true);
    }
  }
  return { ...own, values: tablesInto(copyOf(whole) as GoMap, imported, true) };
}

const nested = (path: string, table: GoMap): GoMap =>
  path === '.' ? table : (path.split('.').reduceRight((inner: Value, key) => new Map([[key, inner]]), table) as GoMap);
