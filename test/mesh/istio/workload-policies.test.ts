import { describe, expect, it } from 'vitest';
import { oldestFirst } from '../../../src/mesh/istio/age.ts';
import { SIDECAR, TELEMETRY } from '../../../src/mesh/istio/kinds.ts';
import { policyTargets } from '../../../src/mesh/istio/policy-targets.ts';
import { describeAll } from '../../../src/mesh/istio/policy-wording.ts';
import { overlaps, rivalDefaults, unmatchedSelectors } from '../../../src/mesh/istio/workload-policies.ts';
import type { Body } from '../../../src/model/resource.ts';
import type { ResourceSet } from '../../../src/model/resource-set.ts';
import { resourcesFrom, setFrom } from '../../builders.ts';

type Labels = Readonly<Record<string, string>>;

const toYaml = (objects: readonly Body[]): string => objects.map((object) => JSON.stringify(object)).join('\n---\n');

function setOf(...objects: readonly Body[]): ResourceSet {
  return setFrom(toYaml(objects));
}

function sidecar(name: string, labels?: Labels, metadata: Body = {}): Body {
  const spec = labels ? { workloadSelector: { labels } } : {};
  return { apiVersion: 'networking.istio.io/v1', kind: 'Sidecar', metadata: { name, namespace: 'shop', ...metadata }, spec };
}

function telemetry(name: string, spec: Body): Body {
  return { apiVersion: 'telemetry.istio.io/v1', kind: 'Telemetry', metadata: { name, namespace: 'shop' }, spec };
}

function pod(name: string, labels: Labels, namespace = 'shop'): Body {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace, labels }, spec: { containers: [{ name: 'app', image: 'app' }] } };
}

const created = (day: number): Body => ({ creationTimestamp: `2026-01-0${day}T00:00:00Z` });

function conflictsOf(
  found: readonly { readonly policy: { readonly name: string }; readonly rivals: readonly { readonly name: string }[] }[],
): object {
  return Object.fromEntries(found.map(({ policy, rivals }) => [policy.name, rivals.map(({ name }) => name)]));
}

describe('targets of policies', () => {
  const set = setOf(
    pod('cart', { app: 'cart', tier: 'backend' }),
    pod('web', { app: 'web' }),
    pod('cart', { app: 'cart' }, 'staging'),
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadGroup',
      metadata: { name: 'machines', namespace: 'shop', labels: { own: 'label' } },
      spec: { metadata: { labels: { app: 'mainframe' } }, template: { labels: { tier: 'backend' } } },
    },
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'WorkloadEntry',
      metadata: { name: 'machine', namespace: 'shop', labels: { app: 'ledger' } },
      spec: { labels: { tier: 'backend' } },
    },
    {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata: { name: 'public', namespace: 'shop' },
      spec: { gatewayClassName: 'istio', infrastructure: { labels: { team: 'edge' } } },
    },
  );

  it.each([
    { selector: { app: 'cart' }, namespace: 'shop', expected: ['shop/cart'] },
    { selector: { app: 'cart' }, namespace: undefined, expected: ['shop/cart', 'staging/cart'] },
    { selector: { tier: 'backend' }, namespace: 'shop', expected: ['shop/cart', 'shop/machine', 'shop/machines'] },
    { selector: { app: 'cart', tier: 'backend' }, namespace: undefined, expected: ['shop/cart'] },
    { selector: { app: 'mainframe', tier: 'backend' }, namespace: 'shop', expected: ['shop/machines'] },
    { selector: { own: 'label' }, namespace: 'shop', expected: [] },
    { selector: { 'gateway.networking.k8s.io/gateway-name': 'public', team: 'edge' }, namespace: 'shop', expected: ['shop/public'] },
    { selector: {}, namespace: 'staging', expected: ['staging/cart'] },
    { selector: { app: 'cart' }, namespace: 'nowhere', expected: [] },
  ])('with $selector in $namespace', ({ selector, namespace, expected }) => {
    const found = set.derive(policyTargets).selectedBy(selector, namespace);
    expect(found.map(({ resource }) => `${resource.namespace}/${resource.name}`).sort()).toEqual(expected);
  });

  it('are in the data plane that injection decides on, and machines and gateways always have a proxy', () => {
    const targets = set.derive(policyTargets);
    const dataplanes = targets.selectedBy({}, 'shop').map((target) => `${target.resource.name} ${targets.dataplane(target)}`);
    expect(dataplanes.sort()).toEqual(['cart none', 'machine sidecar', 'machines sidecar', 'public sidecar', 'web none']);
  });
});

describe('selectors that match nothing', () => {
  it('are told with a namespace where they would', () => {
    const set = setOf(
      sidecar('here', { app: 'web' }),
      sidecar('there', { app: 'cart' }),
      sidecar('nowhere', { app: 'x' }),
      sidecar('default'),
      pod('web', { app: 'web' }),
      pod('cart', { app: 'cart' }, 'staging'),
    );
    expect(unmatchedSelectors(set, SIDECAR).map(({ policy, elsewhere }) => [policy.name, elsewhere])).toEqual([
      ['there', 'staging'],
      ['nowhere', undefined],
    ]);
  });
});

describe('overlaps', () => {
  const cart = pod('cart', { app: 'cart', tier: 'backend' });
  it.each([
    {
      name: 'are symmetric among new objects',
      given: [sidecar('a', { app: 'cart' }), sidecar('b', { tier: 'backend' }), cart],
      expected: { a: ['b'], b: ['a'] },
    },
    {
      name: 'count once however many workloads meet',
      given: [sidecar('a', { app: 'cart' }), sidecar('b', { tier: 'backend' }), cart, pod('cart-2', { app: 'cart', tier: 'backend' })],
      expected: { a: ['b'], b: ['a'] },
    },
    {
      name: 'join what meets at different workloads',
      given: [
        sidecar('a', { app: 'cart' }),
        sidecar('b', { tier: 'backend' }),
        sidecar('c', { zone: 'x' }),
        cart,
        pod('web', { app: 'cart', zone: 'x' }),
      ],
      expected: { a: ['b', 'c'], b: ['a'], c: ['a'] },
    },
    {
      name: 'spare the oldest where ages are known',
      given: [sidecar('a', { app: 'cart' }, created(2)), sidecar('b', { tier: 'backend' }, created(1)), cart],
      expected: { a: ['b'] },
    },
    {
      name: 'spare what is in force before what is new',
      given: [sidecar('a', { app: 'cart' }), sidecar('b', { tier: 'backend' }, created(1)), cart],
      expected: { a: ['b'] },
    },
    {
      name: 'spare nobody of equal age',
      given: [sidecar('a', { app: 'cart' }, created(1)), sidecar('b', { tier: 'backend' }, created(1)), cart],
      expected: { a: ['b'], b: ['a'] },
    },
    { name: 'need a common workload', given: [sidecar('a', { app: 'cart' }), sidecar('b', { app: 'web' }), cart], expected: {} },
    { name: 'are no matter of defaults', given: [sidecar('a', { app: 'cart' }), sidecar('b'), cart], expected: {} },
    {
      name: 'stay in one namespace',
      given: [sidecar('a', { app: 'cart' }), sidecar('b', { app: 'cart' }, { namespace: 'other' }), cart],
      expected: {},
    },
  ])('$name', ({ given, expected }) => {
    expect(conflictsOf(overlaps(setOf(...given), SIDECAR))).toEqual(expected);
  });

  it('pass over workloads that do not count', () => {
    const set = setOf(sidecar('a', { app: 'cart' }), sidecar('b', { tier: 'backend' }), cart);
    expect(overlaps(set, SIDECAR, ({ resource }) => resource.name !== 'cart')).toEqual([]);
  });
});

describe('defaults of a namespace', () => {
  it('are rivals unless attached by name', () => {
    const set = setOf(
      telemetry('a', {}),
      telemetry('b', { selector: { matchLabels: {} } }),
      telemetry('c', { selector: { matchLabels: { app: 'cart' } } }),
      telemetry('d', { targetRefs: [{ kind: 'Service', name: 'cart' }] }),
      telemetry('e', { targetRef: { kind: 'Service', name: 'cart' } }),
    );
    expect(conflictsOf(rivalDefaults(set, TELEMETRY))).toEqual({ a: ['b'], b: ['a'] });
  });

  it('spare the oldest where ages are known', () => {
    const set = setOf(sidecar('a'), sidecar('b', undefined, created(2)), sidecar('c', undefined, created(1)));
    expect(conflictsOf(rivalDefaults(set, SIDECAR))).toEqual({ a: ['c', 'b'], b: ['c', 'a'] });
  });
});

describe('the order of precedence', () => {
  it('is by age, new objects last, then by name and namespace', () => {
    const objects = [
      sidecar('new'),
      sidecar('same', undefined, { ...created(2), namespace: 'b' }),
      sidecar('same', undefined, { ...created(2), namespace: 'a' }),
      sidecar('old', undefined, created(1)),
    ];
    expect(oldestFirst(resourcesFrom(toYaml(objects))).map(({ name, namespace }) => `${namespace}/${name}`)).toEqual([
      'shop/old',
      'a/same',
      'b/same',
      'shop/new',
    ]);
  });
});

describe('names in messages', () => {
  it.each([
    { objects: [sidecar('a')], expected: 'Sidecar "a"' },
    { objects: [sidecar('a'), sidecar('b')], expected: 'Sidecars "a" and "b"' },
    { objects: [telemetry('a', {}), telemetry('b', {})], expected: 'Telemetries "a" and "b"' },
  ])('$expected', ({ objects, expected }) => {
    expect(describeAll(resourcesFrom(toYaml(objects)))).toBe(expected);
  });
});
