/**
 * What Servers, routes and authorizations of Linkerd make of requests.
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, vi } from 'vitest';
import { targetWorkloads } from '../../src/gather/target-workloads.ts';
import { authorize } from '../../src/mesh/linkerd/policy/index.ts';
import type { AuthzRequest, Verdict } from '../../src/model/authz.ts';
import type { Scenario } from '../../src/sandbox/scenarios/_scenario.ts';
import { emojivoto } from '../../src/sandbox/scenarios/emojivoto.ts';
import type { KubeObject } from '../../src/sandbox/store/object.ts';
import { resourcesFrom, setFrom } from '../builders.ts';
import { ask, within } from '../describe/asked.ts';

// Sandboxes, proxies and whole commands share few processors with other tests.
vi.setConfig({ testTimeout: 60_000 });

const home = (annotations = ''): string => `
apiVersion: v1
kind: Namespace
metadata: {name: shop, annotations: {linkerd.io/inject: enabled${annotations}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{name: http, containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: http}]}
`;

const object = (kind: string, name: string, spec: string, group = 'policy.linkerd.io/v1'): string =>
  `---\napiVersion: ${group}\nkind: ${kind}\nmetadata: {name: ${name}, namespace: shop}\nspec: ${spec}\n`;

const server = (more = '', name = 'cart'): string => object('Server', name, `{podSelector: {matchLabels: {app: cart}}, port: http${more}}`);
const policy = (required: string, target = '{group: policy.linkerd.io, kind: Server, name: cart}', name = 'policy'): string =>
  object('AuthorizationPolicy', name, `{targetRef: ${target}, requiredAuthenticationRefs: [${required}]}`);
const meshTls = (spec: string): string => object('MeshTLSAuthentication', 'clients', spec);
const networks = (list: string): string => object('NetworkAuthentication', 'near', `{networks: [${list}]}`);
const CLIENTS = '{group: policy.linkerd.io, kind: MeshTLSAuthentication, name: clients}';
const NEAR = '{group: policy.linkerd.io, kind: NetworkAuthentication, name: near}';

const client = (namespace: string, serviceAccount: string): NonNullable<AuthzRequest['from']> => ({
  namespace,
  serviceAccount,
  title: 'it',
});
const FULL: Partial<AuthzRequest> = { from: client('shop', 'web'), fromIp: '10.0.0.7', port: 8080, method: 'GET', path: '/items/1' };

async function verdictOf(yaml: string, asked: Partial<AuthzRequest> = FULL, base = home()): Promise<Verdict> {
  const set = setFrom(base + yaml);
  const request: AuthzRequest = { headers: new Map(), claims: new Map(), ...asked };
  const { verdict } = await authorize(targetWorkloads('deploy/cart', 'shop', set), set, { request, facts: undefined });
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

const is = async (yaml: string, asked?: Partial<AuthzRequest>, base?: string): Promise<string> => (await verdictOf(yaml, asked, base)).is;

describe('default policies', () => {
  it.each([
    ['all-unauthenticated', 'none', '1.2.3.4', 'allowed'],
    ['all-authenticated', FULL.from, '1.2.3.4', 'allowed'],
    ['all-authenticated', 'none', '10.0.0.7', 'denied'],
    ['cluster-unauthenticated', 'none', '10.0.0.7', 'allowed'],
    ['cluster-unauthenticated', 'none', '1.2.3.4', 'denied'],
    ['cluster-authenticated', FULL.from, '10.0.0.7', 'allowed'],
    ['cluster-authenticated', FULL.from, '1.2.3.4', 'denied'],
    ['cluster-authenticated', FULL.from, undefined, 'depends'],
    ['deny', FULL.from, '10.0.0.7', 'denied'],
    ['audit', 'none', '1.2.3.4', 'allowed'],
    ['nonsense', 'none', '1.2.3.4', 'allowed'],
  ] as const)('%s: %o from %s is %s', async (standard, from, fromIp, expected) => {
    const base = home(`, config.linkerd.io/default-inbound-policy: ${standard}`);
    expect(await is('', { ...FULL, from, fromIp }, base)).toBe(expected);
  });

  it('give way to a Server', async () => {
    expect(await is(server())).toBe('denied');
    expect(await is(server(', accessPolicy: all-unauthenticated'))).toBe('allowed');
    expect(await is(server(', accessPolicy: audit'), { ...FULL, from: 'none' })).toBe('allowed');
    expect(await is(server(), { ...FULL, port: 9090 })).toBe('allowed');
  });

  it('mean nothing to ports that bypass the proxy', async () => {
    const base = home().replace(
      'labels: {app: cart}}\n    spec',
      'labels: {app: cart}, annotations: {config.linkerd.io/skip-inbound-ports: "8000-9000"}}\n    spec',
    );
    expect(await is(server(), { ...FULL, from: 'none' }, base)).toBe('allowed');
  });
});

describe('authorizations', () => {
  it.each([
    ['an identity in full', meshTls('{identities: [web.shop.serviceaccount.identity.linkerd.cluster.local]}'), CLIENTS, 'allowed'],
    ['a part of the identity', meshTls('{identities: ["*.shop.serviceaccount.identity.linkerd.cluster.local"]}'), CLIENTS, 'allowed'],
    ['a star elsewhere means itself', meshTls('{identities: ["web.*.serviceaccount.identity.linkerd.cluster.local"]}'), CLIENTS, 'denied'],
    ['any identity', meshTls('{identities: ["*"]}'), CLIENTS, 'allowed'],
    ['another identity', meshTls('{identities: [api.shop.serviceaccount.identity.linkerd.cluster.local]}'), CLIENTS, 'denied'],
    ['a service account', meshTls('{identityRefs: [{kind: ServiceAccount, name: web}]}'), CLIENTS, 'allowed'],
    [
      'a service account of another namespace',
      meshTls('{identityRefs: [{kind: ServiceAccount, name: web, namespace: web}]}'),
      CLIENTS,
      'denied',
    ],
    ['a namespace', meshTls('{identityRefs: [{kind: Namespace, name: shop}]}'), CLIENTS, 'allowed'],
    ['its own namespace', meshTls('{identityRefs: [{kind: Namespace}]}'), CLIENTS, 'allowed'],
    ['a service account directly', '', '{kind: ServiceAccount, name: web}', 'allowed'],
    ['a network', networks('{cidr: 10.0.0.0/8}'), NEAR, 'allowed'],
    ['an exception of a network', networks('{cidr: 10.0.0.0/8, except: [10.0.0.0/24]}'), NEAR, 'denied'],
    ['identity and network', meshTls('{identities: ["*"]}') + networks('{cidr: 192.168.0.0/16}'), `${CLIENTS}, ${NEAR}`, 'denied'],
    ['nothing required', '', '', 'allowed'],
    ['something that does not exist', '', CLIENTS, 'denied'],
  ])('%s', async (_name, yaml, required, expected) => {
    expect(await is(server() + yaml + policy(required))).toBe(expected);
  });

  it('hold for the namespace, and not for other Servers', async () => {
    expect(await is(server() + policy('', '{kind: Namespace, name: shop}'))).toBe('allowed');
    expect(await is(server() + policy('', '{group: policy.linkerd.io, kind: Server, name: other}'))).toBe('denied');
    expect(await is(server() + policy('', '{kind: Service, name: cart}'))).toBe('denied');
  });

  it.each([
    ['{server: {name: cart}, client: {unauthenticated: true}}', 'none', 'allowed'],
    ['{server: {selector: {matchLabels: {}}}, client: {unauthenticated: true}}', 'none', 'allowed'],
    ['{server: {name: cart}, client: {meshTLS: {unauthenticatedTLS: true}}}', FULL.from, 'allowed'],
    ['{server: {name: cart}, client: {meshTLS: {serviceAccounts: [{name: web}]}}}', FULL.from, 'allowed'],
    ['{server: {name: cart}, client: {meshTLS: {serviceAccounts: [{name: api}]}}}', FULL.from, 'denied'],
    ['{server: {name: cart}, client: {networks: [{cidr: 1.0.0.0/8}], unauthenticated: true}}', FULL.from, 'denied'],
    ['{server: {name: cart}, client: {}}', FULL.from, 'denied'],
    ['{server: {name: other}, client: {unauthenticated: true}}', FULL.from, 'denied'],
  ] as const)('ServerAuthorization %s for %o is %s', async (spec, from, expected) => {
    expect(await is(server() + object('ServerAuthorization', 'older', spec), { ...FULL, from })).toBe(expected);
  });

  it('are those of the oldest Server of a port', async () => {
    const aged = (name: string, at: string): string =>
      server('', name).replace('namespace: shop}', `namespace: shop, creationTimestamp: "${at}"}`);
    const both = aged('zz', '2026-01-01T00:00:00Z') + aged('cart', '2026-02-01T00:00:00Z') + policy('');
    expect(await is(both)).toBe('denied');
    expect(await is(both.replace('2026-01-01', '2026-03-01'))).toBe('allowed');
  });
});

const route = (name: string, path: string, more = ''): string =>
  object(
    'HTTPRoute',
    name,
    `{parentRefs: [{group: policy.linkerd.io, kind: Server, name: cart}], rules: [{matches: [{path: {type: PathPrefix, value: ${path}}${more}}]}]}`,
    'policy.linkerd.io/v1beta3',
  );
const ofRoute = (name: string, group = 'policy.linkerd.io'): string =>
  policy('', `{group: ${group}, kind: HTTPRoute, name: ${name}}`, `for-${name}`);

describe('routes', () => {
  it.each([
    ['a route with a policy of its own', route('items', '/items') + ofRoute('items'), '/items/1', 'allowed'],
    ['a route without any', route('items', '/items'), '/items/1', 'denied'],
    ['a route under the policy of the Server', route('items', '/items') + policy(''), '/items/1', 'allowed'],
    ['no route takes it', route('items', '/items') + policy(''), '/other', 'denied'],
    ['a prefix ends at a slash', route('items', '/items') + policy(''), '/itemsx', 'denied'],
    ['the longer path decides', route('all', '/') + route('items', '/items') + ofRoute('all'), '/items/1', 'denied'],
    ['the path was not told', route('items', '/items') + policy(''), undefined, 'depends'],
    ['a method does not fit', route('items', '/items', ', method: POST') + policy(''), '/items/1', 'denied'],
  ])('%s', async (_name, yaml, path, expected) => {
    expect(await is(server() + yaml, { ...FULL, path })).toBe(expected);
  });

  it('of the Gateway API count no less', async () => {
    const gateway = route('items', '/items').replace('policy.linkerd.io/v1beta3', 'gateway.networking.k8s.io/v1');
    expect(await is(server() + gateway + ofRoute('items', 'gateway.networking.k8s.io'))).toBe('allowed');
    expect(await is(server() + gateway + ofRoute('items'))).toBe('denied');
  });

  it('mean nothing to opaque ports', async () => {
    expect(await is(server(', proxyProtocol: opaque') + route('items', '/items') + policy(''), { ...FULL, path: '/other' })).toBe(
      'allowed',
    );
  });
});

const APPLIED = `
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: {name: voting, namespace: emojivoto}
spec: {podSelector: {matchLabels: {app: voting-svc}}, port: grpc, proxyProtocol: gRPC}
---
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: {name: voting, namespace: emojivoto}
spec:
  targetRef: {group: policy.linkerd.io, kind: Server, name: voting}
  requiredAuthenticationRefs: [{kind: ServiceAccount, name: web}]
`;

const withServer: Scenario = {
  ...emojivoto,
  options: () => {
    const options = emojivoto.options();
    return {
      ...options,
      objects: [...(options.objects ?? []), ...resourcesFrom(APPLIED).map(({ body }) => body as unknown as KubeObject)],
    };
  },
};

describe('authz of a live mesh', () => {
  it('goes by the policy that pods were injected with, and by Servers', async () => {
    const schema = JSON.parse(readFileSync(new URL('../../schemas/output/authz-report.json', import.meta.url), 'utf8'));
    const isValid = new Ajv2020({ allErrors: true, validateFormats: false }).compile(schema);
    await within(withServer, async (of) => {
      const authz = (args: string): ReturnType<typeof ask> => ask(['authz', ...args.split(' ')], of);
      expect((await authz('deploy/web -n emojivoto')).out).toMatch(/^ALLOW +all-unauthenticated +port 8080 +linkerd-proxy +1$/m);
      expect((await authz('svc/voting-svc -n emojivoto --port 8080 --from deploy/web')).out).toMatch(
        /^allowed {2}AuthorizationPolicy emojivoto\/voting/m,
      );
      const denied = await authz('svc/voting-svc -n emojivoto --port 8080 --from deploy/emoji --fail-on denied');
      expect([denied.exit, denied.out]).toEqual([1, expect.stringMatching(/^denied /m)]);
      expect((await authz('svc/voting-svc -n emojivoto --from deploy/emoji')).out).toMatch(
        /^depends .*port 8080: denied, port 8801: allowed/m,
      );
      const document = JSON.parse((await authz('svc/voting-svc -n emojivoto --from deploy/emoji -o json')).out);
      expect(isValid(document), JSON.stringify(isValid.errors)).toBe(true);
      const described = await ask(['describe', 'svc/voting-svc', '-n', 'emojivoto'], of);
      expect(described.out).toMatch(
        /^ {2}Server emojivoto\/voting {2}port 8080: denies what nothing authorizes\n {4}AuthorizationPolicy emojivoto\/voting: service account emojivoto\/web$/m,
      );
    });
  });
});
