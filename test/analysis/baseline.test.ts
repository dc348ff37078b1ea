import { describe, expect, it } from 'vitest';
import { applyBaseline, baselineText, readBaseline, writeBaseline } from '../../src/analysis/baseline.ts';
import type { Finding } from '../../src/model/finding.ts';
import { resourcesFrom } from '../builders.ts';
import { finding } from './rules.ts';

/** A part of a hash, which tells nobody what it is made from. */
const DIGEST = expect.stringMatching(/^[0-9a-f]{16}$/);

const route = (names: readonly string[], indent = ''): Finding[] => {
  const routes = names.map((name) => `    - name: ${name}\n      timeout: 1x\n`).join('');
  const [resource] = resourcesFrom(
    `${indent}apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec:\n  http:\n${routes}`,
  );
  if (!resource) throw new Error('no resource');
  return names.map((_, index) => finding('x/timeout', resource, ['spec', 'http', index, 'timeout']));
};

describe('baseline', () => {
  it('knows findings again after lines moved and lists were reordered', () => {
    const baseline = readBaseline(writeBaseline(route(['a', 'b'])), 'baseline.json');
    expect(applyBaseline(route(['b', 'a'], '# moved\n\n'), baseline)).toMatchObject({ fresh: [], stale: [] });
  });

  it('lets new findings through, and names entries that are over', () => {
    const baseline = readBaseline(writeBaseline(route(['a', 'b'])), 'baseline.json');
    const { fresh, known, stale } = applyBaseline(route(['b', 'c']), baseline);
    expect(fresh.map((entry) => entry.path)).toEqual([['spec', 'http', 1, 'timeout']]);
    expect(known).toHaveLength(1);
    expect(stale.map((entry) => entry.field)).toEqual(['spec.http[name=a].timeout']);
  });

  it('counts findings that nothing tells apart', () => {
    const [first] = route(['a']);
    if (!first) throw new Error('no finding');
    const baseline = readBaseline(writeBaseline([first, first]), 'baseline.json');
    const entry = { rule: 'x/timeout', resource: 'VirtualService shop/web', field: 'spec.http[name=a].timeout', value: DIGEST, count: 2 };
    expect(baseline).toEqual({ form: 'v2', entries: [entry] });
    expect(applyBaseline([first, first, first], baseline).fresh).toHaveLength(1);
  });

  it.each(['', '[]', '{"kind": "Other"}', '{"apiVersion": "meshctl.dev/v3", "kind": "AnalysisBaseline"}'])('refuses %j', (text) => {
    expect(() => readBaseline(text, 'x.json')).toThrow(/"x.json" is not/);
  });
});

/** Findings at a field of each of the routes that has the mark, or at the route itself; no route has a name. */
function nameless(routes: readonly string[], field: readonly string[] = ['timeout'], marked = /timeout: 1x/): Finding[] {
  const [resource] = resourcesFrom(
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: web, namespace: shop}\nspec:\n  http:\n${routes.map((text) => `    - {${text}}\n`).join('')}`,
  );
  if (!resource) throw new Error('no resource');
  return routes.flatMap((text, index) => {
    const found = { ...finding('x/timeout', resource, ['spec', 'http', index, ...field]), message: `Route ${index + 1} is wrong.` };
    return marked.test(text) ? [found] : [];
  });
}

const OLD = 'match: [{uri: {prefix: /a}}], timeout: 1x';
const OTHER = 'match: [{uri: {prefix: /b}}], timeout: 1s';

describe('a baseline of items without names', () => {
  const known = (before: readonly Finding[], now: readonly Finding[]) => {
    const { fresh, stale } = applyBaseline(now, readBaseline(writeBaseline(before), 'baseline.json'));
    return { fresh: fresh.map(({ message }) => message), stale: stale.length };
  };

  it.each([
    ['one is inserted above', [OTHER, OLD], [OTHER, OTHER, OLD]],
    ['one above is removed', [OTHER, OLD], [OLD]],
    ['they are reordered', [OLD, OTHER], [OTHER, OLD]],
    ['something else in the item changes', [OLD], [`${OLD}, retries: {attempts: 3}`]],
  ])('knows findings at a field when %s', (_, before, now) => {
    expect(known(nameless(before), nameless(now))).toEqual({ fresh: [], stale: 0 });
  });

  it.each([
    ['one is inserted above', [OTHER, OLD], [OTHER, OTHER, OLD]],
    ['one above is removed', [OTHER, OLD], [OLD]],
    ['they are reordered', [OLD, OTHER], [OTHER, OLD]],
    ['their keys are reordered', [OLD], ['timeout: 1x, match: [{uri: {prefix: /a}}]']],
  ])('knows findings about the item, or what it lacks, when %s', (_, before, now) => {
    expect(known(nameless(before, []), nameless(now, []))).toEqual({ fresh: [], stale: 0 });
    expect(known(nameless(before, ['route']), nameless(now, ['route']))).toEqual({ fresh: [], stale: 0 });
  });

  it('calls a second equal finding new', () => {
    expect(known(nameless([OLD]), nameless([OLD, OLD])).fresh).toHaveLength(1);
    expect(known(nameless([OLD], []), nameless([OLD, OLD], [])).fresh).toHaveLength(1);
  });

  it('calls a finding new that came where another one went', () => {
    const before = ['timeout: 1x', OTHER];
    const now = ['timeout: 1s', OTHER.replace('1s', '1x')];
    expect(known(nameless(before, []), nameless(now, []))).toEqual({ fresh: ['Route 2 is wrong.'], stale: 1 });
    expect(known(nameless(['timeout: 1x']), nameless(['timeout: 2x'], ['timeout'], /2x/))).toEqual({
      fresh: ['Route 1 is wrong.'],
      stale: 1,
    });
  });

  it('does not repeat the values, which may be secrets', () => {
    expect(writeBaseline(nameless(['timeout: 1x']))).not.toContain('1x');
  });

  it('leaves entries that are needed as they were when it is pruned', () => {
    const text = writeBaseline(nameless([OLD, OLD, 'timeout: 1x, name: a']));
    const { needed } = applyBaseline(nameless([OTHER, OLD]), readBaseline(text, 'baseline.json'));
    expect(needed).toEqual({
      form: 'v2',
      entries: [{ rule: 'x/timeout', resource: 'VirtualService shop/web', field: 'spec.http[].timeout', value: DIGEST, count: 1 }],
    });
  });
});

describe('a baseline of the first form', () => {
  const entries = [
    { rule: 'x/timeout', resource: 'VirtualService shop/web', field: 'spec.http[1].timeout', count: 1 },
    { rule: 'x/timeout', resource: 'VirtualService shop/web', field: 'spec.http[name=a].timeout', count: 1 },
    { rule: 'x/timeout', resource: 'VirtualService shop/gone', field: 'spec.http[0].timeout', count: 1 },
  ];
  const baseline = readBaseline(JSON.stringify({ apiVersion: 'meshctl.dev/v1', kind: 'AnalysisBaseline', findings: entries }), 'old.json');

  it('still counts, by place where there is no name', () => {
    const { fresh, known, stale } = applyBaseline(nameless([OTHER, OLD, 'name: a, timeout: 1x', OLD]), baseline);
    expect(known.map(({ message }) => message)).toEqual(['Route 2 is wrong.', 'Route 3 is wrong.']);
    expect(fresh.map(({ message }) => message)).toEqual(['Route 4 is wrong.']);
    expect(stale).toEqual([entries[2]]);
  });

  it('keeps its form when it is pruned', () => {
    const { needed } = applyBaseline(nameless([OTHER, OLD]), baseline);
    expect(readBaseline(baselineText(needed), 'old.json')).toEqual({ form: 'v1', entries: [entries[0]] });
  });
});
