import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { splitDocuments } from '../../src/text/documents.ts';
import { parseYaml } from '../../src/text/yaml.ts';
import { editYaml } from '../../src/text/yaml-edit.ts';
import { type YamlNode, yamlTree } from '../../src/text/yaml-tree.ts';
import { changeAnywhere, randomFrom } from './random-changes.ts';

type Value = Record<string, never>;

/** The text after a change of a copy of its value. */
function edited(text: string, change: (value: never) => void): string {
  const before = parseYaml(text);
  const after = JSON.parse(JSON.stringify(before));
  change(after as never);
  const result = editYaml(text, before, after);
  expect(parseYaml(result)).toEqual(after);
  return result;
}

const set =
  (path: readonly (string | number)[], value: unknown) =>
  (root: Value): void => {
    let at: Record<string | number, unknown> = root;
    for (const step of path.slice(0, -1)) at = at[step] as Record<string, unknown>;
    const last = path.at(-1) as string;
    if (value === undefined) Array.isArray(at) ? at.splice(Number(last), 1) : delete at[last];
    else at[last] = value;
  };
const insert =
  (path: readonly (string | number)[], index: number, ...items: unknown[]) =>
  (root: Value): void => {
    let at: unknown = root;
    for (const step of path) at = (at as Record<string | number, unknown>)[step];
    (at as unknown[]).splice(index, 0, ...items);
  };

const CASES: readonly (readonly [name: string, before: string, change: (value: never) => void, after: string])[] = [
  ['a scalar, keeping its comment', 'a: 1 # one\nb: 2\n', set(['a'], 5), 'a: 5 # one\nb: 2\n'],
  [
    'a scalar, keeping what stands before it',
    'a:   1\nbb:\tx # y\n',
    (v: Value) => Object.assign(v, { a: 2, bb: 'z' }),
    'a:   2\nbb:\tz # y\n',
  ],
  [
    'a text, keeping its quotes',
    'a: "x" # q\nb: \'y\'\n',
    (v: Value) => Object.assign(v, { a: 'z"', b: "it's" }),
    "a: \"z\\\"\" # q\nb: 'it''s'\n",
  ],
  [
    'items that come under a key, as they are written',
    'l:\n  - a # one\n  # Two:\n  - \'b\'\n  - 0x10\nf: ["c", d]\n',
    (v: Value) => Object.assign(v, { l: [{ k: 'a' }, { k: 'b' }, { k: 16 }], f: [{ on: 'c' }, { on: 'd' }] }),
    "l:\n  - k: a # one\n  # Two:\n  - k: 'b'\n  - k: 0x10\nf: [{'on': \"c\"}, {'on': d}]\n",
  ],
  [
    'items that come under a key, some of them with anchors or on several lines',
    'l:\n- &x a\n- >-\n  b\n- !!str c\n- d\nm: *x\n',
    (v: Value) => Object.assign(v, { l: [{ k: 'a' }, { k: 'b' }, { k: 'c' }, { k: 'd' }], m: 'a' }),
    'l:\n- k: a\n- k: b\n- k: c\n- k: d\nm: a\n',
  ],
  ['a text that needs quotes', 'a: x\n', set(['a'], 'yes'), "a: 'yes'\n"],
  ['a key that needs quotes', 'a: x\n', set(['on'], 1), "a: x\n'on': 1\n"],
  [
    'a new key at the end of its mapping',
    'm:\n    a: 1\n    # note\nz: 0\n',
    set(['m', 'b'], { c: [1] }),
    'm:\n    a: 1\n    b:\n        c:\n        - 1\n    # note\nz: 0\n',
  ],
  ['a new key without a line end', 'a: 1', set(['b'], 2), 'a: 1\nb: 2'],
  ['a new key with CRLF', 'a:\r\n  b: 1\r\nc: 2\r\n', set(['a', 'd'], { e: 1 }), 'a:\r\n  b: 1\r\n  d:\r\n    e: 1\r\nc: 2\r\n'],
  ['a key taken out with CRLF', 'a: 1\r\nb: 2\r\nc: 3\r\n', set(['b'], undefined), 'a: 1\r\nc: 3\r\n'],
  ['the first key', 'a: 1\nb: 2\n', set(['a'], undefined), 'b: 2\n'],
  ['the last key without a line end', 'a: 1\nb: 2', set(['b'], undefined), 'a: 1'],
  ['the first key of an item', '- a: 1\n  b: 2\n', set([0, 'a'], undefined), '- b: 2\n'],
  ['the first key of an item before a comment', '- a: 1 # x\n  # y\n  b: 2\n', set([0, 'a'], undefined), '-  # x\n  # y\n  b: 2\n'],
  ['the last entry of a mapping', 'm:\n  a: 1 # x\nz: 0\n', set(['m', 'a'], undefined), 'm: {} # x\nz: 0\n'],
  ['an empty mapping in brackets', 'm: {} # x\nz: 0\n', set(['m', 'a'], 1), 'm: # x\n  a: 1\nz: 0\n'],
  ['a key without a value', 'm: # x\nz: 0\n', set(['m'], { a: 1 }), 'm: # x\n  a: 1\nz: 0\n'],
  [
    'a mapping in brackets',
    'm: { a: 1, b: 2 } # x\n',
    (v: Value) => Object.assign(v, { m: { b: 2, c: ['y', 'on'] } }),
    "m: { b: 2, c: ['y', 'on'] } # x\n",
  ],
  ['the end of a list in brackets', 'l: [a, "b", c,]\n', (v: { l: string[] }) => v.l.splice(1, 2, 'd'), 'l: [a, "d",]\n'],
  ['an item at the end', 'l:\n- a # x\n# y\nz: 0\n', insert(['l'], 1, { b: 1, c: 2 }), 'l:\n- a # x\n- b: 1\n  c: 2\n# y\nz: 0\n'],
  [
    'an item in front, above the comment of the first',
    'l: # list\n  # about a\n  - a\n',
    insert(['l'], 0, 'b'),
    'l: # list\n  - b\n  # about a\n  - a\n',
  ],
  [
    'an item in the middle',
    'l:\n  - name: a\n  - name: c\n',
    insert(['l'], 1, { name: 'b' }),
    'l:\n  - name: a\n  - name: b\n  - name: c\n',
  ],
  ['an item in front of an inline list', '- - a\n  - b\n', insert([0], 0, 'x'), '- - x\n  - a\n  - b\n'],
  ['an item taken out', 'l:\n  - a # 1\n  # about b\n  - b\n  - c\n', set(['l', 0], undefined), 'l:\n  # about b\n  - b\n  - c\n'],
  [
    'one field of one item',
    'l:\n- {name: a, v: 1}\n- name: b\n  v: 1 # x\n',
    set(['l', 1, 'v'], 2),
    'l:\n- {name: a, v: 1}\n- name: b\n  v: 2 # x\n',
  ],
  ['a text of several lines', 'a: |\n  x\n  y\nb: 1\n', set(['a'], 'x\nz\n'), 'a: |\n  x\n  z\nb: 1\n'],
  ['a key behind a text that keeps its blank lines', 'a: |+\n  x\n\n', set(['b'], 1), 'a: |+\n  x\n\nb: 1\n'],
  ['a mapping for a scalar', 'a: 1 # x\nb: 2\n', set(['a'], { c: 1 }), 'a: # x\n  c: 1\nb: 2\n'],
  ['a scalar for a mapping', 'a:\n  b: 1 # x\nc: 2\n', set(['a'], 7), 'a: 7 # x\nc: 2\n'],
  ['what an alias stands for, expanding the alias', 'a: &x\n  k: 1 # c\nb: *x\n', set(['a', 'k'], 2), 'a: &x\n  k: 2 # c\nb:\n  k: 1\n'],
  ['what both an alias and its anchor stand for', 'a: &x 1\nb: *x\n', (v: Value) => Object.assign(v, { a: 2, b: 2 }), 'a: 2\nb: 2\n'],
  ['an alias alone', 'a: &x {k: 1}\nb: *x\nc: *x\n', set(['b', 'k'], 2), 'a: &x {k: 1}\nb:\n  k: 2\nc: *x\n'],
  ['an anchor taken out', 'a: &x {k: 1}\nb: *x\n', set(['a'], undefined), 'b:\n  k: 1\n'],
  [
    'a key over a merged one',
    'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  m: 3\n',
    set(['b', 'k'], 9),
    'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  m: 3\n  k: 9\n',
  ],
  [
    'a merged key taken out',
    'a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  m: 3\n',
    set(['b', 'k'], undefined),
    'a: &x {k: 1, l: 2}\nb:\n  m: 3\n  l: 2\n',
  ],
  ['what stands beside lines without indentation', 'a: {b: 1,\nc: "x\ny"}\nd: 1\n', set(['d'], 2), 'a: {b: 1,\nc: "x\ny"}\nd: 2\n'],
  ['what stands on lines without indentation', 'a: {b: 1,\nc: 2}\nd: 1\n', set(['a', 'c'], 3), 'a: {b: 1,\nc: 3}\nd: 1\n'],
  ['a document with keys behind question marks', '# above\n? a\n: 1\n', set(['b'], 2), '# above\na: 1\nb: 2\n'],
  ['what is merged elsewhere', 'a: &x\n  k: 1\nb:\n  <<: *x\n', set(['a', 'j'], 2), 'a: &x\n  k: 1\n  j: 2\nb:\n  k: 1\n'],
];

describe('editYaml', () => {
  it.each(CASES)('changes %s', (_, before, change, after) => {
    expect(edited(before, change)).toBe(after);
  });
});

const DIRTY = `# above
apiVersion: v1   # trailing
"kind": 'Pod'
x-shared: &shared
    cpu: "1"   # cpu
    list: [a, {b: c}, "d"] # flow
metadata: {name: web, labels: {app: web, "n": 'on'}} # flow too
spec:
    containers:
    -   name: a
        image: "a:1"

        # between
        resources: *shared
        args: ["-c", |-not
            folded]
    # about b
    -   name: b
        command:
            - sh
            - >-
                folded
                text

            - |2
                indented
              literal

        resources:
            <<: *shared
            memory: 1Gi
    empty:
    nothing: {}
    none: []
    last: |+
        kept

# below
`;

const fixtures = fileURLToPath(new URL('../../fixtures', import.meta.url));

const TEXTS: readonly string[] = [
  DIRTY.replace(', |-not\n            folded]', ', x]'),
  DIRTY.replace(', |-not\n            folded]', ', x]').replaceAll('\n', '\r\n'),
  ...(readdirSync(fixtures, { recursive: true }) as string[])
    .filter((name) => /\.ya?ml$/.test(name))
    .flatMap((name) => splitDocuments(readFileSync(`${fixtures}/${name}`, 'utf8')).map(({ text }) => text))
    // A part of them all is enough, and takes no time.
    .filter((text, index) => index % 8 === 0 && isReadable(text)),
];

function isReadable(text: string): boolean {
  try {
    return typeof parseYaml(text) === 'object';
  } catch {
    return false;
  }
}

/** Texts of the nodes beside the way to the change, by their paths. Aliases are left out: they are written out when their anchor changes. */
function besides(text: string, path: readonly (string | number)[]): readonly string[] {
  const tree = yamlTree(text);
  const found: string[] = [];
  let node: YamlNode | undefined = tree?.root;
  path.forEach((step, index) => {
    let next: YamlNode | undefined;
    const children =
      node?.is === 'mapping'
        ? node.entries.map((entry) => [entry.name, entry.node] as const)
        : node?.is === 'list'
          ? node.items.map((item, place) => [place, item.node] as const)
          : [];
    for (const [key, child] of children) {
      if (key === step) next = child;
      else if (!child.isShared) found.push(`${path.slice(0, index).join('/')}/${key}: ${tree?.source.slice(child.start, child.end)}`);
    }
    node = next;
  });
  return found;
}

describe('editYaml, whatever is changed', () => {
  it('leaves a text alone whose value stays', () => {
    for (const text of TEXTS) expect(editYaml(text, parseYaml(text), JSON.parse(JSON.stringify(parseYaml(text))))).toBe(text);
  });

  it('keeps the comment behind an item that becomes a block of text, and what is around', () => {
    const text = 'm: { a: 1 }\nhosts:\n  - "x" # why\n';
    const after = { m: { a: 1 }, hosts: ['two\nlines\n'] };
    expect(editYaml(text, parseYaml(text), after)).toBe('m: { a: 1 }\nhosts:\n  - | # why\n    two\n    lines\n');
  });

  it('means the new value, and keeps every character beside the change', () => {
    const random = randomFrom(7);
    for (const [index, text] of TEXTS.entries()) {
      for (let round = 0; round < (index < 2 ? 80 : 1); round++) {
        const before = parseYaml(text);
        const after = JSON.parse(JSON.stringify(before));
        const path = changeAnywhere(after, random);
        const result = editYaml(text, before, after);
        const told = `${text}\n=> ${JSON.stringify(after)}\n=> ${result}`;
        expect(parseYaml(result) ?? {}, told).toEqual(after);
        // An emptied root is no longer the same kind of document.
        if (Object.keys(after).length > 0) expect(besides(result, path), told).toEqual(expect.arrayContaining([...besides(text, path)]));
      }
    }
  });

  it('does several changes at once', () => {
    const random = randomFrom(11);
    for (let round = 0; round < 150; round++) {
      const text = TEXTS[random(TEXTS.length)] ?? '';
      const before = parseYaml(text);
      const after = JSON.parse(JSON.stringify(before));
      for (let changes = 0; changes < 4; changes++) changeAnywhere(after, random);
      expect(parseYaml(editYaml(text, before, after)) ?? {}, text).toEqual(after);
    }
  });
});
