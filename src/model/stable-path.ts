/** Where findings are, in words that stay the same when lists change around them, so that they are known again. */
import { isBody } from './body.ts';
import type { FieldPath } from './resource.ts';

/** What identifies an item of a list better than its place. */
const IDENTITIES = ['name', 'host', 'key', 'number', 'port'];

/** `spec.http[name=primary].route[].weight`: items that nothing identifies are all alike, and `heldAt` tells them apart. */
export function stablePath(root: unknown, path: FieldPath): string {
  return pathText(root, path, () => '');
}

/** The same with the index of items that nothing identifies, as baselines of the first form have it. */
export function indexedPath(root: unknown, path: FieldPath): string {
  return pathText(root, path, String);
}

/**
 * What stands at the path, or where that is missing around it: a scalar as text, an object or a list only when
 * the path does not tell which one it is. Keys are sorted, because their order means nothing.
 */
export function heldAt(root: unknown, path: FieldPath): string {
  let current = root;
  let isAlike = false;
  for (const step of path) {
    const next = entryOf(current, step);
    if (next === undefined) break;
    isAlike ||= typeof step === 'number' && identityOf(next) === undefined;
    current = next;
  }
  if (typeof current !== 'object' || current === null) return String(current ?? '');
  return isAlike ? JSON.stringify(current, (_, value) => (isBody(value) ? sorted(value) : value)) : '';
}

function pathText(root: unknown, path: FieldPath, placeOf: (index: number) => string): string {
  let current = root;
  let text = '';
  for (const step of path) {
    const next = entryOf(current, step);
    if (typeof step === 'string') text += text === '' ? step : `.${step}`;
    else text += `[${identityOf(next) ?? placeOf(step)}]`;
    current = next;
  }
  return text;
}

function entryOf(holder: unknown, step: string | number): unknown {
  return typeof holder === 'object' && holder !== null ? (holder as Record<string | number, unknown>)[step] : undefined;
}

function sorted(body: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(body).sort(([left], [right]) => (left < right ? -1 : 1)));
}

function identityOf(item: unknown): string | undefined {
  if (typeof item === 'string') return `"${item}"`;
  if (!isBody(item)) return undefined;
  const field = IDENTITIES.find((name) => typeof item[name] === 'string' || typeof item[name] === 'number');
  if (field !== undefined) return `${field}=${item[field]}`;
  const { destination } = item;
  return isBody(destination) && typeof destination['host'] === 'string' ? `host=${destination['host']}` : undefined;
}
