/** The part of kubectl's JSONPath that `additionalPrinterColumns` use. */
import { isBody } from '../../model/body.ts';

const FILTER = String.raw`\[\?\(@\.(?<field>[\w.-]+)\s*==\s*["'](?<wanted>[^"']*)["']\)\]`;
const DOT = String.raw`\.(?<dot>(?:[\w/*-]|\\.)+)`;
const BRACKET = String.raw`\['?(?<bracket>[^'\]]+?)'?\]`;

function fieldOf(value: unknown, name: string): readonly unknown[] {
  if (name === '*') return Array.isArray(value) ? value : isBody(value) ? Object.values(value) : [];
  if (Array.isArray(value)) return /^-?\d+$/.test(name) ? [value.at(Number(name))] : [];
  return isBody(value) && Object.hasOwn(value, name) ? [value[name]] : [];
}

/** The values at a path such as `.status.conditions[?(@.type=="Ready")].status`; empty when there is none. */
export function valuesAtJsonPath(object: unknown, path: string): readonly unknown[] {
  const step = new RegExp(`${FILTER}|${DOT}|${BRACKET}`, 'y');
  const text = path.replace(/^\{|\}$/g, '');
  let values: readonly unknown[] = [object];
  let position = text.startsWith('$') ? 1 : 0;
  while (position < text.length) {
    step.lastIndex = position;
    const found = step.exec(text);
    if (!found) return [];
    position += found[0].length;
    const { field, wanted, dot, bracket = '' } = found.groups ?? {};
    if (field === undefined) {
      const name = (dot ?? bracket).replaceAll('\\.', '.');
      values = values.flatMap((value) => fieldOf(value, name));
    } else {
      const names = field.split('.');
      const own = (item: unknown): unknown => names.reduce<unknown>((at, name) => fieldOf(at, name)[0], item);
      values = values.flatMap((value) => fieldOf(value, '*')).filter((item) => String(own(item) ?? '') === wanted);
    }
  }
  return values.filter((value) => value !== undefined && value !== null);
}
