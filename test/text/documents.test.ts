import { describe, expect, it } from 'vitest';
import { splitDocuments, splitList, type TextPart } from '../../src/text/documents.ts';
import { parseYaml } from '../../src/text/yaml.ts';

describe('splitDocuments', () => {
  it.each<[string, string, readonly (readonly [number, unknown])[]]>([
    ['a single document', 'a: 1\n', [[0, { a: 1 }]]],
    [
      'several',
      'a: 1\n---\nb: 2\n---\nc: 3',
      [
        [0, { a: 1 }],
        [2, { b: 2 }],
        [4, { c: 3 }],
      ],
    ],
    ['empty ones and comments between', '---\n---\n# only this\n---\na: 1\n', [[4, { a: 1 }]]],
    ['a comment behind the marker', '--- # Source: x.yaml\na: 1\n', [[1, { a: 1 }]]],
    ['content behind the marker', '--- {a: 1}\n', [[0, { a: 1 }]]],
    [
      'CRLF',
      'a: 1\r\n---\r\nb: 2\r\n',
      [
        [0, { a: 1 }],
        [2, { b: 2 }],
      ],
    ],
    ['a byte order mark', '\uFEFFa: 1\n', [[0, { a: 1 }]]],
    [
      'an end marker',
      'a: 1\n...\nb: 2\n',
      [
        [0, { a: 1 }],
        [2, { b: 2 }],
      ],
    ],
    ['a directive', '%YAML 1.2\n---\na: 1\n', [[2, { a: 1 }]]],
    ['dashes that mark nothing', 'a: |\n  ---\n  x\nb: "----"\n', [[0, { a: '---\nx\n', b: '----' }]]],
    ['nothing', '\n# x\n', []],
  ])('splits %s', (_, text, expected) => {
    expect(splitDocuments(text).map((part) => [part.line, parseYaml(part.text)])).toEqual(expected);
  });
});

describe('splitList', () => {
  const items = (text: string): readonly (readonly [number, unknown])[] | undefined =>
    splitList({ text, line: 10, offset: 0 })?.map((part: TextPart) => [part.line, parseYaml(part.text)]);

  it('cuts a list into its items, with true lines and columns', () => {
    const text = 'apiVersion: v1\nkind: List\nitems:\n- a: 1\n  b:\n  - x\n  - z\n# between\n- a: 2\nmetadata: {}\n';
    expect(items(text)).toEqual([
      [13, { a: 1, b: ['x', 'z'] }],
      [18, { a: 2 }],
    ]);
    expect(splitList({ text, line: 0, offset: 0 })?.[0]?.text.startsWith('  a: 1\n')).toBe(true);
  });

  it('cuts indented items', () => {
    expect(items('items:\n  - a: 1\n  -\n    a: 2\nkind: PodList\n')).toEqual([
      [11, { a: 1 }],
      [12, { a: 2 }],
    ]);
  });

  it.each([
    ['what is no list', 'kind: Service\nitems:\n- a: 1\n'],
    ['flow style', 'kind: List\nitems: [{a: 1}]\n'],
    ['anchors, which may reach across items', 'kind: List\nitems:\n- &x {a: 1}\n- *x\n'],
    ['an empty list', 'kind: List\nitems:\n'],
  ])('leaves %s whole', (_, text) => {
    expect(items(text)).toBeUndefined();
  });
});
