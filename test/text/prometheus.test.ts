import { expect, it } from 'vitest';
import { metricsText, metricsValue, readSamples } from '../../src/text/prometheus.ts';

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

const families = `# HELP a_total Of a.
# TYPE a_total counter
a_total{of="x"} 1
a_total{of="y"} 2
# HELP b Of b.
# TYPE b gauge
b 3
# EOF
`;

it('metricsText leaves the samples that an expression describes, below what is said of their metric', () => {
  expect(metricsText(families, undefined)).toBe(families);
  expect(metricsText(families, 'of="y"')).toBe('# HELP a_total Of a.\n# TYPE a_total counter\na_total{of="y"} 2\n');
  expect(metricsText(families, '^b$')).toBe('# HELP b Of b.\n# TYPE b gauge\nb 3\n');
  expect(metricsText(families, '^(a|b)')).toBe(families.replace('# EOF\n', ''));
  expect(metricsText(families, '3')).toBe('');
  expect(metricsValue(families, '^b')).toEqual([{ name: 'b', labels: {}, value: 3 }]);
});
