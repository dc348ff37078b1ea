import { expect, it } from 'vitest';
import { type Destination, destinationsOf } from '../../../src/mesh/istio/destinations.ts';
import { resourcesFrom } from '../../builders.ts';

function destinations(spec: string): readonly Destination[] {
  return resourcesFrom(
    `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: reviews }\nspec:\n${spec.replace(/^/gm, '  ')}`,
  ).flatMap(destinationsOf);
}

it('destinations of all protocols and mirrors are found, each with its path', () => {
  const found = destinations(`
http:
  - route:
      - destination: { host: a, subset: v1, port: { number: 80 } }
        weight: 90
      - destination: { host: b }
    mirror: { host: c }
  - mirrors:
      - destination: { host: d, subset: v2 }
        percentage: { value: 5 }
tls:
  - route:
      - destination: { host: e }
tcp:
  - {}
  - route:
      - destination: { host: f, port: { number: 5432 } }
`);
  const path = (...rest: readonly (string | number)[]): readonly (string | number)[] => ['spec', ...rest];
  expect(found).toEqual([
    { host: 'a', subset: 'v1', port: 80, use: 'route', protocol: 'http', path: path('http', 0, 'route', 0, 'destination') },
    { host: 'b', subset: undefined, port: undefined, use: 'route', protocol: 'http', path: path('http', 0, 'route', 1, 'destination') },
    { host: 'c', subset: undefined, port: undefined, use: 'mirror', protocol: 'http', path: path('http', 0, 'mirror') },
    { host: 'd', subset: 'v2', port: undefined, use: 'mirror', protocol: 'http', path: path('http', 1, 'mirrors', 0, 'destination') },
    { host: 'e', subset: undefined, port: undefined, use: 'route', protocol: 'tls', path: path('tls', 0, 'route', 0, 'destination') },
    { host: 'f', subset: undefined, port: 5432, use: 'route', protocol: 'tcp', path: path('tcp', 1, 'route', 0, 'destination') },
  ]);
});

it('a destination without a host is one all the same', () => {
  expect(destinations('http: [{ route: [{}, { destination: { host: 7, subset: "" } }], mirror: {} }]')).toMatchObject([
    { host: '', subset: undefined, use: 'route' },
    { host: '', subset: undefined, use: 'route' },
    { host: '', use: 'mirror' },
  ]);
});

it('mirrors belong to http routes only, and malformed routes hold nothing', () => {
  expect(destinations('tcp: [{ mirror: { host: a } }]\nhttp: [null, 7, { route: 7, mirror: null, mirrors: { host: a } }]\ntls: x')).toEqual(
    [],
  );
});
