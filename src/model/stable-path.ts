/** Paths that stay the same when lists are reordered, so that a finding is known again. */
import { isBody } from './body.ts';
import type { FieldPath } from './resource.ts';

/** What identifies an item of a list better than its place. */
const IDENTITIES = ['name', 'host', 'key', 'number', 'port'];

/** `spec.http[name=primary].route[0].destination.host`; items that nothing identifies keep their index. */
export function stablePath(root: unknown, path: FieldPath): string {
  let current = root;
  let text = '';
  for (const step of path) {
    const next = typeof current === 'object' && current !== null ? (current as Record<string | number, unknown>)[step] : undefined;
    if (typeof step === 'string') text += text === '' ? step : `.${step}`;
    else text += `[${identityOf(next) ?? step}]`;
    current = next;
  }
  return text;
}

function identityOf(item: unknown): string | undefined {
  if (typeof item === 'string') return `"${item}"`;
  if (!isBody(item)) return undefined;
  const field = IDENTITIES.find((name) => typeof item[name] === 'string' || typeof item[name] === 'number');
  if (field !== undefined) return `${field}=${item[field]}`;
  const { destination } = item;
  return isBody(destination) && typeof destination['host'] === 'string' ? `host=${destination['host']}` : undefined;
}
