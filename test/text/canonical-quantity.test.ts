import { expect, it } from 'vitest';
import { canonicalQuantity } from '../../src/text/quantity.ts';

it.each([
  ['0', '0'],
  ['0Mi', '0'],
  ['2000m', '2'],
  ['100m', '100m'],
  ['0.1', '100m'],
  ['1.5', '1500m'],
  ['1000', '1k'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['0.5Ki', '512'],
  ['1100Mi', '1100Mi'],
  ['-2000m', '-2'],
  ['1e3', '1e3'],
  ['12e1', '120'],
  ['0.1n', '1n'],
  ['1000E', '1000E'],
  ['1e999999999', '1e999999999'],
])('writes %s as the API server does: %s', (text, canonical) => {
  expect(canonicalQuantity(text)).toBe(canonical);
});

it('has nothing for what is no quantity', () => {
  expect(canonicalQuantity('1 Gi')).toBeUndefined();
});
