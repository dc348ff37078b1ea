import { describe, expect, it } from 'vitest';
import type { FieldPath } from '../../src/model/resource.ts';
import { locateInYaml, parseYaml, parseYamlValue, YamlProblem } from '../../src/text/yaml.ts';

function problemOf(text: string): string {
  try {
    parseYaml(text);
  } catch (error) {
    if (error instanceof YamlProblem) return `${error.line}:${error.column} ${error.message}`;
    throw error;
  }
  return 'no problem';
}

describe('parseYaml', () => {
  it.each([
    ['booleans as YAML 1.1 has them', 'a: yes\nb: off\nc: "yes"', { a: true, b: false, c: 'yes' }],
    ['merge keys', 'a: &x {b: 1}\nc:\n  <<: *x\n  d: 2', { a: { b: 1 }, c: { b: 1, d: 2 } }],
    ['dates as text', 'a: 2026-01-02', { a: '2026-01-02' }],
    ['tabs inside JSON', '{"a": [\n\t1,\n\t2]}', { a: [1, 2] }],
    ['keys that would reach the prototype', '__proto__: {x: 1}', JSON.parse('{"__proto__":{"x":1}}')],
    ['nothing at all', '', undefined],
    ['comments only', '# nothing\n', undefined],
  ])('reads %s', (_, text, expected) => {
    expect(parseYaml(text)).toEqual(expected);
  });

  it.each([
    ['a duplicate key', 'a: 1\nb: 2\na: 3\n', '3:1 The key "a" stands twice in this mapping.'],
    ['a duplicate key in quotes', '{"a.b/c": 1, "a.b/c" : 2}', '1:15 The key "a.b/c" stands twice in this mapping.'],
    ['a duplicate key of several lines', 'a: 1\n? a\n: 2\n', '2:3 The key stands twice in this mapping.'],
    ['a tab', 'a:\n\t- b\n', '2:1 A tab is used for indentation; YAML allows spaces only.'],
    ['an unknown alias', 'x: *foo', '1:5 The alias "*foo" has no anchor "&foo" before it; write a text in quotes.'],
    ['a wildcard without quotes', 'hosts:\n- *\n', '2:4 A "*" begins an alias, and here no name follows; write a text in quotes.'],
    ['a reserved character', 'x: @foo', '1:4 No text may begin with "@"; write it in quotes.'],
    ['a colon inside a text', 'x: a: b', '1:5 A second ": " stands in this line; write a text that has one in quotes.'],
    ['a line too deep', 'x: a\n  y: b\n', '2:4 This line is indented as if it went on with the text of the line before.'],
    [
      'a quote that ends nowhere',
      'x: "a\ny: b\n',
      '2:1 A quote or bracket that was opened before is not closed, or goes on in a line with too little indentation.',
    ],
    [
      'a bracket that ends nowhere',
      'x: [a\ny: b\n',
      '2:1 A quote or bracket that was opened before is not closed, or goes on in a line with too little indentation.',
    ],
    ['a foreign tag', 'a: !Ref x', '1:4 The tag "!Ref" has no meaning in Kubernetes.'],
    ['an alias of itself', '&a [*a]', '1:1 An alias refers to a node that contains it.'],
    ['too many levels', '['.repeat(300) + ']'.repeat(300), '1:250 The document is nested more than 250 levels deep.'],
  ])('refuses %s and says where', (_, text, expected) => {
    expect(problemOf(text)).toBe(expected);
  });

  it('refuses aliases that expand without bound', () => {
    const levels = Array.from({ length: 12 }, (_, level) => `a${level + 1}: &a${level + 1} [${Array(10).fill(`*a${level}`).join(', ')}]`);
    expect(problemOf(`a0: &a0 [x]\n${levels.join('\n')}`)).toMatch(/expand to more than 2000000 nodes/);
  });

  it('gives undefined for embedded text that is no YAML', () => {
    expect(parseYamlValue('a: b: c')).toBeUndefined();
  });
});

const SAMPLE = `metadata:
  annotations:
    a.b/c: "x"
spec:
  hosts: [one, "two"]
  http:
    - name: first
      route: &r
        - destination:
            host: reviews
    - name: second
      route: *r
  empty:
  text: |
    line
`;

describe('locateInYaml', () => {
  it('finds an item that is empty at its dash', () => {
    const text = 'a:\n  - { b: 1 } # - no item\n  -\n  - c\n';
    expect(locateInYaml(text).find(['a', 1]).value.start).toBe(text.indexOf('-\n'));
  });

  const at = (path: FieldPath): { readonly key: string | undefined; readonly value: string } => {
    const { key, value } = locateInYaml(SAMPLE).find(path);
    const slice = (range: { readonly start: number; readonly end: number }): string =>
      SAMPLE.slice(range.start, range.end).split('\n')[0] ?? '';
    return { key: key && slice(key), value: slice(value) };
  };

  it.each<[string, FieldPath, string | undefined, string]>([
    ['a quoted value with its quotes', ['metadata', 'annotations', 'a.b/c'], 'a.b/c', '"x"'],
    ['an item of a flow list', ['spec', 'hosts', 1], undefined, '"two"'],
    ['a scalar deep inside', ['spec', 'http', 0, 'name'], 'name', 'first'],
    ['a field behind an alias, where it is written', ['spec', 'http', 1, 'route', 0, 'destination', 'host'], 'host', 'reviews'],
    ['the nearest ancestor of a missing field', ['spec', 'http', 1, 'match', 0], undefined, 'name: second'],
    ['a block text by its beginning', ['spec', 'text'], 'text', ''],
  ])('finds %s', (_, path, key, value) => {
    expect(at(path)).toEqual({ key, value });
  });
});

const SHALLOW = `
spec:
  description: 'One line
  and one that stands left of it'
  args: [
    "first",
  ]
  host: reviews
`;

describe('lines inside quotes and brackets that stand further left than YAML wants', () => {
  it('are read as kubectl reads them', () => {
    expect(parseYaml(SHALLOW)).toEqual({
      spec: { description: 'One line and one that stands left of it', args: ['first'], host: 'reviews' },
    });
  });

  it.each([
    [['spec', 'args', 0], '"first"'],
    [['spec', 'host'], 'reviews'],
    [['spec', 'description'], "'One line\n  and one that stands left of it'"],
  ] as const)('do not move what stands at %j', (path, written) => {
    const { value } = locateInYaml(SHALLOW).find(path);
    expect(SHALLOW.slice(value.start, value.end)).toBe(written);
  });
});
