import { describe, expect, it } from 'vitest';
import { applyBaseline, readBaseline, writeBaseline } from '../../src/analysis/baseline.ts';
import type { Finding } from '../../src/model/finding.ts';
import { resourcesFrom } from '../builders.ts';
import { finding } from './rules.ts';

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
    expect(baseline).toEqual([{ rule: 'x/timeout', resource: 'VirtualService shop/web', field: 'spec.http[name=a].timeout', count: 2 }]);
    expect(applyBaseline([first, first, first], baseline).fresh).toHaveLength(1);
  });

  it.each(['', '[]', '{"kind": "Other"}'])('refuses %j', (text) => {
    expect(() => readBaseline(text, 'x.json')).toThrow(/"x.json" is not/);
  });
});
