/** Strategic merge patches of the built-in kinds: lists merge by key, and directives steer. */
import { isBody, listAt } from '../../model/body.ts';
import { PatchProblem } from '../../text/json-patch.ts';
import { type Fields, isSame } from '../store/object.ts';
import { type Shape, strategicKey } from './list-shape.ts';

const ORDER = '$setElementOrder/';
const DELETE_VALUES = '$deleteFromPrimitiveList/';

/** @returns the patched copy */
export function applyStrategicPatch(target: unknown, patch: unknown, shape: Shape): unknown {
  if (!isBody(patch)) return structuredClone(patch);
  if (patch['$patch'] === 'replace') return withoutDirectives(patch);
  if (patch['$patch'] === 'delete') return {};
  const result: Fields = isBody(target) ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith('$')) continue;
    if (value === null) delete result[name];
    else if (Array.isArray(value)) result[name] = mergeList(listAt(result, name), value, shape.field(name));
    else if (isBody(value)) result[name] = applyStrategicPatch(result[name], value, shape.field(name));
    else result[name] = value;
  }
  for (const [directive, value] of Object.entries(patch)) {
    if (directive.startsWith(DELETE_VALUES) && Array.isArray(value)) {
      const name = directive.slice(DELETE_VALUES.length);
      result[name] = listAt(result, name).filter((item) => !value.some((gone) => isSame(gone, item)));
    } else if (directive.startsWith(ORDER) && Array.isArray(value)) {
      const name = directive.slice(ORDER.length);
      if (Array.isArray(result[name])) result[name] = ordered(listAt(result, name), value, strategicKey(shape.field(name)));
    }
  }
  const retained = patch['$retainKeys'];
  if (Array.isArray(retained)) for (const name of Object.keys(result)) if (!retained.includes(name)) delete result[name];
  return result;
}

function withoutDirectives(patch: Fields): Fields {
  return structuredClone(Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith('$'))));
}

function mergeList(current: readonly unknown[], patch: readonly unknown[], shape: Shape): readonly unknown[] {
  if (patch.some((item) => isBody(item) && item['$patch'] === 'replace')) {
    return structuredClone(patch.filter((item) => !(isBody(item) && item['$patch'] === 'replace')));
  }
  if (shape.list.is === 'set') return [...current, ...patch.filter((item) => !current.some((known) => isSame(known, item)))];
  const key = strategicKey(shape);
  if (key === undefined) return structuredClone(patch);
  const result = [...current];
  for (const item of patch) {
    if (!isBody(item) || item[key] === undefined)
      throw new PatchProblem(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const index = result.findIndex((known) => isBody(known) && isSame(known[key], item[key]));
    if (item['$patch'] === 'delete') {
      if (index >= 0) result.splice(index, 1);
    } else if (index < 0) result.push(applyStrategicPatch({}, item, shape.item()));
    else result[index] = applyStrategicPatch(result[index], item, shape.item());
  }
  return result;
}

/** Items in the order that the patch states; items it does not name stay behind their predecessors. */
function ordered(items: readonly unknown[], order: readonly unknown[], key: string | undefined): readonly unknown[] {
  const rank = (item: unknown): number =>
    order.findIndex((entry) => (key === undefined ? isSame(entry, item) : isBody(entry) && isBody(item) && isSame(entry[key], item[key])));
  const named = items.filter((item) => rank(item) >= 0).sort((a, b) => rank(a) - rank(b));
  let next = 0;
  return items.map((item) => (rank(item) < 0 ? item : named[next++]));
}
