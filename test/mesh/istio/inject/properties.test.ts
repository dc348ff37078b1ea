/** What holds for every workload, on seeded random ones. */
import { describe, expect, it } from 'vitest';
import { inject } from '../../../../src/mesh/istio/inject/index.ts';
import type { Body } from '../../../../src/model/resource.ts';
import { deployment, injectorWith, requestFor } from './injectors.ts';

const ROUNDS = 80;

/** Numbers from 0 to 1, the same for every run. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

type Random = () => number;

const oneOf = <T>(random: Random, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const maybe = (random: Random, part: () => Body): Body => (random() < 0.4 ? part() : {});

function handler(random: Random): Body {
  const port = 8000 + Math.floor(random() * 5);
  return oneOf(random, [
    { httpGet: { path: '/a', port } },
    { httpGet: { path: '/b', port: 'http' } },
    { httpGet: { port, scheme: 'HTTPS', httpHeaders: [{ name: 'x', value: 'y' }] } },
    { tcpSocket: { port } },
    { exec: { command: ['true'] } },
  ]);
}

const probe = (random: Random): Body => ({
  ...(random() < 0.2 ? { grpc: { port: 9000, ...maybe(random, () => ({ service: 's' })) } } : handler(random)),
  ...maybe(random, () => ({ timeoutSeconds: 3, periodSeconds: 9 })),
});

const container = (random: Random, name: string): Body => ({
  name,
  image: 'x:1',
  ports: [{ containerPort: 80, name: 'http' }, { containerPort: 8001 }],
  ...maybe(random, () => ({ readinessProbe: probe(random) })),
  ...maybe(random, () => ({ livenessProbe: probe(random) })),
  ...maybe(random, () => ({ lifecycle: { preStop: handler(random) } })),
  ...maybe(random, () => ({ resources: { limits: { cpu: '1000m', memory: '1024Mi' } }, env: [{ name: 'A', value: '' }] })),
});

const ANNOTATIONS: readonly Body[] = [
  { 'prometheus.io/scrape': 'true' },
  { 'prometheus.io/port': '9100', 'prometheus.io/path': '/m' },
  { 'sidecar.istio.io/rewriteAppHTTPProbers': 'false' },
  { 'proxy.istio.io/config': 'concurrency: 1' },
  { 'sidecar.istio.io/nativeSidecar': 'true' },
  { note: 'x' },
];

function workload(random: Random): Body {
  const names = ['app', 'second', 'third'].slice(0, 1 + Math.floor(random() * 3));
  const proxy = { name: 'istio-proxy', image: oneOf(random, ['auto', 'mine:2']), tty: true };
  return deployment(
    {
      containers: [...names.map((name) => container(random, name)), ...(random() < 0.3 ? [proxy] : [])],
      ...maybe(random, () => ({ initContainers: [container(random, 'setup')] })),
      ...maybe(random, () => ({ volumes: [{ name: 'data', emptyDir: {} }], dnsPolicy: 'ClusterFirst' })),
      ...maybe(random, () => ({ securityContext: { fsGroup: 2000 } })),
    },
    random() < 0.5 ? { annotations: oneOf(random, ANNOTATIONS) } : {},
  );
}

/** Any part, at any depth, is something else. */
function broken(random: Random, value: unknown): unknown {
  if (random() < 0.04) return oneOf(random, [null, 7, 'text', [], {}, [null], [7], { a: null }, true]);
  if (Array.isArray(value)) return value.map((item) => broken(random, item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, broken(random, each)]));
}

describe.each(['true', 'false'])('with native sidecars: %s', (native) => {
  it('injecting twice is injecting once, and uninjecting gives the workload back', async () => {
    const injector = await injectorWith({ settings: { 'native-sidecars': native } });
    const random = randomFrom(7);
    for (let round = 0; round < ROUNDS; round++) {
      const before = workload(random);
      const { action, object: once = before } = injector.inject(requestFor(before));
      expect(action).toBe('injected');
      expect(injector.inject(requestFor(once)).object ?? once).toEqual(once);
      expect(inject.uninject(requestFor(once)).object).toEqual(before);
    }
  });

  it('whatever stands in a workload is an outcome', async () => {
    const injector = await injectorWith({ settings: { 'native-sidecars': native } });
    const random = randomFrom(11);
    const seen = new Set<string>();
    for (let round = 0; round < ROUNDS * 3; round++) {
      const before = workload(random);
      const once = injector.inject(requestFor(before)).object ?? before;
      for (const object of [broken(random, before), broken(random, once)]) {
        if (typeof object !== 'object' || object === null || Array.isArray(object)) continue;
        seen.add(injector.inject(requestFor(object as Body)).action);
        seen.add(inject.uninject(requestFor(object as Body)).action);
      }
    }
    expect([...seen].sort()).toEqual(['failed', 'injected', 'skipped', 'unchanged', 'uninjected']);
  });
});
