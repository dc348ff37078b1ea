import { describe, expect, it } from 'vitest';
import { partsOf } from '../../src/inject/documents.ts';

const told = (text: string): readonly string[] =>
  [...partsOf(text)].map(({ is, line, text: part }) => `${line} ${is} ${JSON.stringify(part)}`);

describe('partsOf', () => {
  it.each([
    [
      'separators with comments',
      'a: 1\n--- # two\nb: 2\n...\n',
      ['0 yaml "a: 1\\n"', '1 between "--- # two\\n"', '2 yaml "b: 2\\n"', '3 between "...\\n"'],
    ],
    ['a document on the line of its separator', '--- {a: 1}\n', ['0 between "---"', '0 yaml " {a: 1}\\n"']],
    [
      'comments and directives without a document',
      '%YAML 1.1\n---\n# nothing\n---\na: 1',
      ['0 between "%YAML 1.1\\n"', '1 between "---\\n"', '2 between "# nothing\\n"', '3 between "---\\n"', '4 yaml "a: 1"'],
    ],
    ['JSON values behind each other', '{"a": "}"}\n[1]', ['0 json "{\\"a\\": \\"}\\"}"', '0 between "\\n"', '1 json "[1]"']],
    ['JSON as a document of a stream', 'a: 1\n---\n{"b": 2}\n', ['0 yaml "a: 1\\n"', '1 between "---\\n"', '2 json "{\\"b\\": 2}\\n"']],
    ['a flow mapping that is no JSON', '{a: 1}\n', ['0 yaml "{a: 1}\\n"']],
    ['a byte order mark', '\ufeffa: 1\r\n---\r\n', ['0 between "\ufeff"', '0 yaml "a: 1\\r\\n"', '1 between "---\\r\\n"']],
    ['dashes that separate nothing', 'a: |\n  ---\n----\n', ['0 yaml "a: |\\n  ---\\n----\\n"']],
  ])('cuts at %s', (_, text, expected) => {
    expect(told(text)).toEqual(expected);
  });

  it('loses no character', () => {
    const pieces = [
      '---\n',
      '...\r\n',
      '--- # c\n',
      '# c\n',
      '\n',
      'a: 1\n',
      '{"a": [1]}\n',
      '{"a"',
      '\ufeff',
      '- x\n',
      ' ---\n',
      '%D\n',
      '--- {b: 2}\n',
      'x',
    ];
    for (let seed = 0; seed < 3000; seed++) {
      let state = seed * 7919 + 13;
      const text = Array.from({ length: seed % 9 }, () => {
        state = (state * 1103515245 + 12345) % 2147483648;
        return pieces[state % pieces.length];
      }).join('');
      expect([...partsOf(text)].map((part) => part.text).join('')).toBe(text);
    }
  });
});
