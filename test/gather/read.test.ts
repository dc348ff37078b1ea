import { describe, expect, it } from 'vitest';
import { type ReadResult, readDocument, readText } from '../../src/gather/read.ts';
import { MESH_CONFIG } from '../../src/mesh/istio/kinds.ts';
import { at } from '../../src/model/body.ts';
import type { FieldPath } from '../../src/model/resource.ts';
import { parseYaml } from '../../src/text/yaml.ts';

const read = (text: string): ReadResult => readText(text, 'in.yaml', { namespace: 'default', namespaceGiven: false });

const place = (result: ReadResult, index: number, path: FieldPath, part: 'key' | 'value' = 'value'): string => {
  const span = result.resources[index]?.origin?.locate(path, part);
  return `${span?.line}:${span?.column}-${span?.endLine}:${span?.endColumn}`;
};

const service = (name: string): string =>
  `apiVersion: v1\nkind: Service\nmetadata:\n  name: ${name}\n  namespace: shop\nspec:\n  ports:\n    - port: 80\n`;

describe('readText', () => {
  it('reads every document and keeps where it stands', () => {
    const result = read(`# shop\n${service('a')}---\n${service('b')}`);
    expect(result.resources.map(({ kind, namespace, name, origin }) => [kind, namespace, name, origin?.line])).toEqual([
      ['core/Service', 'shop', 'a', 2],
      ['core/Service', 'shop', 'b', 11],
    ]);
    expect(place(result, 1, ['metadata', 'name'])).toBe('14:9-14:10');
    expect(place(result, 1, ['spec', 'ports', 0, 'port'])).toBe('18:13-18:15');
    expect(place(result, 1, ['spec', 'ports'])).toBe('17:3-17:8');
    expect(place(result, 1, ['metadata', 'namespace'], 'key')).toBe('15:3-15:12');
  });

  it('keeps exact positions inside lists, CRLF files and JSON', () => {
    const list = `apiVersion: v1\r\nkind: List\r\nitems:\r\n- apiVersion: v1\r\n  kind: Service\r\n  metadata: {name: a}\r\n`;
    expect(place(read(list), 0, ['metadata', 'name'])).toBe('6:20-6:21');
    expect(read(list).resources[0]?.origin?.line).toBe(4);
    const json = '{"apiVersion": "v1", "kind": "List", "items": [\n  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}]}';
    expect(place(read(json), 0, ['metadata', 'name'])).toBe('2:60-2:63');
  });

  it('expands lists of a kind, nested lists and lists with anchors', () => {
    const text = `kind: PodList\napiVersion: v1\nitems:\n- &p\n  apiVersion: v1\n  kind: Pod\n  metadata: {name: one}\n- <<: *p\n  metadata: {name: two}\n`;
    expect(read(text).resources.map((resource) => resource.name)).toEqual(['one', 'two']);
    expect(place(read(text), 1, ['kind'])).toBe('6:9-6:12');
  });

  it('reports a broken document and reads the others', () => {
    const result = read(`${service('a')}---\nkind: Service\n  bad: x\n---\n${service('c')}`);
    expect(result.resources.map((resource) => resource.name)).toEqual(['a', 'c']);
    expect(result.errors).toEqual([{ source: 'in.yaml', line: 11, column: 6, message: expect.stringContaining('This line is indented') }]);
  });

  it('reports a broken item of a list and reads the others', () => {
    const result = read(
      `apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n  kind: Pod\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: p}\n`,
    );
    expect(result.resources.map((resource) => resource.name)).toEqual(['p']);
    expect(result.errors).toEqual([{ source: 'in.yaml', line: 5, column: 3, message: 'The key "kind" stands twice in this mapping.' }]);
  });

  it('takes a patch, given without its kustomization, for no object', () => {
    const { resources, notices } = read(`${service('a')}---\n$patch: delete\n${service('b')}`);
    expect(resources.map(({ name }) => name)).toEqual(['a']);
    expect(notices).toEqual([{ source: 'in.yaml', reason: expect.stringContaining('holds a patch of a kustomization') }]);
  });

  it('says which key stands twice in JSON', () => {
    expect(read('{"apiVersion": "v1",\n "kind": "Pod", "kind": "Pod"}').errors).toEqual([
      { source: 'in.yaml', line: 2, column: 17, message: 'The key "kind" stands twice in this object.' },
    ]);
  });

  it('reports an object without a name', () => {
    expect(read('apiVersion: v1\nkind: Pod\nmetadata: {}\n').errors).toEqual([
      { source: 'in.yaml', line: 1, column: 1, message: 'This Pod has no metadata.name.' },
    ]);
  });

  it('passes over a kustomization without a word', () => {
    const text = 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n';
    expect(read(text)).toEqual({ resources: [], errors: [], notices: [] });
  });

  it('says so when YAML made something else of a name', () => {
    expect(read('apiVersion: v1\nkind: Pod\nmetadata:\n  name: on\n').errors[0]?.message).toBe(
      'The metadata.name of this Pod is the boolean true; put it in quotes to make it a text.',
    );
  });

  it.each([
    ['a values file', 'replicas: 3\nimage: x\n', 'holds 1 document without apiVersion, kind and name'],
    ['plain text', 'hello world\n', 'holds 1 document without apiVersion, kind and name'],
    [
      'a Helm template',
      `{{- if .Values.x }}\n${service('a')}{{- end }}\n`,
      'is a Helm template; use the output of "helm template" instead',
    ],
    [
      'a template whose first document parses',
      `${service('a')}---\nkind: {{ .Values.kind }}\n`,
      'is a Helm template; use the output of "helm template" instead',
    ],
  ])('passes over %s with a notice', (_, text, reason) => {
    expect(read(text)).toEqual({ resources: [], errors: [], notices: [{ source: 'in.yaml', reason }] });
  });

  it('reads an object that only carries template text in a string', () => {
    const text =
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  template: "{{ .Values.x }}"\n  block: |\n    {{- range . }}\n';
    expect(read(text).resources).toHaveLength(1);
  });

  it('gives objects without a namespace the default one, and cluster-scoped ones none', () => {
    const [pod, namespace] = read(
      'apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {name: ns, namespace: x}\n',
    ).resources;
    expect([pod?.namespace, pod?.namespaceGiven, namespace?.namespace]).toEqual(['default', false, '']);
  });

  it('shows of a line only what belongs to the object', () => {
    const json = `{"apiVersion": "v1", "kind": "List", "items": [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "data": {"k": "hidden"}}, {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}]}`;
    const [, pod] = read(json).resources;
    const [line = ''] = pod?.origin?.lines(1, 1) ?? [];
    expect(line.trim()).toBe('{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}}');
    expect(line.indexOf('{')).toBe(json.lastIndexOf('{"apiVersion"'));
  });

  it('knows the document that holds each object, and the way to it', () => {
    const texts = [
      `# head\n---\n${service('a')}---\n# only a comment\n--- # two\n${service('b')}...\n`,
      `apiVersion: v1\nkind: List\nitems:\n# first\n- ${service('a').trimEnd().replaceAll('\n', '\n  ')}\n- ${service('b').trimEnd().replaceAll('\n', '\n  ')}\n`,
      `\ufeff${JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [parseYaml(service('a')), parseYaml(service('b'))] })}`,
    ];
    for (const text of texts) {
      const { resources } = read(text);
      expect(resources).toHaveLength(2);
      for (const { origin, body } of resources) {
        const { start = 0, end = 0, path = [] } = origin?.document ?? {};
        expect(at(parseYaml(text.slice(start, end)), path)).toEqual(body);
        expect(origin?.document.text).toBe(text);
      }
    }
  });

  it('finds directives, and whether they stand alone on their line', () => {
    const [resource] = read(`# meshctl-ignore IST0101\n${service('a').replace('80', '80 # meshctl-ignore IST0118 -- legacy')}`).resources;
    expect(resource?.origin?.directives()).toEqual([
      { line: 1, alone: true, text: 'meshctl-ignore IST0101' },
      { line: 9, alone: false, text: 'meshctl-ignore IST0118 -- legacy' },
    ]);
  });

  it('never fails on random bytes of YAML', () => {
    const alphabet = [
      'a',
      ':',
      ' ',
      '\n',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      "'",
      '&x',
      '*x',
      '|',
      '>',
      '#',
      '---\n',
      '\t',
      '? ',
      '!t',
      '%',
      'kind: List\nitems:\n',
    ];
    let seed = 42;
    const random = (below: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % below;
    };
    for (let round = 0; round < 3000; round++) {
      const text = Array.from({ length: random(40) }, () => alphabet[random(alphabet.length)]).join('');
      expect(() => read(text), JSON.stringify(text)).not.toThrow();
    }
  });
});

describe('readDocument', () => {
  it('reads a file that is one object of a known kind', () => {
    const resource = readDocument('rootNamespace: mesh\n', 'mesh.yaml', MESH_CONFIG);
    expect([resource.kind, resource.body, resource.origin?.locate(['rootNamespace'], 'value').column]).toEqual([
      MESH_CONFIG,
      { rootNamespace: 'mesh' },
      16,
    ]);
  });

  it('refuses what is something else', () => {
    expect(() => readDocument('a: b: c', 'mesh.yaml', MESH_CONFIG)).toThrow(/mesh.yaml:1:5/);
    expect(() => readDocument('apiVersion: v1\nkind: ConfigMap\n', 'mesh.yaml', MESH_CONFIG)).toThrow('"mesh.yaml" is not a MeshConfig.');
  });
});
