import { describe, expect, it } from 'vitest';
import { collide, type FieldEdit, withEdits } from '../../src/model/field-edit.ts';

const pod = { metadata: { name: 'web', annotations: { a: '1' } }, spec: { items: ['x', 'y', 'z'], old: { deep: true } } };

const set = (path: readonly (string | number)[], value: unknown): FieldEdit => ({ is: 'set', path, value });
const remove = (...path: readonly (string | number)[]): FieldEdit => ({ is: 'remove', path });
const move = (path: readonly (string | number)[], to: readonly (string | number)[]): FieldEdit => ({ is: 'move', path, to });

describe('withEdits', () => {
  it.each<[string, readonly FieldEdit[], unknown]>([
    ['puts a value in the place of another', [set(['metadata', 'name'], 'api')], { ...pod, metadata: { ...pod.metadata, name: 'api' } }],
    ['makes the mappings above a value', [set(['a', 'b'], 1)], { ...pod, a: { b: 1 } }],
    ['takes out a field', [remove('spec', 'old')], { ...pod, spec: { items: pod.spec.items } }],
    [
      'takes out items by their numbers before',
      [remove('spec', 'items', 0), remove('spec', 'items', 2)],
      { ...pod, spec: { ...pod.spec, items: ['y'] } },
    ],
    ['takes the annotations out with the last of them', [remove('metadata', 'annotations', 'a')], { ...pod, metadata: { name: 'web' } }],
    [
      'leaves no annotations behind',
      [move(['metadata', 'annotations', 'a'], ['metadata', 'labels', 'b'])],
      { ...pod, metadata: { name: 'web', labels: { b: '1' } } },
    ],
    ['keeps any other mapping', [remove('spec', 'old', 'deep')], { ...pod, spec: { ...pod.spec, old: {} } }],
  ])('%s', (_, edits, wanted) => {
    const before = structuredClone(pod);
    expect(withEdits(before, edits)).toEqual(wanted);
    expect(before).toEqual(pod);
  });

  it('leaves a renamed entry where it is, with another value where one is given', () => {
    const renamed = withEdits({ a: 1, b: 2, c: 3 }, [{ is: 'move', path: ['a'], to: ['x'], value: { one: 1 } }, move(['b'], ['y'])]);
    expect(JSON.stringify(renamed)).toBe('{"x":{"one":1},"y":2,"c":3}');
  });

  it.each<[string, FieldEdit]>([
    ['a field that is not there is taken out', remove('spec', 'none')],
    ['a field that is not there is moved', move(['spec', 'none'], ['spec', 'new'])],
    ['something is moved onto what is there', move(['spec', 'old'], ['spec', 'items'])],
    ['a value is put below a text', set(['metadata', 'name', 'x'], 1)],
    ['an item is put where no list is so long', set(['spec', 'items', 7], 'x')],
    ['a list is asked for a key', set(['spec', 'items', 'x'], 1)],
  ])('does nothing when %s', (_, edit) => {
    expect(withEdits(pod, [edit])).toBeUndefined();
  });
});

describe('collide', () => {
  it.each<[boolean, FieldEdit, FieldEdit]>([
    [true, set(['a'], 1), set(['a'], 1)],
    [true, set(['a', 'b'], 1), remove('a')],
    [false, set(['a', 'b'], 1), set(['a', 'c'], 1)],
    [true, move(['m', 'a'], ['m', 'b']), set(['m', 'b'], 1)],
    [false, move(['m', 'a'], ['m', 'b']), set(['m', 'c'], 1)],
    [true, move(['m', 'a'], ['n', 'a']), set(['m', 'c'], 1)],
    [true, move(['m', 'a'], ['n', 'a']), move(['m', 'b'], ['n', 'b'])],
    [true, remove('list', 0), set(['list', 1, 'x'], 1)],
    [false, remove('m', 'a'), remove('m', 'b')],
  ])('%s: %o and %o', (wanted, left, right) => {
    expect([collide(left, right), collide(right, left)]).toEqual([wanted, wanted]);
  });
});
