import { describe, expect, it } from 'vitest';
import type { FieldEdit } from '../../src/model/field-edit.ts';
import { withEdits } from '../../src/model/field-edit.ts';
import { editDocument } from '../../src/text/document-edit.ts';
import { jsonValue } from '../../src/text/json-value.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { yamlComments } from '../../src/text/yaml-comments.ts';
import { yamlTree } from '../../src/text/yaml-tree.ts';
import { type Random, randomFrom } from './random-changes.ts';

const set = (path: string, value: unknown): FieldEdit => ({ is: 'set', path: path.split('.'), value });
const remove = (path: string): FieldEdit => ({ is: 'remove', path: path.split('.') });
const move = (path: string, to: string): FieldEdit => ({ is: 'move', path: path.split('.'), to: to.split('.') });
const toLabel = move('m.annotations.a', 'm.labels.a');

const CASES: readonly (readonly [name: string, before: string, edits: readonly FieldEdit[], after: string])[] = [
  ['a scalar in its quotes', "v: 'x/v1beta1' # old\n", [set('v', 'x/v1')], "v: 'x/v1' # old\n"],
  ['a key in its quotes', '"a": 1 # one\nb: 2\n', [move('a', 'c')], '"c": 1 # one\nb: 2\n'],
  ['a key that needs quotes', 'a: 1\n', [move('a', 'on')], "'on': 1\n"],
  ['a key in brackets', '{a: {x: 1}, b: 2}\n', [move('a', 'c')], '{c: {x: 1}, b: 2}\n'],
  [
    'a key with its value',
    'm:\n    # why\n    percent: 10 # ten\n    d: 1\n',
    [{ is: 'move', path: ['m', 'percent'], to: ['m', 'percentage'], value: { value: 10 } }],
    'm:\n    # why\n    percentage: # ten\n        value: 10\n    d: 1\n',
  ],
  [
    'what is the only annotation',
    'm:\n  # x\n  annotations: # y\n    # z\n    a: "1" # w\n',
    [toLabel],
    'm:\n  # x\n  labels: # y\n    # z\n    a: "1" # w\n',
  ],
  [
    'one of the annotations, making labels below them',
    'm:\n    annotations:\n        # why\n        a: "1" # w\n        # b\n        b: "2"\n\n    name: x\n',
    [toLabel],
    'm:\n    annotations:\n        # b\n        b: "2"\n    labels:\n        # why\n        a: "1" # w\n\n    name: x\n',
  ],
  [
    'the last of the annotations to labels of another indentation',
    'm:\r\n  labels:\r\n      b: x # y\r\n  # about\r\n  annotations:\r\n    # why\r\n    a: |\r\n      two\r\n\r\n      lines\r\nz: 0\r\n',
    [toLabel],
    'm:\r\n  labels:\r\n      b: x # y\r\n      # about\r\n      # why\r\n      a: |\r\n        two\r\n\r\n        lines\r\nz: 0\r\n',
  ],
  [
    'one of the annotations to labels above them',
    'm:\n  labels: &l\n    b: x\n  annotations:\n    c: y\n    a: "1"\n  other: *l\n'.replace('  other: *l\n', ''),
    [toLabel],
    'm:\n  labels: &l\n    b: x\n    a: "1"\n  annotations:\n    c: y\n',
  ],
  [
    'annotations in brackets',
    'm: {annotations: {a: "1", b: x}, labels: {c: y}} # z\n',
    [toLabel],
    'm: {annotations: {b: x}, labels: {c: y, a: "1"}} # z\n',
  ],
  [
    'the last annotation in brackets',
    "m: { n1: x, annotations: { a: '1' }, labels: { c: y } }\n",
    [toLabel],
    "m: { n1: x, labels: { c: y, a: '1' } }\n",
  ],
  [
    'the only annotation in brackets',
    "m:\n  annotations: { a: '1' } # why\n  n1: x\n",
    [toLabel],
    "m:\n  labels: { a: '1' } # why\n  n1: x\n",
  ],
  [
    'one of the annotations in brackets',
    'm: { annotations: { b: x, a: "1" } }\n',
    [toLabel],
    'm: { annotations: { b: x }, labels: { a: "1" } }\n',
  ],
  [
    'annotations in brackets on a line',
    'm:\n  annotations: { a: "1", b: x } # z\n  n1: x\n',
    [toLabel],
    'm:\n  annotations: { b: x } # z\n  labels: { a: "1" }\n  n1: x\n',
  ],
  [
    'annotations on lines to labels in brackets',
    'm:\n  annotations:\n    a: "1"\n    b: x # z\n  labels: { c: y }\n',
    [toLabel],
    'm:\n  annotations:\n    b: x # z\n  labels: { c: y, a: "1" }\n',
  ],
  [
    'annotations that are the first with what is said of them',
    'm:\n  # y\n  annotations:\n    a: "1"\n  labels:\n      c: y # z\n',
    [toLabel],
    'm:\n  labels:\n      c: y # z\n      # y\n      a: "1"\n',
  ],
  [
    'annotations in brackets with what is said of them',
    'm:\n  n1: x\n  # y\n  annotations: { a: "1" }\n  labels:\n      c: y # z\n',
    [toLabel],
    'm:\n  n1: x\n  labels:\n      c: y # z\n      # y\n      a: "1"\n',
  ],
  [
    'annotations in brackets to labels on lines',
    'm:\n  annotations: { a: "1" }\n  labels:\n      c: y # z\n',
    [toLabel],
    'm:\n  labels:\n      c: y # z\n      a: "1"\n',
  ],
  [
    'what an anchor shares, for itself alone',
    'm: &m\n  annotations:\n    a: "1"\n  k: x\no: *m\n',
    [toLabel],
    "m: &m\n  k: x\n  labels:\n    a: '1'\no:\n  annotations:\n    a: '1'\n  k: x\n",
  ],
  [
    'an entry of a list',
    'l:\n- {x: 1}\n- x: 1 # c\n',
    [{ is: 'set', path: ['l', 1, 'z'], value: 2 }],
    'l:\n- {x: 1}\n- x: 1 # c\n  z: 2\n',
  ],
  ['an entry that goes', 'a: 1 # a\nb: 2\n# c\nc: 3\n', [remove('b')], 'a: 1 # a\n# c\nc: 3\n'],
  ['JSON', '{\n\t"a": 1,\n\t"b": {"c": 2}\n}', [move('a', 'x'), set('b.d', [3])], '{\n\t"x": 1,\n\t"b": {"c": 2, "d": [\n\t\t3\n\t]}\n}'],
  ['JSON between mappings', '{"m":{"annotations":{"a":"1"},"labels":{"b":"2"}}}', [toLabel], '{"m":{"labels":{"b":"2","a":"1"}}}'],
];

/** In these `m` is `metadata`, whose annotations are known to go when they are empty. */
const asMetadata = (text: string): string => text.replace(/\bm:/g, 'metadata:').replace('"m":', '"metadata":');
const asMetadataEdit = (edit: FieldEdit): FieldEdit => {
  const long = (path: readonly (string | number)[]): readonly (string | number)[] => path.map((step) => (step === 'm' ? 'metadata' : step));
  return { ...edit, path: long(edit.path), ...(edit.is === 'move' && { to: long(edit.to) }) };
};

describe('editDocument', () => {
  it.each(CASES)('changes %s', (_, before, edits, after) => {
    expect(editDocument(asMetadata(before), edits.map(asMetadataEdit))).toBe(asMetadata(after));
  });

  it.each<[string, string, FieldEdit]>([
    ['what goes has a comment behind it', 'a: 1 # why\nb: 2\n', remove('a')],
    ['what goes has a comment above it', '# why\na: 1\nb: 2\n', remove('a')],
    ['what goes has a comment in it', 'a:\n  # why\n  x: 1\nb: 2\n', remove('a')],
    ['its mapping has a comment that would go', 'metadata:\n  annotations: # why\n    a: x\n  labels: {b: y}\n', asMetadataEdit(toLabel)],
    ['only a whole new document would do', '? a\n: 1\n', set('a', 2)],
    ['the text is no YAML', 'a: [', set('a', 2)],
    ['the field is not there', 'b: 1\n', remove('a')],
  ])('leaves a text alone where %s', (_, text, edit) => {
    expect(editDocument(text, [edit])).toBeUndefined();
  });
});

describe('editDocument, however the text is written', () => {
  it('changes what the edit says, and keeps every line and comment beside it', () => {
    const random = randomFrom(3);
    let done = 0;
    for (let round = 0; round < 1500; round++) {
      const text = written(random);
      const edits = [EDITS[random(EDITS.length)], EDITS[random(EDITS.length)]].filter((edit) => edit !== undefined).slice(0, 1 + random(2));
      if (edits.length === 2 && edits[0]?.path[0] === edits[1]?.path[0]) continue;
      const result = editDocument(text, edits);
      if (result === undefined) continue;
      done++;
      const told = `${text}\n${JSON.stringify(edits)}\n${result}`;
      expect(parseYaml(result), told).toEqual(withEdits(parseYaml(text), edits));
      expect(commentsOf(result), told).toEqual(commentsOf(text));
      expect(linesBeside(result), told).toEqual(linesBeside(text));
    }
    expect(done).toBeGreaterThan(900);
  });

  it('does so in JSON', () => {
    const random = randomFrom(4);
    const indents = [undefined, 2, '\t'];
    for (const edit of EDITS) {
      const text = JSON.stringify(OBJECT, undefined, indents[random(3)]);
      const result = editDocument(text, [edit]) ?? '';
      expect(jsonValue(result)).toEqual(withEdits(OBJECT, [edit]));
      expect(linesBeside(result.replaceAll(',', ''))).toEqual(linesBeside(text.replaceAll(',', '')));
    }
  });
});

/** What edits are about has `edit` in its name or value, or is around it. */
const OBJECT = {
  'edit-version': 'old',
  metadata: { name: 'x', annotations: { 'edit-a': 'true', b: 'on' }, labels: { c: 'y' } },
  'edit-spec': { 'edit-percent': 10, kept: ['p', { q: 'r' }], more: { s: 't' } },
  other: { list: [{ n: 1 }, { n: 2, o: 'x: y' }], text: 'two\nlines\n' },
};

const EDITS: readonly FieldEdit[] = [
  set('edit-version', 'edit new'),
  move('edit-version', 'edit-other'),
  move('metadata.annotations.edit-a', 'metadata.labels.edit-b'),
  move('metadata.annotations.edit-a', 'metadata.annotations.edit-b'),
  remove('metadata.annotations.edit-a'),
  { is: 'move', path: ['edit-spec', 'edit-percent'], to: ['edit-spec', 'edit-percentage'], value: { 'edit-value': 10 } },
  set('edit-spec.edit-added', 'edit: x'),
  remove('edit-spec.edit-percent'),
];

const commentsOf = (text: string): readonly string[] => {
  const tree = yamlTree(text);
  return tree ? [...yamlComments(tree)].sort() : [];
};

/** Lines without what is edited, sorted where one may be carried along. */
function linesBeside(text: string): readonly string[] {
  return text.split('\n').filter((line) => !/edit|annotations|labels|^\s*#/.test(line) && /\w/.test(line));
}

/** The object in one of the many forms of YAML. Mappings in which something changes stand on lines of their own, or all on one. */
function written(random: Random): string {
  const [step, newline] = [2 + 2 * random(2), random(4) === 0 ? '\r\n' : '\n'];
  let comments = 0;
  const comment = (): string => `# comment ${++comments}`;
  const quoted = (value: unknown): string => {
    if (typeof value !== 'string') return String(value);
    if (value.includes('\n') || random(3) === 0) return JSON.stringify(value);
    return random(2) === 0 || /^(?:on|true|y)$|: /.test(value) ? `'${value}'` : value;
  };
  const flow = (value: unknown): string => {
    if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
    if (typeof value !== 'object' || value === null) return quoted(value);
    const pad = random(2) === 0 ? ' ' : '';
    return `{${pad}${Object.entries(value)
      .map(([key, entry]) => `${key}: ${flow(entry)}`)
      .join(', ')}${pad}}`;
  };
  const block = (value: unknown, indent: number): readonly string[] => {
    const pad = ' '.repeat(indent);
    if (Array.isArray(value)) return value.map((item) => `${pad}- ${flow(item)}`);
    return Object.entries(value as object).flatMap(([name, entry]) => {
      const key = random(5) === 0 ? `"${name}"` : name;
      const above = random(6) === 0 ? [pad + comment()] : random(9) === 0 ? [''] : [];
      const behind = random(5) === 0 ? ` ${comment()}` : '';
      const isText = typeof entry === 'string' && entry.includes('\n') && random(2) === 0;
      if (isText)
        return [
          ...above,
          `${pad}${key}: |`,
          ...entry
            .trimEnd()
            .split('\n')
            .map((line) => ' '.repeat(indent + step) + line),
        ];
      if (typeof entry !== 'object' || random(4) === 0) {
        // Whoever looks for lines beside an edit must find them marked.
        const mark = JSON.stringify(entry).includes('edit') ? ' # edit' : behind;
        return [...above, `${pad}${key}: ${flow(entry)}${mark}`];
      }
      const inner = indent + (Array.isArray(entry) ? step * random(2) : step);
      return [...above, `${pad}${key}:${behind}`, ...block(entry, inner)];
    });
  };
  return [...(random(3) === 0 ? [comment(), ''] : []), ...block(OBJECT, 0), ''].join(newline);
}
