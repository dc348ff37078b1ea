/** Settings of one format in the words of another, by a table, so that nothing is lost without being named. */
import { isBody } from '../../../model/body.ts';
import type { Values } from '../../../model/install.ts';
import { mergeValues } from '../../install/merge-values.ts';

/**
 * Where the value of a field goes: a path with dots; a function for values of another shape, undefined for those that
 * have no place; or null for fields that say what the chart says by itself.
 */
type Target = string | ((value: unknown) => Values | undefined) | null;

/** By paths with dots. */
export type Table = Readonly<Record<string, Target>>;

export interface Translated {
  readonly values: Values;
  /** Paths of the fields that the other format has no place for. */
  readonly lost: readonly string[];
}

/** @param where path of the settings in the document */
export function translateSettings(settings: Values, table: Table, where: string, prefix = ''): Translated {
  const parts = Object.entries(settings).map(([key, value]): Translated => {
    const name = prefix + key;
    const target = Object.hasOwn(table, name) ? table[name] : undefined;
    if (target === null || value === null || value === undefined) return { values: {}, lost: [] };
    if (typeof target === 'string') return { values: nested(target, value), lost: [] };
    const made = target?.(value);
    if (made) return { values: made, lost: [] };
    const isPrefix = Object.keys(table).some((row) => row.startsWith(`${name}.`));
    if (isPrefix && isBody(value)) return translateSettings(value, table, where, `${name}.`);
    return { values: {}, lost: [`${where}.${name}`] };
  });
  return { values: mergeValues(...parts.map(({ values }) => values)), lost: parts.flatMap(({ lost }) => lost) };
}

const nested = (path: string, value: unknown): Values =>
  path.split('.').reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Values;
