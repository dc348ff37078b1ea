/** Requests of the Gateway API's conformance suite: which rule of an HTTPRoute takes them, as Servers of Linkerd see it. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { matchingRoutes } from '../../src/mesh/linkerd/policy/routes.ts';
import { itemsAt, stringAt } from '../../src/model/body.ts';
import type { Resource } from '../../src/model/resource.ts';
import { resourcesFrom } from '../builders.ts';

const shared = fileURLToPath(new URL('../../../shared/cases/', import.meta.url));
const suite = `${shared}gateway-api-requests/cases.json`;

interface Case {
  readonly file: string | readonly string[];
  readonly request: {
    readonly path?: string;
    readonly host?: string;
    readonly method?: string;
    readonly headers?: Readonly<Record<string, string>>;
  };
  readonly expected: { readonly status?: number; readonly backend?: { readonly name: string } };
}

const manifestOf = ({ file }: Case): string =>
  `${shared}gateway-api/tests/${(typeof file === 'string' ? file : (file[0] ?? '')).split('/').at(-1)}`;

const cases: readonly Case[] = existsSync(suite)
  ? (JSON.parse(readFileSync(suite, 'utf8')).cases as readonly Case[]).filter(
      (each) => /httproute-[\w-]*matching/.test(manifestOf(each)) && existsSync(manifestOf(each)),
    )
  : [];

/** Each rule as a route of its own, so that the one that was taken can be told. */
function rulesOf(manifest: string): readonly Resource[] {
  return resourcesFrom(readFileSync(manifest, 'utf8'))
    .filter(({ kind }) => kind === 'gateway.networking.k8s.io/HTTPRoute')
    .flatMap((route) =>
      itemsAt(route.body, 'spec', 'rules').map(({ item }) => ({ ...route, body: { ...route.body, spec: { rules: [item] } } })),
    );
}

const backendOf = (route: Resource | undefined): string | undefined => {
  const [rule] = route ? itemsAt(route.body, 'spec', 'rules') : [];
  return stringAt(itemsAt(rule?.item, 'backendRefs')[0]?.item, 'name');
};

/** The suite has its manifests twice, for gateways and for meshes, with backends of different names and the same versions. */
const versionOf = (backend: string | undefined): string | undefined => /v\d+$/.exec(backend ?? '')?.[0];

describe.skipIf(cases.length === 0)('routes of the Gateway API', () => {
  it.each(cases.map((each) => [`${manifestOf(each).split('/').at(-1)} ${JSON.stringify(each.request)}`, each] as const))(
    '%s',
    (_name, each) => {
      const routes = rulesOf(manifestOf(each));
      const named = routes.flatMap((route) =>
        itemsAt(route.body, 'spec', 'rules', 0, 'matches').flatMap(({ item }) =>
          itemsAt(item, 'headers').flatMap((header) => stringAt(header.item, 'name') ?? []),
        ),
      );
      const sent = new Map(Object.entries(each.request.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
      const headers = new Map([...named.map((name): readonly [string, string] => [name.toLowerCase(), '']), ...sent]);
      const [taken] = matchingRoutes(routes, {
        path: each.request.path ?? '/',
        method: each.request.method ?? 'GET',
        host: each.request.host ?? 'example.com',
        headers,
        claims: new Map(),
      });
      expect(versionOf(backendOf(taken?.route))).toBe(versionOf(each.expected.backend?.name));
    },
  );
});
