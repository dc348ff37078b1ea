/** JSON with positions. */
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import type { FieldPath } from '../model/resource.ts';
import type { NodeRange } from './yaml.ts';

/** What `JSON.parse` lets pass, and this program does not. */
export type JsonFault = { readonly offset: number } & ({ readonly is: 'duplicate'; readonly key: string } | { readonly is: 'too-deep' });

/**
 * The first key that an object holds twice, or the first bracket below `maxDepth` levels. Looks at
 * strings and brackets only, and without recursion: depth must not end on the stack.
 * @param text that `JSON.parse` accepts
 */
export function jsonFault(text: string, maxDepth: number): JsonFault | undefined {
  // One entry for each open bracket; a list has no keys.
  const open: (Set<string> | undefined)[] = [];
  let keyNext = false;
  for (let index = 0; index < text.length; index++) {
    switch (text.charCodeAt(index)) {
      case QUOTE: {
        const end = endOfString(text, index);
        if (keyNext) {
          const raw = text.slice(index + 1, end);
          const key = raw.includes('\\') ? String(JSON.parse(text.slice(index, end + 1))) : raw;
          const keys = open.at(-1);
          if (keys?.has(key)) return { is: 'duplicate', key, offset: index };
          keys?.add(key);
          keyNext = false;
        }
        index = end;
        break;
      }
      case OPEN_OBJECT:
      case OPEN_LIST:
        if (open.length >= maxDepth) return { is: 'too-deep', offset: index };
        keyNext = text.charCodeAt(index) === OPEN_OBJECT;
        open.push(keyNext ? new Set() : undefined);
        break;
      case CLOSE_OBJECT:
      case CLOSE_LIST:
        open.pop();
        keyNext = false;
        break;
      case COMMA:
        keyNext = open.at(-1) !== undefined;
        break;
    }
  }
  return undefined;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_LIST = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** Offset of the quote that closes the string opened at `start`. */
function endOfString(text: string, start: number): number {
  let end = start + 1;
  while (end < text.length && text.charCodeAt(end) !== QUOTE) end += text.charCodeAt(end) === BACKSLASH ? 2 : 1;
  return end;
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
