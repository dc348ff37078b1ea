import { describe, expect, it } from 'vitest';
import { sortManifests, splitManifests } from '../../src/install/manifests.ts';

const object = (kind: string, name: string, annotations = ''): string =>
  `kind: ${kind}\nmetadata:\n  name: ${name}\n${annotations && `  annotations:\n${annotations}`}`;
const sorted = (files: Readonly<Record<string, string>>) => sortManifests(new Map(Object.entries(files)));

describe('manifests', () => {
  it("come in Helm's order of kinds, unknown kinds last by name, and within a kind as the files are named", () => {
    const { manifests } = sorted({
      'c/templates/b.yaml': `${object('Deployment', 'b')}---\n${object('Zebra', 'z')}---\n${object('Apple', 'a')}`,
      'c/templates/a.yaml': `${object('Deployment', 'a')}---\n${object('Service', 's')}`,
    });
    expect(manifests.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'Service s',
      'Deployment a',
      'Deployment b',
      'Apple a',
      'Zebra z',
    ]);
  });

  it('are cut where dashes begin a line, even with text behind them', () => {
    expect(splitManifests('\n--- \na: 1\n---b: 2\n---\n\n--- # c\nd: ---\n')).toEqual(['a: 1\n', 'b: 2\n', '# c\nd: ---\n']);
  });

  it('leave out partials and templates that gave nothing', () => {
    const { manifests } = sorted({ 'c/templates/_a.yaml': 'x: 1', 'c/templates/b.yaml': ' \n', 'c/templates/c.yaml': '# only a comment' });
    expect(manifests.map(({ text }) => text)).toEqual(['# only a comment']);
  });

  it('may repeat a key, as Helm lets them', () => {
    expect(sorted({ 'c/a.yaml': 'kind: A\nkind: B\n' }).manifests[0]?.kind).toBe('B');
  });

  it.each([
    ['a: b\n  c: d', /"c\/a.yaml" renders to is no YAML.*"c: d"/],
    ['- a', /"c\/a.yaml" renders to something that is no Kubernetes object/],
    ['metadata: a', /metadata of an object is a mapping/],
  ])('that are no objects are named with their template: %j', (text, message) => {
    expect(() => sorted({ 'c/a.yaml': text })).toThrow(message);
  });
});

describe('hooks', () => {
  it('are told apart, with events, weight and policies', () => {
    const { hooks, manifests } = sorted({
      'c/a.yaml': object(
        'Job',
        'j',
        '    helm.sh/hook: Pre-Install, post-upgrade\n    helm.sh/hook-weight: "-5"\n    helm.sh/hook-delete-policy: hook-succeeded\n',
      ),
    });
    expect(manifests).toEqual([]);
    expect(hooks).toMatchObject([{ events: ['pre-install', 'post-upgrade'], weight: -5, deletePolicies: ['hook-succeeded'] }]);
  });

  it('of Helm 2 tests are tests, and those of unknown events are left out', () => {
    const { hooks } = sorted({
      'c/a.yaml': object('Pod', 'p', '    helm.sh/hook: test-success\n'),
      'c/b.yaml': object('Job', 'j', '    helm.sh/hook: crd-install\n'),
    });
    expect(hooks).toMatchObject([{ name: 'p', events: ['test'], weight: 0 }]);
  });
});
