import { describe, expect, it } from 'vitest';
import { fieldSet, fromFieldsV1, pathsOf, pathText, toFieldsV1, without } from '../../src/sandbox/change/field-set.ts';
import { shapeOf } from '../../src/sandbox/change/list-shape.ts';
import { applyMergePatch } from '../../src/sandbox/change/merge-patch.ts';
import { applyStrategicPatch } from '../../src/sandbox/change/strategic-patch.ts';
import { applyJsonPatch, PatchProblem } from '../../src/text/json-patch.ts';

describe('a JSON patch', () => {
  it.each([
    ['adds to a list', { a: [1] }, { op: 'add', path: '/a/-', value: 2 }, { a: [1, 2] }],
    ['inserts', { a: [1, 3] }, { op: 'add', path: '/a/1', value: 2 }, { a: [1, 2, 3] }],
    ['removes', { a: 1, b: 2 }, { op: 'remove', path: '/a' }, { b: 2 }],
    ['moves', { a: 1 }, { op: 'move', from: '/a', path: '/b' }, { b: 1 }],
    ['copies', { a: { x: 1 } }, { op: 'copy', from: '/a', path: '/b' }, { a: { x: 1 }, b: { x: 1 } }],
    ['reads escapes', { 'a/b': { '~': 1 } }, { op: 'replace', path: '/a~1b/~0', value: 2 }, { 'a/b': { '~': 2 } }],
    ['tests', { a: [1] }, { op: 'test', path: '/a', value: [1] }, { a: [1] }],
  ])('%s', (_name, before, operation, after) => {
    const copy = structuredClone(before);
    expect(applyJsonPatch(before, [operation])).toEqual(after);
    expect(before).toEqual(copy);
  });

  it.each([
    [{ op: 'remove', path: '/none' }],
    [{ op: 'replace', path: '/none', value: 1 }],
    [{ op: 'test', path: '/a', value: 2 }],
    [{ op: 'add', path: '/l/9', value: 2 }],
    [{ op: 'add', path: '/__proto__/x', value: 2 }],
    [{ op: 'none', path: '/a' }],
    [{ op: 'add', path: 'a', value: 1 }],
    [7],
  ])('refuses %j', (operation) => {
    expect(() => applyJsonPatch({ a: 1, l: [] }, [operation])).toThrow(PatchProblem);
  });
});

it('a merge patch removes by null and replaces lists', () => {
  expect(applyMergePatch({ a: { x: 1, y: 2 }, l: [1] }, { a: { x: null, z: 3 }, l: [2] })).toEqual({ a: { y: 2, z: 3 }, l: [2] });
});

describe('a strategic merge patch', () => {
  const merged = (target: object, patch: object): unknown => applyStrategicPatch(target, patch, shapeOf(undefined));
  it.each([
    [
      'merges by key',
      { containers: [{ name: 'a', image: '1', env: [{ name: 'X', value: '1' }] }] },
      { containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] },
      {
        containers: [
          {
            name: 'a',
            image: '1',
            env: [
              { name: 'X', value: '1' },
              { name: 'Y', value: '2' },
            ],
          },
        ],
      },
    ],
    [
      'deletes an item',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { containers: [{ name: 'a', $patch: 'delete' }] },
      { containers: [{ name: 'b' }] },
    ],
    ['replaces a list', { volumes: [{ name: 'a' }] }, { volumes: [{ $patch: 'replace' }, { name: 'b' }] }, { volumes: [{ name: 'b' }] }],
    [
      'orders items',
      { containers: [{ name: 'a' }, { name: 'b' }] },
      { '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }] },
      { containers: [{ name: 'b' }, { name: 'a' }] },
    ],
    [
      'keeps named keys only',
      { strategy: { type: 'RollingUpdate', rollingUpdate: {} } },
      { strategy: { $retainKeys: ['type'], type: 'Recreate' } },
      { strategy: { type: 'Recreate' } },
    ],
    [
      'takes values out of a set',
      { finalizers: ['a', 'b'] },
      { '$deleteFromPrimitiveList/finalizers': ['a'], finalizers: ['c'] },
      { finalizers: ['b', 'c'] },
    ],
    ['replaces other lists', { args: ['a'] }, { args: ['b'] }, { args: ['b'] }],
  ])('%s', (_name, target, patch, after) => {
    expect(merged(target, patch)).toEqual(after);
  });
});

describe('field sets', () => {
  const spec = {
    replicas: 1,
    selector: { matchLabels: { a: 'b' } },
    template: { spec: { containers: [{ name: 'c', image: 'i', ports: [{ containerPort: 80 }] }] } },
  };

  it('name what is owned and survive their written form', () => {
    const set = fieldSet(pathsOf({ spec }, shapeOf(undefined)));
    expect([...set.values()].map(pathText)).toEqual([
      '.spec.replicas',
      '.spec.selector',
      '.spec.template.spec.containers[name="c"]',
      '.spec.template.spec.containers[name="c"].name',
      '.spec.template.spec.containers[name="c"].image',
      '.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"]',
      '.spec.template.spec.containers[name="c"].ports[containerPort=80,protocol="TCP"].containerPort',
    ]);
    expect(new Set(fromFieldsV1(toFieldsV1(set)).keys())).toEqual(new Set(set.keys()));
  });

  it('take values out, and the parents that become empty', () => {
    expect(without({ a: { b: { c: 1 } }, d: 1 }, ['f:a', 'f:b', 'f:c'], () => false)).toEqual({ d: 1 });
    expect(without({ l: [{ name: 'x' }, { name: 'y' }] }, ['f:l', 'k:{"name":"x"}'], () => false)).toEqual({ l: [{ name: 'y' }] });
  });
});
