import { expect, it } from 'vitest';
import { readSamples } from '../../src/text/prometheus.ts';

const text = `# HELP up Whether it is up.
# TYPE up gauge
up 1
up{} 2
up{name="a\\"b\\\\c",path="x,{y}"} 3.5e3 1767268800000
other{a="b"} +Inf
up{broken
up NaN
`;

it('readSamples reads labels with escapes, timestamps and numbers of every form', () => {
  expect(readSamples(text, (name) => name === 'up')).toEqual([
    { name: 'up', labels: {}, value: 1 },
    { name: 'up', labels: {}, value: 2 },
    { name: 'up', labels: { name: 'a"b\\c', path: 'x,{y}' }, value: 3500 },
    { name: 'up', labels: {}, value: Number.NaN },
  ]);
  expect(readSamples(text, (name) => name === 'other')[0]?.value).toBe(Number.POSITIVE_INFINITY);
});
