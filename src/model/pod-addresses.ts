import { itemsAt, stringAt } from './body.ts';
import type { Resource } from './resource.ts';

/** All addresses of a pod, the one that it is known by first. */
export function podAddresses({ body }: Resource): readonly string[] {
  const all = itemsAt(body, 'status', 'podIPs').flatMap(({ item }) => stringAt(item, 'ip') ?? []);
  const first = stringAt(body, 'status', 'podIP');
  return [...new Set(first === undefined ? all : [...all, first])];
}
