/**
 * Values laid over each other as Helm does: what the user says over what a chart says over what its dependencies say.
 * `null` takes a default away.
 */
import { MeshctlError } from '../../errors.ts';
import { copyOf } from '../equal.ts';
import { type GoMap, isMap, type Value } from '../value.ts';
import { type Chart, mapFrom } from './chart.ts';

/**
 * Values files may hold several documents; the later ones win.
 * @throws MeshctlError of the given code, with line and column
 */
export function mergeDocuments(source: string, where: string, code = 'E_CHART'): GoMap {
  let merged: GoMap = new Map();
  let line = 0;
  for (const text of source.split(/^---(?:[ \t].*)?\r?$/m)) {
    if (text.trim() !== '') merged = mergeMaps(merged, mapFrom(text, where, { code, line }));
    line += text.split('\n').length - 1;
  }
  return merged;
}

/** Maps are merged, everything else is replaced. */
export function mergeMaps(base: GoMap, over: GoMap): GoMap {
  const merged: GoMap = new Map(base);
  for (const [key, value] of over) {
    const own = merged.get(key);
    merged.set(key, isMap(value) && isMap(own) ? mergeMaps(own, value) : value);
  }
  return merged;
}

/** What templates of the chart see, those of its dependencies below their names. */
export const coalesceValues = (chart: Chart, values: GoMap): GoMap => coalesce(chart, copyOf(values) as GoMap, false);

/** The same, but `null` stays, for values that are laid over others later. */
export const mergeValues = (chart: Chart, values: GoMap): GoMap => coalesce(chart, copyOf(values) as GoMap, true);

function coalesce(chart: Chart, values: GoMap, keepsNull: boolean): GoMap {
  defaultsInto(chart, values, keepsNull);
  for (const subchart of chart.subcharts) {
    const own = values.get(subchart.name) ?? new Map<string, Value>();
    if (!isMap(own)) {
      throw new MeshctlError('E_CHART', `The values of the chart "${subchart.name}" are no mapping.`, {
        hint: `What stands below "${subchart.name}" in the values of "${chart.name}" goes to that dependency.`,
      });
    }
    globalsInto(own, values);
    values.set(subchart.name, coalesce(subchart, own, keepsNull));
  }
  return values;
}

function defaultsInto(chart: Chart, values: GoMap, keepsNull: boolean): void {
  const names = new Set(chart.subcharts.map(({ name }) => name));
  for (const [key, standard] of copyOf(chart.values) as GoMap) {
    if (!values.has(key)) {
      if (!keepsNull && standard === null) continue;
      if (!keepsNull && isMap(standard)) dropNull(standard);
      values.set(key, standard);
      continue;
    }
    const given = values.get(key);
    if (given === null && !keepsNull) values.delete(key);
    else if (isMap(given) && isMap(standard)) {
      const keeps = keepsNull || names.has(key);
      if (!keeps) dropNull(standard);
      tablesInto(given, standard, keeps);
    }
  }
}

/** What `target` lacks comes from `source`; a `null` takes away what the source has. */
export function tablesInto(target: GoMap, source: GoMap, keepsNull: boolean): GoMap {
  const wasSet = new Set([...source].filter(([, value]) => value !== null).map(([key]) => key));
  for (const [key, value] of target) if (value === null) source.set(key, null);
  for (const [key, value] of source) {
    const own = target.get(key);
    if (!target.has(key)) target.set(key, value);
    else if (own === null && !keepsNull && wasSet.has(key)) target.delete(key);
    else if (isMap(value) && isMap(own)) tablesInto(own, value, keepsNull);
  }
  return target;
}

const GLOBAL = 'global';

/** Globals of the chart above go into those of a dependency, and win. */
function globalsInto(target: GoMap, source: GoMap): void {
  const [own, above] = [target.get(GLOBAL) ?? new Map<string, Value>(), source.get(GLOBAL) ?? new Map<string, Value>()];
  if (!isMap(own) || !isMap(above)) return;
  for (const [key, value] of above) {
    const mine = own.get(key);
    if (!isMap(value)) {
      if (!isMap(mine)) own.set(key, value);
    } else if (!own.has(key)) own.set(key, new Map(value));
    else if (isMap(mine)) own.set(key, tablesInto(new Map(value), mine, true));
  }
  target.set(GLOBAL, own);
}

function dropNull(map: GoMap): GoMap {
  for (const [key, value] of map) {
    if (value === null) map.delete(key);
    else if (isMap(value)) dropNull(value);
  }
  return map;
}

/** The value at `a.b.c`; undefined when there is none. */
export function valueAt(values: GoMap, path: string): Value {
  let value: Value = values;
  for (const key of path.split('.')) {
    if (!isMap(value) || !value.has(key)) return undefined;
    value = value.get(key);
  }
  return value;
}
