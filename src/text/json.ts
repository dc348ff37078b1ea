/** JSON with positions. The only importer of jsonc-parser. */
import { findNodeAtLocation, parseTree, visit } from 'jsonc-parser';
import type { FieldPath } from '../model/resource.ts';
import type { NodeRange } from './yaml.ts';

/** The first key that an object holds twice, as an offset; undefined when there is none. */
export function duplicateKey(text: string): { readonly offset: number; readonly key: string } | undefined {
  const open: Set<string>[] = [];
  let found: { offset: number; key: string } | undefined;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (key, offset) => {
      const keys = open.at(-1);
      if (keys?.has(key)) found ??= { offset, key };
      keys?.add(key);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return found;
}

/** Like `locateInYaml`, for text that `JSON.parse` accepts. */
export function locateInJson(text: string): { find(path: FieldPath): NodeRange } {
  const root = parseTree(text);
  return {
    find(path) {
      for (let length = path.length; root && length >= 0; length--) {
        const node = findNodeAtLocation(root, path.slice(0, length));
        if (!node) continue;
        const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
        return {
          key: key && { start: key.offset, end: key.offset + key.length },
          value: { start: node.offset, end: node.offset + node.length },
          isCollection: node.type === 'object' || node.type === 'array',
        };
      }
      return { value: { start: 0, end: 0 }, isCollection: false };
    },
  };
}
