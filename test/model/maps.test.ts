import { describe, expect, it } from 'vitest';
import { getOrInsert, groupBy, groupByEach, lazy } from '../../src/model/maps.ts';

const WORDS = ['pear', 'plum', 'apple'];

describe('groups', () => {
  it('keep keys and items in the order in which they come', () => {
    expect([...groupBy(WORDS, (word) => word[0])]).toEqual([
      ['p', ['pear', 'plum']],
      ['a', ['apple']],
    ]);
  });

  it('hold an item under each of its keys, and nowhere when it has none', () => {
    expect(groupByEach(WORDS, (word) => (word === 'plum' ? [] : [word.length, 'any'])).get('any')).toEqual(['pear', 'apple']);
  });
});

describe('values computed at most once', () => {
  it('are those of a map, undefined included', () => {
    const map = new Map<string, string | undefined>();
    const computed: string[] = [];
    const compute = (): undefined => void computed.push('again');
    expect([getOrInsert(map, 'key', compute), getOrInsert(map, 'key', compute)]).toEqual([undefined, undefined]);
    expect(computed).toHaveLength(1);
  });

  it('are those that nobody has asked for yet', () => {
    let times = 0;
    const value = lazy(() => ++times);
    expect(times).toBe(0);
    expect([value(), value()]).toEqual([1, 1]);
  });
});
