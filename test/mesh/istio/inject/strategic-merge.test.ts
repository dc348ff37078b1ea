import { describe, expect, it } from 'vitest';
import { InjectProblem } from '../../../../src/mesh/istio/inject/problem.ts';
import { keepSame } from '../../../../src/mesh/istio/inject/same.ts';
import { strategicMerge } from '../../../../src/mesh/istio/inject/strategic-merge.ts';
import type { Body } from '../../../../src/model/resource.ts';

const names = (...list: string[]): readonly Body[] => list.map((name) => ({ name }));
const mergedNames = (own: readonly Body[], patch: readonly Body[]): unknown =>
  (strategicMerge({ env: own }, { env: patch }, 'Container')['env'] as Body[]).map(({ name }) => name);

describe('a strategic merge', () => {
  it('merges maps, takes away what is null, and replaces lists without a key', () => {
    const pod = { nodeSelector: { a: '1', b: '2' }, tolerations: [1], hostname: 'x' };
    expect(strategicMerge(pod, { nodeSelector: { b: null, c: '3' }, tolerations: [2], hostname: null }, 'PodSpec')).toEqual({
      nodeSelector: { a: '1', c: '3' },
      tolerations: [2],
    });
  });

  it('matches the items of lists by their keys', () => {
    const own = { containers: [{ name: 'a', ports: [{ containerPort: 1, name: 'x' }], args: ['x'] }] };
    const patch = { containers: [{ name: 'a', ports: [{ containerPort: 1, protocol: 'TCP' }, { containerPort: 2 }], args: ['y'] }] };
    expect(strategicMerge(own, patch, 'PodSpec')).toEqual({
      containers: [{ name: 'a', ports: [{ containerPort: 1, name: 'x', protocol: 'TCP' }, { containerPort: 2 }], args: ['y'] }],
    });
  });

  it('puts what the patch names in its order, and what stood before it before', () => {
    expect(mergedNames(names('a', 'b', 'c'), names('x', 'y'))).toEqual(['x', 'y', 'a', 'b', 'c']);
    expect(mergedNames(names('a', 'b', 'c'), names('c', 'x'))).toEqual(['a', 'b', 'c', 'x']);
    expect(mergedNames(names('a', 'b', 'c'), names('c', 'a'))).toEqual(['b', 'c', 'a']);
  });

  it('keeps values once in lists of texts', () => {
    expect(strategicMerge({ finalizers: ['a', 'b'] }, { finalizers: ['b', 'c'] }, 'ObjectMeta')).toEqual({ finalizers: ['a', 'b', 'c'] });
  });

  it('leaves nulls out of what is new', () => {
    expect(strategicMerge({}, { volumes: [{ name: 'a', emptyDir: null }] }, 'PodSpec')).toEqual({ volumes: [{ name: 'a' }] });
  });

  it('follows directives', () => {
    const own = { env: names('a', 'b'), lifecycle: { preStop: {}, postStart: {} }, args: ['x'] };
    expect(strategicMerge(own, { env: [{ name: 'a', $patch: 'delete' }] }, 'Container')['env']).toEqual(names('b'));
    expect(strategicMerge(own, { env: [{ $patch: 'replace' }, { name: 'c' }] }, 'Container')['env']).toEqual(names('c'));
    expect(strategicMerge(own, { lifecycle: { $patch: 'replace', sleep: {} } }, 'Container')['lifecycle']).toEqual({ sleep: {} });
    expect(strategicMerge(own, { lifecycle: { $patch: 'delete' } }, 'Container')['lifecycle']).toEqual({});
    expect(strategicMerge(own, { lifecycle: { $retainKeys: ['preStop'], preStop: {} } }, 'Container')['lifecycle']).toEqual({
      preStop: {},
    });
    expect(strategicMerge({ finalizers: ['a', 'b'] }, { '$deleteFromPrimitiveList/finalizers': ['a'] }, 'ObjectMeta')).toEqual({
      finalizers: ['b'],
    });
  });

  it('refuses items without a key', () => {
    expect(() => strategicMerge({ env: [] }, { env: [{ value: 'x' }] }, 'Container')).toThrow(InjectProblem);
  });
});

describe('keeping what is the same', () => {
  it("leaves the user's spelling, empty fields and objects", () => {
    const app = { resources: { limits: { cpu: '2000m' } }, name: 'app', env: [], image: 'x' };
    const before = { hostNetwork: false, containers: [app], dnsPolicy: '' };
    const after = { containers: [{ name: 'new' }, { name: 'app', image: 'x', resources: { limits: { cpu: '2' } } }] };
    const kept = keepSame(before, after, 'PodSpec') as { containers: unknown[] };
    expect(kept).toEqual({ hostNetwork: false, containers: [{ name: 'new' }, app], dnsPolicy: '' });
    expect(kept.containers[1]).toBe(app);
    expect(keepSame(before, { containers: [{ name: 'app', image: 'x', resources: { limits: { cpu: '2' } } }] }, 'PodSpec')).toBe(before);
  });
});
