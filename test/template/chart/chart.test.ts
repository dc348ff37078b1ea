/** What a chart holds besides templates: CRDs, notes, other charts, and what is no chart at all. */
import { describe, expect, it } from 'vitest';
import { loadChart } from '../../../src/template/chart/chart.ts';
import { int, type Value } from '../../../src/template/value.ts';
import { chartOf, failureOf, render } from '../charts.ts';
import { dep, sub, top } from './parts.ts';

describe('crds/', () => {
  it('is given as it is, dependencies last', () => {
    const { crds, manifests } = render({
      ...top(),
      'crds/a.yaml': 'kind: A # {{ .Values.x }}\n',
      'crds/deep/b.yml': 'kind: B\n',
      'crds/README.md': 'no',
      ...sub('s', ''),
      'charts/s/crds/c.yaml': 'kind: C\n',
    });
    expect([...crds]).toEqual([
      ['c/crds/a.yaml', 'kind: A # {{ .Values.x }}\n'],
      ['c/crds/deep/b.yml', 'kind: B\n'],
      ['c/charts/s/crds/c.yaml', 'kind: C\n'],
    ]);
    expect([...manifests.keys()]).not.toContain('c/crds/a.yaml');
  });

  it('of a dependency that is turned off is left out', () => {
    const files = { ...top(dep([['s', 'condition: s.up']])), ...sub('s', ''), 'charts/s/crds/c.yaml': 'kind: C\n' };
    expect(render(files, 's: {up: false}').crds.size).toBe(0);
    expect(render(files, 's: {up: true}').crds.size).toBe(1);
  });
});

describe('NOTES.txt', () => {
  it('is rendered, is no manifest, and is the one of the chart itself', () => {
    const { notes, manifests } = render({
      ...top(),
      'templates/NOTES.txt': 'Installed {{ .Release.Name }}.\n',
      ...sub('s', ''),
      'charts/s/templates/NOTES.txt': 'not this one',
    });
    expect(notes).toBe('Installed r.\n');
    expect([...manifests.keys()].filter((name) => name.includes('NOTES'))).toEqual([]);
  });

  it('may be missing', () => {
    expect(render(top()).notes).toBeUndefined();
  });
});

describe('lookup', () => {
  const text = '{{ (lookup "v1" "ConfigMap" "ns" "x").data.k | default "none" }} {{ len (lookup "v1" "Pod" "" "").items }}';

  it('asks whoever renders', () => {
    const asked: unknown[] = [];
    const lookup = (...args: readonly string[]): Value => {
      asked.push(args);
      return args[3] === '' ? new Map([['items', [int(1)]]]) : new Map([['data', new Map([['k', 'v']])]]);
    };
    expect(render({ 'templates/t': text }, '', { lookup }).manifests.get('c/templates/t')).toBe('v 1');
    expect(asked).toEqual([
      ['v1', 'ConfigMap', 'ns', 'x'],
      ['v1', 'Pod', '', ''],
    ]);
  });

  it('finds nothing without a cluster', () => {
    const found = render({ 'templates/t': '{{ lookup "v1" "ConfigMap" "ns" "x" | empty }}' });
    expect(found.manifests.get('c/templates/t')).toBe('true');
  });
});

describe('a chart', () => {
  it.each([
    ['no Chart.yaml', { 'Chart.yaml': '' }, 'c/Chart.yaml has no name.'],
    ['no version', { 'Chart.yaml': 'name: c' }, 'c/Chart.yaml has no version.'],
    ['a broken Chart.yaml', { 'Chart.yaml': 'name: c\nname: d' }, 'c/Chart.yaml:2:1: The key "name" stands twice in this mapping.'],
    ['a broken values.yaml', { 'values.yaml': 'a: 1\n---\nb: [' }, 'c/values.yaml:3:'],
    ['values that are no mapping', { 'values.yaml': '- a' }, 'c/values.yaml holds no mapping.'],
    ['a broken dependency', { 'charts/s/values.yaml': 'a: 1' }, '"c/charts/s" is no chart: it has no Chart.yaml.'],
  ])('with %s is refused', (_, files, message) => {
    const failure = failureOf(() => chartOf(files));
    expect(failure.code).toBe('E_CHART');
    expect(failure.message.startsWith(message)).toBe(true);
  });

  it('may hold packed charts', () => {
    const chart = loadChart(
      [
        { name: 'Chart.yaml', data: Buffer.from('name: c\nversion: 1.0.0') },
        { name: 'charts/s-1.0.0.tgz', data: Buffer.from('packed') },
        { name: 'charts/_ignored/Chart.yaml', data: Buffer.from('') },
      ],
      'c',
      ({ data }) => [{ name: 'Chart.yaml', data: Buffer.from(`name: ${Buffer.from(data).toString()}\nversion: 1.0.0`) }],
    );
    expect(chart.subcharts.map(({ name }) => name)).toEqual(['packed']);
  });

  it('whose dependency gets values that are no mapping is refused', () => {
    const failure = failureOf(() => render({ ...top(), ...sub('s', '') }, 's: 5'));
    expect(failure.message).toBe('The values of the chart "s" are no mapping.');
  });
});
