import { describe, expect, it } from 'vitest';
import { orNone, sortedBy, timeText, validity } from '../../src/text/table-cells.ts';

const HOUR = 3_600_000;

describe('cells of tables', () => {
  it('are sorted as texts, and numbers by their size', () => {
    const rows = [
      { name: 'db', port: 90 },
      { name: 'cart', port: 1000 },
      { name: 'cart', port: 80 },
      { name: 'cart', port: undefined },
    ];
    expect(sortedBy(rows, ({ name, port }) => [name, port]).map(({ name, port }) => [name, port])).toEqual([
      ['cart', undefined],
      ['cart', 80],
      ['cart', 1000],
      ['db', 90],
    ]);
  });

  it('say nothing with a dash', () => {
    expect([orNone(undefined), orNone(''), orNone(0), orNone('a'), timeText(undefined), timeText(Number.NaN)]).toEqual([
      '-',
      '-',
      '0',
      'a',
      '-',
      '-',
    ]);
    expect(timeText(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02T03:04:05Z');
  });

  it.each([
    [{ notBefore: 0, notAfter: 100 * HOUR }, 'yes'],
    [{ notBefore: 0, notAfter: 30 * HOUR }, 'yes, 20h left'],
    [{ notBefore: 0, notAfter: 9 * HOUR }, 'no, expired'],
    [{ notBefore: 11 * HOUR, notAfter: 99 * HOUR }, 'no, not yet'],
    [{ notBefore: 0 }, '-'],
  ])('tell whether %j is valid', (period, text) => {
    expect(validity(period, 10 * HOUR)).toBe(text);
  });
});
