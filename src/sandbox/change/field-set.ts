/** Sets of field paths, and their FieldsV1 form: who manages what. */
import { isBody } from '../../model/body.ts';
import { type Fields, isSame } from '../store/object.ts';
import { keyDefault, type Shape } from './list-shape.ts';

/** Steps in FieldsV1's notation: `f:spec`, `k:{"name":"web"}`, `v:"a"`. */
export type Path = readonly string[];

/** Owned paths by their joined text. */
export type FieldSet = ReadonlyMap<string, Path>;

const SEPARATOR = '\u0000';

export function fieldSet(paths: Iterable<Path>): FieldSet {
  return new Map([...paths].map((path) => [path.join(SEPARATOR), path]));
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  return new Map([...a, ...b]);
}

export function difference(a: FieldSet, b: FieldSet): FieldSet {
  return new Map([...a].filter(([key]) => !b.has(key)));
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  return new Map([...a].filter(([key]) => b.has(key)));
}

/** Whether the set owns something below `path`. */
export function ownsBelow(set: FieldSet, path: Path): boolean {
  const prefix = `${path.join(SEPARATOR)}${SEPARATOR}`;
  for (const key of set.keys()) if (key.startsWith(prefix)) return true;
  return false;
}

export function itemKey(item: unknown, keys: readonly string[]): string {
  const values: Fields = {};
  for (const name of [...keys].sort()) {
    const value = (isBody(item) ? item[name] : undefined) ?? keyDefault(name);
    if (value !== undefined) values[name] = value;
  }
  return `k:${JSON.stringify(values)}`;
}

/** Every leaf of a value as a path; items of keyed lists are owned themselves too. */
export function pathsOf(value: unknown, shape: Shape, base: Path = []): readonly Path[] {
  if (isBody(value) && !shape.atomic && Object.keys(value).length > 0) {
    return Object.entries(value).flatMap(([name, field]) =>
      field === undefined ? [] : pathsOf(field, shape.field(name), [...base, `f:${name}`]),
    );
  }
  if (Array.isArray(value) && value.length > 0) {
    const { list } = shape;
    if (list.is === 'set') return value.map((item) => [...base, `v:${JSON.stringify(item)}`]);
    if (list.is === 'map') {
      return value.flatMap((item) => {
        const path = [...base, itemKey(item, list.keys)];
        return [path, ...pathsOf(item, shape.item(), path)];
      });
    }
  }
  return base.length === 0 ? [] : [base];
}

export function toFieldsV1(set: FieldSet): Fields {
  const root: Fields = {};
  for (const path of [...set.values()].sort((a, b) => (a.join('\u0001') < b.join('\u0001') ? -1 : 1))) {
    let node = root;
    for (const step of path) {
      const known = (node[step] ?? {}) as Fields;
      node[step] = known;
      node = known;
    }
    // An owned parent is marked, or its children would hide that it is owned.
    node['.'] = {};
  }
  const tidy = (node: Fields): Fields => {
    const names = Object.keys(node);
    if (names.length === 1 && names[0] === '.') return {};
    return Object.fromEntries(names.sort().map((name) => [name, name === '.' ? {} : tidy(node[name] as Fields)]));
  };
  return tidy(root);
}

export function fromFieldsV1(fields: unknown): FieldSet {
  const found: Path[] = [];
  const walk = (node: unknown, path: Path): void => {
    const names = isBody(node) ? Object.keys(node) : [];
    if (path.length > 0 && (names.length === 0 || names.includes('.'))) found.push(path);
    for (const name of names) if (name !== '.' && isBody(node)) walk(node[name], [...path, name]);
  };
  walk(fields, []);
  return fieldSet(found);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function itemIndex(items: readonly unknown[], step: string): number {
  const wanted = parsed(step.slice(2));
  if (step.startsWith('v:')) return items.findIndex((item) => isSame(item, wanted));
  if (!isBody(wanted)) return -1;
  return items.findIndex((item) =>
    Object.keys(wanted).every((name) => isSame((isBody(item) ? item[name] : undefined) ?? keyDefault(name), wanted[name])),
  );
}

export function valueAt(value: unknown, path: Path): unknown {
  let current = value;
  for (const step of path) {
    if (step.startsWith('f:')) current = isBody(current) ? current[step.slice(2)] : undefined;
    else current = Array.isArray(current) ? (current as unknown[])[itemIndex(current, step)] : undefined;
  }
  return current;
}

/** A copy without the value at a path, and without the parents that became empty by it unless `keeps` says so. */
export function without(value: unknown, path: Path, keeps: (parent: Path) => boolean, base: Path = []): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return undefined;
  const here = [...base, step];
  const isEmpty = (child: unknown): boolean => typeof child === 'object' && child !== null && Object.keys(child).length === 0;
  if (step.startsWith('f:') && isBody(value)) {
    const name = step.slice(2);
    if (!Object.hasOwn(value, name)) return value;
    const child = without(value[name], rest, keeps, here);
    const { [name]: _gone, ...others } = value;
    return child === undefined || (rest.length > 0 && isEmpty(child) && !keeps(here)) ? others : { ...value, [name]: child };
  }
  if (!Array.isArray(value)) return value;
  const index = itemIndex(value, step);
  if (index < 0) return value;
  const child = without(value[index], rest, keeps, here);
  return child === undefined
    ? value.filter((_, position) => position !== index)
    : value.map((item, position) => (position === index ? child : item));
}

/** `.spec.containers[name="web"].image`, as conflicts are reported. */
export function pathText(path: Path): string {
  return path
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      const value = parsed(step.slice(2));
      if (step.startsWith('v:') || !isBody(value)) return `[=${step.slice(2)}]`;
      return `[${Object.entries(value)
        .map(([name, key]) => `${name}=${JSON.stringify(key)}`)
        .join(',')}]`;
    })
    .join('');
}
