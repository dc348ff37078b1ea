/** Values against values.schema.json. */
import { describe, expect, it } from 'vitest';
import { MeshctlError } from '../../../src/errors.ts';
import { STANDARD_API_VERSIONS } from '../../../src/template/chart/api-versions.ts';
import { mapFrom } from '../../../src/template/chart/chart.ts';
import { renderChecked } from '../../../src/template/chart/render-checked.ts';
import { chartOf, type Files } from '../charts.ts';
import { sub, top } from './parts.ts';

const check = (files: Files, values: string): Promise<unknown> =>
  renderChecked({
    chart: chartOf(files),
    values: mapFrom(values, 'values'),
    release: { name: 'r', namespace: 'ns', revision: 1, isUpgrade: false },
    cluster: { kubeVersion: 'v1.33.0', apiVersions: STANDARD_API_VERSIONS },
  });

const withSchema = (schema: unknown): Files => ({
  ...top(),
  'values.schema.json': typeof schema === 'string' ? schema : JSON.stringify(schema),
});

async function refusal(files: Files, values: string): Promise<string> {
  try {
    await check(files, values);
  } catch (error) {
    if (error instanceof MeshctlError) return `${error.code} ${error.message}`;
    throw error;
  }
  return 'accepted';
}

const refused = (problems: string): string => `E_VALUES The values do not fit the schema of the chart. ${problems}`;

describe('a schema', () => {
  const schema = {
    $schema: 'http://json-schema.org/draft-07/schema#',
    type: 'object',
    required: ['name'],
    properties: {
      name: { type: 'string' },
      count: { type: ['integer', 'null'], minimum: 3 },
      kind: { enum: ['a', 'b'] },
      list: { type: 'array', items: { type: 'object', properties: { key: { type: 'string', pattern: '^x' } } } },
      global: {},
    },
    additionalProperties: false,
  };

  it.each([
    ['name: x\ncount: 3\nkind: a\nlist: [{key: xy}]', 'accepted'],
    ['name: x\nglobal: {a: 1}', 'accepted'],
    ['', refused('In "c", "name" is missing.')],
    ['name: 1', refused('In "c", "name" must be string.')],
    ['name: x\ncount: 1.5', refused('In "c", "count" must be integer or null. In "c", "count" must be >= 3.')],
    ['name: x\nkind: c', refused('In "c", "kind" must be one of "a" and "b".')],
    ['name: x\nlist: [{key: xy}, {key: secret}]', refused('In "c", "list[1].key" must match the pattern "^x".')],
    ['name: x\nother: 1', refused('In "c", "other" is not known.')],
  ])('of %j', async (values, outcome) => expect(await refusal(withSchema(schema), values)).toBe(outcome));

  it('of a dependency speaks of the values as the user writes them', async () => {
    const files = { ...top(), ...sub('s', 'a: 1'), 'charts/s/values.schema.json': '{"properties": {"a": {"type": "integer"}}}' };
    expect(await refusal(files, 's: {a: 2}')).toBe('accepted');
    expect(await refusal(files, 's: {a: text}')).toBe(refused('In "s", "s.a" must be integer.'));
  });

  it('of a dependency that is turned off says nothing', async () => {
    const files = {
      ...top('dependencies:\n- {name: s, version: 1.x, condition: s.up}\n'),
      ...sub('s', ''),
      'charts/s/values.schema.json': '{"required": ["a"]}',
    };
    expect(await refusal(files, 's: {up: true}')).toBe(refused('In "s", "s.a" is missing.'));
    expect(await refusal(files, 's: {up: false}')).toBe('accepted');
  });

  it('is met by the defaults of the chart too', async () => {
    const files = { ...top('', 'a: text'), 'values.schema.json': '{"properties": {"a": {"type": "integer"}}}' };
    expect(await refusal(files, '')).toBe(refused('In "c", "a" must be integer.'));
    expect(await refusal(files, 'a: 5')).toBe('accepted');
  });

  it.each([
    ['4', { $schema: 'http://json-schema.org/draft-04/schema#', id: 'x', properties: { a: { minimum: 3, exclusiveMinimum: true } } }],
    ['6', { $schema: 'http://json-schema.org/draft-06/schema#', properties: { a: { exclusiveMinimum: 3 } } }],
    ['7', { $schema: 'http://json-schema.org/draft-07/schema#', allOf: [{ properties: { a: { exclusiveMinimum: 3 } } }] }],
    [
      '2019-09',
      { $schema: 'https://json-schema.org/draft/2019-09/schema', properties: { a: { exclusiveMinimum: 3 } }, unevaluatedProperties: true },
    ],
    [
      '2020-12',
      {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        properties: { a: { $ref: '#/$defs/n' } },
        $defs: { n: { exclusiveMinimum: 3 } },
      },
    ],
    ['no name', { properties: { a: { exclusiveMinimum: 3 } } }],
    ['the bare name', { $schema: 'http://json-schema.org/schema#', properties: { a: { exclusiveMinimum: 3 } } }],
  ])('of draft %s is understood', async (_, schema) => {
    expect(await refusal(withSchema(schema), 'a: 3')).toBe(refused('In "c", "a" must be > 3.'));
    expect(await refusal(withSchema(schema), 'a: 4')).toBe('accepted');
  });

  it.each([
    ['{', /^E_CHART values\.schema\.json of the chart "c" cannot be used: /],
    ['{"type": "nope"}', /^E_CHART values\.schema\.json of the chart "c" cannot be used: /],
    ['{"$ref": "https://example.com/schema.json"}', /cannot be used: can't resolve reference https:\/\/example\.com\/schema\.json/],
    ['{"properties": {"a": {"pattern": "("}}}', /cannot be used: error parsing regexp/],
  ])('that is %s fails with its chart', async (schema, message) => expect(await refusal(withSchema(schema), 'a: x')).toMatch(message));

  it('takes linear time for patterns', async () => {
    const files = withSchema({ properties: { a: { pattern: '^(a+)+$' } } });
    expect(await refusal(files, `a: ${'a'.repeat(50_000)}!`)).toBe(refused('In "c", "a" must match the pattern "^(a+)+$".'));
  });

  it('names ten problems at the most', async () => {
    const files = withSchema({ additionalProperties: { type: 'string' } });
    const values = Array.from({ length: 12 }, (_, index) => `k${index}: 1`).join('\n');
    expect(await refusal(files, values)).toMatch(/"k9" must be string\. And 2 more\.$/);
  });
});
