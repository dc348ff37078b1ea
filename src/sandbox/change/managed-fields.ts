/** `metadata.managedFields` after a change, and server-side apply on top of it. */
import { isBody } from '../../model/body.ts';
import { type Fields, isSame, type KubeObject, type ManagedFieldsEntry } from '../store/object.ts';
import {
  difference,
  type FieldSet,
  fieldSet,
  fromFieldsV1,
  intersection,
  itemKey,
  ownsBelow,
  type Path,
  pathsOf,
  pathText,
  toFieldsV1,
  union,
  valueAt,
  without,
} from './field-set.ts';
import type { Shape } from './list-shape.ts';

export interface Author {
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
}

export interface Conflict {
  readonly manager: string;
  readonly apiVersion: string;
  readonly operation: 'Apply' | 'Update';
  readonly field: string;
}

interface Managed {
  readonly entry: Omit<ManagedFieldsEntry, 'fieldsV1' | 'fieldsType'>;
  readonly set: FieldSet;
}

/** Fields that the server alone sets; nobody manages them. */
const SERVER_SIDE = new Set(
  [
    'name',
    'namespace',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'managedFields',
    'generateName',
    'selfLink',
  ].map((name) => `f:metadata\u0000f:${name}`),
);

function ownedBy(object: Fields, shape: Shape): FieldSet {
  const { apiVersion: _version, kind: _kind, ...rest } = object;
  return fieldSet(
    pathsOf(rest, shape).filter((path) => path.join('\u0000') !== 'f:metadata' && !SERVER_SIDE.has(path.slice(0, 2).join('\u0000'))),
  );
}

function read(entries: readonly ManagedFieldsEntry[]): readonly Managed[] {
  return entries
    .filter((entry) => typeof entry.manager === 'string')
    .map(({ fieldsV1, fieldsType: _type, ...entry }) => ({ entry, set: fromFieldsV1(fieldsV1) }));
}

function write(managed: readonly Managed[]): readonly ManagedFieldsEntry[] {
  return managed
    .filter(({ set }) => set.size > 0)
    .map(({ entry, set }) => ({ ...entry, fieldsType: 'FieldsV1' as const, fieldsV1: toFieldsV1(set) }))
    .sort((a, b) => (a.operation === b.operation ? 0 : a.operation === 'Apply' ? -1 : 1));
}

const isBy = ({ entry }: Managed, author: Author, operation: 'Apply' | 'Update'): boolean =>
  entry.manager === author.manager &&
  entry.operation === operation &&
  (entry.subresource ?? '') === author.subresource &&
  (operation === 'Apply' || entry.apiVersion === author.apiVersion);

const entryOf = (author: Author, operation: 'Apply' | 'Update'): Managed['entry'] => ({
  manager: author.manager,
  operation,
  apiVersion: author.apiVersion,
  time: author.time,
  ...(author.subresource === '' ? {} : { subresource: author.subresource }),
});

/** Owned parents carry no value of their own. */
const isParent = (value: unknown, set: FieldSet, path: Path): boolean =>
  typeof value === 'object' && value !== null && ownsBelow(set, path);

/** The entries after an author wrote `next` in place of `live`. */
export function manageUpdate(
  live: KubeObject | undefined,
  next: KubeObject,
  entries: readonly ManagedFieldsEntry[],
  author: Author,
  shape: Shape,
): readonly ManagedFieldsEntry[] {
  const before = live ? ownedBy(live, shape) : fieldSet([]);
  const after = ownedBy(next, shape);
  const changed = fieldSet(
    [...after.values()].filter((path) => {
      if (!before.has(path.join('\u0000'))) return true;
      const value = valueAt(next, path);
      return !isParent(value, after, path) && !isSame(value, valueAt(live, path));
    }),
  );
  const removed = difference(before, after);
  if (changed.size === 0 && removed.size === 0) return entries;
  const others = read(entries)
    .filter((managed) => !isBy(managed, author, 'Update'))
    .map(({ entry, set }) => ({ entry, set: difference(difference(set, removed), changed) }));
  const own = read(entries).find((managed) => isBy(managed, author, 'Update'))?.set ?? fieldSet([]);
  return write([...others, { entry: entryOf(author, 'Update'), set: union(difference(own, removed), changed) }]);
}

export type Applied =
  | { readonly is: 'applied'; readonly object: Fields; readonly entries: readonly ManagedFieldsEntry[] }
  | { readonly is: 'conflict'; readonly conflicts: readonly Conflict[] };

/** Server-side apply: the author states all it wants; what it stated before and no longer does is removed. */
export function applyConfiguration(live: KubeObject | undefined, applied: Fields, author: Author, shape: Shape, force: boolean): Applied {
  const all = read(live?.metadata.managedFields ?? []);
  const wanted = ownedBy(applied, shape);
  const previous = all.find((managed) => isBy(managed, author, 'Apply'))?.set ?? fieldSet([]);
  const others = all.filter((managed) => !isBy(managed, author, 'Apply'));
  const isConflict = (path: Path): boolean => {
    const value = valueAt(applied, path);
    // `resources: {}` states nothing about what is in there.
    if (isBody(value) && Object.keys(value).length === 0 && isBody(valueAt(live, path))) return false;
    return !isParent(value, wanted, path) && !isSame(value, valueAt(live, path));
  };
  const conflicts = others.flatMap(({ entry, set }) =>
    [...intersection(wanted, set).values()]
      .filter(isConflict)
      .map((path) => ({ manager: entry.manager, apiVersion: entry.apiVersion, operation: entry.operation, field: pathText(path) })),
  );
  if (conflicts.length > 0 && !force) return { is: 'conflict', conflicts };
  const kept = others.map(({ entry, set }) => ({
    entry,
    set: difference(set, fieldSet([...intersection(set, wanted).values()].filter(isConflict))),
  }));
  let object: unknown = merge(live ?? {}, applied, shape);
  const owned = kept.reduce((sum, { set }) => union(sum, set), wanted);
  const dropped = [...difference(previous, owned).values()].sort((a, b) => b.length - a.length);
  for (const path of dropped) if (!ownsBelow(owned, path)) object = without(object, path, (parent) => owned.has(parent.join('\u0000')));
  const same = isSame(toFieldsV1(previous), toFieldsV1(wanted));
  const earlier = all.find((managed) => isBy(managed, author, 'Apply'))?.entry;
  const entry = same && earlier ? earlier : entryOf(author, 'Apply');
  return { is: 'applied', object: object as Fields, entries: write([{ entry, set: wanted }, ...kept]) };
}

function merge(live: unknown, applied: unknown, shape: Shape): unknown {
  if (isBody(applied)) {
    if (!isBody(live) || shape.atomic) return structuredClone(applied);
    const result: Fields = { ...live };
    for (const [name, value] of Object.entries(applied))
      if (value !== null && value !== undefined) result[name] = merge(live[name], value, shape.field(name));
    return result;
  }
  if (!Array.isArray(applied) || !Array.isArray(live)) return structuredClone(applied);
  const { list } = shape;
  if (list.is === 'atomic') return structuredClone(applied);
  if (list.is === 'set') return [...live, ...applied.filter((item) => !live.some((known) => isSame(known, item)))];
  const wanted = new Map(applied.map((item: unknown) => [itemKey(item, list.keys), item]));
  const known = new Set(live.map((item) => itemKey(item, list.keys)));
  return [
    ...live.map((item) => (wanted.has(itemKey(item, list.keys)) ? merge(item, wanted.get(itemKey(item, list.keys)), shape.item()) : item)),
    ...[...wanted].filter(([key]) => !known.has(key)).map(([, item]) => structuredClone(item)),
  ];
}
