import { describe, expect, it } from 'vitest';
import { parseQuantity } from '../../src/text/quantity.ts';

describe('parseQuantity', () => {
  it.each([
    ['0', 0],
    ['2', 2],
    ['100m', 0.1],
    ['250u', 0.00025],
    ['1.5', 1.5],
    ['.5', 0.5],
    ['1.', 1],
    ['-3k', -3000],
    ['+3M', 3_000_000],
    ['128Mi', 134_217_728],
    ['1.5Gi', 1_610_612_736],
    ['1Ei', 2 ** 60],
    ['1E', 1e18],
    ['1e3', 1000],
    ['12E-1', 1.2],
  ])('reads %s', (text, value) => {
    expect(parseQuantity(text)).toBe(value);
  });

  it.each(['', ' ', '.', 'm', '100 m', '100mi', '1K', '128MiB', '1e', '1e1.5', '0x10', '1_000', '1\n', 'half'])('refuses "%s"', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });
});
