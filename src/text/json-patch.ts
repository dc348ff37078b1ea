/** RFC 6902. */
import { isBody } from '../model/body.ts';
import { isEqual } from './equal.ts';

type Fields = Record<string, unknown>;

export class PatchProblem extends Error {}

const steps = (pointer: unknown): readonly string[] => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')))
    throw new PatchProblem(`"${String(pointer)}" is not a JSON pointer`);
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
};

const isUnsafe = (step: string): boolean => step === '__proto__' || step === 'constructor' || step === 'prototype';

function child(parent: unknown, step: string, pointer: string): unknown {
  const known = Array.isArray(parent) ? parent[Number(step)] : isBody(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
  if (known === undefined) throw new PatchProblem(`the path "${pointer}" does not exist`);
  return known;
}

function put(root: unknown, path: readonly string[], pointer: string, value: unknown, replace: boolean): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  if (path.some(isUnsafe)) throw new PatchProblem(`the path "${pointer}" is not allowed`);
  const parent = path.slice(0, -1).reduce((at, step) => child(at, step, pointer), root);
  if (replace) child(parent, last, pointer);
  if (Array.isArray(parent)) {
    const index = last === '-' ? parent.length : Number(last);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) throw new PatchProblem(`the index "${last}" is out of range`);
    parent.splice(index, replace ? 1 : 0, value);
  } else if (isBody(parent)) (parent as Fields)[last] = value;
  else throw new PatchProblem(`the path "${pointer}" does not exist`);
  return root;
}

function take(root: unknown, path: readonly string[], pointer: string): unknown {
  const last = path.at(-1);
  if (last === undefined) return undefined;
  const parent = path.slice(0, -1).reduce((at, step) => child(at, step, pointer), root);
  child(parent, last, pointer);
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Fields)[last];
  return root;
}

/**
 * @returns the patched copy
 * @throws PatchProblem when an operation does not apply
 */
export function applyJsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw new PatchProblem('a JSON patch is a list of operations');
  let result: unknown = structuredClone(target);
  for (const operation of patch as readonly unknown[]) {
    if (!isBody(operation)) throw new PatchProblem('an operation of a JSON patch is an object');
    const pointer = String(operation['path']);
    const path = steps(operation['path']);
    const value = structuredClone(operation['value']);
    const at = (from: readonly string[], text: string): unknown => from.reduce((parent, step) => child(parent, step, text), result);
    switch (operation['op']) {
      case 'add':
        result = put(result, path, pointer, value, false);
        break;
      case 'replace':
        result = put(result, path, pointer, value, true);
        break;
      case 'remove':
        result = take(result, path, pointer);
        break;
      case 'test':
        if (!isEqual(at(path, pointer), value)) throw new PatchProblem(`testing value ${pointer} failed`);
        break;
      case 'copy':
        result = put(result, path, pointer, structuredClone(at(steps(operation['from']), String(operation['from']))), false);
        break;
      case 'move': {
        const moved = at(steps(operation['from']), String(operation['from']));
        result = take(result, steps(operation['from']), String(operation['from']));
        result = put(result, path, pointer, moved, false);
        break;
      }
      default:
        throw new PatchProblem(`"${String(operation['op'])}" is not an operation of a JSON patch`);
    }
  }
  return result;
}
