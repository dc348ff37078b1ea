import { stringAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import { quotedList } from '../../text/words.ts';

/** `namespace "a"`, `namespaces "a" and "b"`. */
export function inNamespaces(namespaces: readonly string[]): string {
  return `${namespaces.length === 1 ? 'namespace' : 'namespaces'} ${quotedList(namespaces)}`;
}

/** How users find a rule or a match again: by its name, else by its number in the list, counted from 1. */
export function inList(word: string, resource: Resource, path: FieldPath): string {
  const name = stringAt(resource.body, ...path, 'name');
  return name ? `${word} "${name}"` : `${word} ${Number(path[path.length - 1]) + 1}`;
}
