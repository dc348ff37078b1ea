/**
 * What AuthorizationPolicies make of requests.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/
 */
import { describe, expect, it } from 'vitest';
import { targetWorkloads } from '../../src/gather/target-workloads.ts';
import { authorize } from '../../src/mesh/istio/authz/index.ts';
import { pathFits, policyPath, principalFits } from '../../src/mesh/istio/authz/text-match.ts';
import type { AuthzRequest, Verdict } from '../../src/model/authz.ts';
import { setFrom } from '../builders.ts';

const WORKLOAD = `
apiVersion: v1
kind: Namespace
metadata: {name: shop, labels: {istio-injection: enabled}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: cart, namespace: shop}
spec:
  selector: {matchLabels: {app: cart}}
  template:
    metadata: {labels: {app: cart}}
    spec: {serviceAccountName: cart, containers: [{name: cart, image: cart, ports: [{containerPort: 8080}]}]}
---
apiVersion: v1
kind: Service
metadata: {name: cart, namespace: shop}
spec: {selector: {app: cart}, ports: [{name: http, port: 80, targetPort: 8080}]}
`;

const policy = (name: string, spec: string, more = 'namespace: shop'): string =>
  `---\napiVersion: security.istio.io/v1\nkind: AuthorizationPolicy\nmetadata: {name: ${name}, ${more}}\nspec: ${spec}\n`;

const client = (namespace: string, serviceAccount: string): NonNullable<AuthzRequest['from']> => ({
  namespace,
  serviceAccount,
  title: `${namespace}/${serviceAccount}`,
});

const WEB = client('shop', 'web');

interface Asked extends Partial<Omit<AuthzRequest, 'headers' | 'claims'>> {
  readonly headers?: Readonly<Record<string, string>>;
  readonly claims?: Readonly<Record<string, readonly string[]>>;
}

async function verdictOf(yaml: string, { headers = {}, claims = {}, ...asked }: Asked, base = WORKLOAD): Promise<Verdict> {
  const set = setFrom(base + yaml);
  const request: AuthzRequest = { ...asked, headers: new Map(Object.entries(headers)), claims: new Map(Object.entries(claims)) };
  const { verdict } = await authorize(targetWorkloads('deploy/cart', 'shop', set), set, { request, facts: undefined });
  if (!verdict) throw new Error('no verdict');
  return verdict;
}

const is = async (yaml: string, asked: Asked, base?: string): Promise<string> => (await verdictOf(yaml, asked, base)).is;

const FULL: Asked = {
  from: WEB,
  fromIp: '10.0.0.7',
  remoteIp: '1.2.3.4',
  port: 8080,
  method: 'GET',
  path: '/items/1?x=2',
  host: 'Cart.shop',
  requestPrincipal: 'none',
};

describe('the order of policies', () => {
  it.each([
    ['no policy', '', 'allowed'],
    ['an empty policy allows nothing', policy('none', '{}'), 'denied'],
    ['a rule without conditions allows all', policy('all', '{rules: [{}]}'), 'allowed'],
    [
      'one that denies goes before one that allows',
      policy('all', '{rules: [{}]}') + policy('stop', '{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}'),
      'denied',
    ],
    [
      'one that denies something else leaves the rest',
      policy('stop', '{action: DENY, rules: [{to: [{operation: {methods: [POST]}}]}]}'),
      'allowed',
    ],
    ['AUDIT decides nothing', policy('audit', '{action: AUDIT, rules: [{}]}'), 'allowed'],
    [
      'on trial a policy decides nothing',
      policy('try', '{action: DENY, rules: [{}]}', 'namespace: shop, annotations: {istio.io/dry-run: "true"}'),
      'allowed',
    ],
    [
      'what is no boolean leaves the policy in force',
      policy('try', '{action: DENY, rules: [{}]}', 'namespace: shop, annotations: {istio.io/dry-run: "yes"}'),
      'denied',
    ],
    ['a service outside is asked', policy('ext', '{action: CUSTOM, provider: {name: opa}, rules: [{}]}'), 'asks'],
    [
      'and not where another policy denies',
      policy('ext', '{action: CUSTOM, provider: {name: opa}, rules: [{}]}') + policy('none', '{}'),
      'denied',
    ],
    ['the mesh-wide policy counts', policy('none', '{}', 'namespace: istio-system'), 'denied'],
    ['one of another namespace does not', policy('none', '{}', 'namespace: web'), 'allowed'],
    ['one that selects other pods does not', policy('other', '{selector: {matchLabels: {app: web}}}'), 'allowed'],
    ['the root namespace selects everywhere', policy('own', '{selector: {matchLabels: {app: cart}}}', 'namespace: istio-system'), 'denied'],
    [
      'sidecars pass over policies for gateways',
      policy('ref', '{targetRefs: [{kind: Gateway, group: gateway.networking.k8s.io, name: cart}]}'),
      'allowed',
    ],
  ])('%s', async (_name, yaml, expected) => {
    expect(await is(yaml, FULL)).toBe(expected);
  });
});

const allow = (rule: string): string => policy('rule', `{rules: [${rule}]}`);
const from = (source: string): string => allow(`{from: [{source: ${source}}]}`);
const to = (operation: string): string => allow(`{to: [{operation: ${operation}}]}`);
const when = (condition: string): string => allow(`{when: [${condition}]}`);

describe('sources', () => {
  it.each([
    ['{principals: [cluster.local/ns/shop/sa/web]}', WEB, 'allowed'],
    ['{principals: [cluster.local/ns/shop/sa/cart]}', WEB, 'denied'],
    ['{principals: ["cluster.local/ns/shop/*"]}', WEB, 'allowed'],
    ['{principals: ["*/sa/web"]}', WEB, 'allowed'],
    ['{principals: ["*"]}', WEB, 'allowed'],
    ['{principals: ["*"]}', 'none', 'denied'],
    ['{principals: ["spiffe://cluster.local/ns/shop/sa/web"]}', WEB, 'denied'],
    ['{notPrincipals: [cluster.local/ns/shop/sa/web]}', WEB, 'denied'],
    ['{notPrincipals: [cluster.local/ns/shop/sa/web]}', 'none', 'allowed'],
    ['{namespaces: [shop]}', WEB, 'allowed'],
    ['{namespaces: ["sh*"]}', WEB, 'allowed'],
    ['{namespaces: ["*op"]}', WEB, 'allowed'],
    ['{namespaces: [web]}', WEB, 'denied'],
    ['{notNamespaces: [shop]}', WEB, 'denied'],
    ['{serviceAccounts: [web]}', WEB, 'allowed'],
    ['{serviceAccounts: [shop/web]}', WEB, 'allowed'],
    ['{serviceAccounts: [web]}', client('other', 'web'), 'denied'],
    ['{ipBlocks: [10.0.0.0/24]}', WEB, 'allowed'],
    ['{ipBlocks: [10.0.0.7]}', WEB, 'allowed'],
    ['{ipBlocks: [10.1.0.0/24]}', WEB, 'denied'],
    ['{notIpBlocks: [10.0.0.0/8]}', WEB, 'denied'],
    ['{remoteIpBlocks: [1.2.3.0/24]}', WEB, 'allowed'],
    ['{namespaces: [shop], ipBlocks: [10.1.0.0/24]}', WEB, 'denied'],
  ])('%s', async (source, asker, expected) => {
    expect(await is(from(source), { ...FULL, from: asker as Asked['from'] })).toBe(expected);
  });

  it('are alternatives of each other', async () => {
    expect(await is(allow('{from: [{source: {namespaces: [web]}}, {source: {namespaces: [shop]}}]}'), FULL)).toBe('allowed');
  });

  it('take the aliases of the trust domain for one', async () => {
    const mesh =
      '---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: "trustDomain: new.example\\ntrustDomainAliases: [old.example]"}\n';
    expect(await is(mesh + from('{principals: [old.example/ns/shop/sa/web]}'), FULL)).toBe('allowed');
    expect(await is(mesh + from('{principals: [cluster.local/ns/shop/sa/web]}'), FULL)).toBe('allowed');
    expect(await is(mesh + from('{principals: [other.example/ns/shop/sa/web]}'), FULL)).toBe('denied');
  });
});

describe('operations', () => {
  it.each([
    ['{methods: [GET]}', 'allowed'],
    ['{methods: ["G*"]}', 'allowed'],
    ['{methods: [get]}', 'denied'],
    ['{notMethods: [GET]}', 'denied'],
    ['{paths: [/items/1]}', 'allowed'],
    ['{paths: ["/items/*"]}', 'allowed'],
    ['{paths: ["/items/{*}"]}', 'allowed'],
    ['{paths: ["/{**}"]}', 'allowed'],
    ['{paths: [/items]}', 'denied'],
    ['{notPaths: ["/items*"]}', 'denied'],
    ['{hosts: [cart.SHOP]}', 'allowed'],
    ['{hosts: ["*.shop"]}', 'allowed'],
    ['{hosts: ["cart.shop:80"]}', 'denied'],
    ['{ports: ["8080"]}', 'allowed'],
    ['{ports: ["80"]}', 'denied'],
    ['{notPorts: ["8080"]}', 'denied'],
    ['{methods: [GET], paths: [/other]}', 'denied'],
  ])('%s', async (operation, expected) => {
    expect(await is(to(operation), FULL)).toBe(expected);
  });
});

const TOKENS = `---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: {name: tokens, namespace: shop}
spec: {jwtRules: [{issuer: "https://issuer.example"}]}
`;

describe('conditions', () => {
  it.each([
    ['{key: "request.headers[x-team]", values: [red]}', { headers: { 'x-team': 'red' } }, 'allowed'],
    ['{key: "request.headers[X-Team]", values: ["r*"]}', { headers: { 'x-team': 'red' } }, 'allowed'],
    ['{key: "request.headers[x-team]", values: ["*"]}', { headers: { 'x-team': '' } }, 'denied'],
    ['{key: "request.headers[x-team]", notValues: [red]}', { headers: { 'x-team': '' } }, 'allowed'],
    ['{key: "request.headers[x-team]", notValues: [red]}', { headers: { 'x-team': 'red' } }, 'denied'],
    ['{key: "request.headers[x-team]", values: [red]}', {}, 'depends'],
    ['{key: source.namespace, values: [shop]}', {}, 'allowed'],
    ['{key: source.principal, notValues: [cluster.local/ns/shop/sa/web]}', {}, 'denied'],
    ['{key: destination.port, values: ["8080"]}', {}, 'allowed'],
    ['{key: source.ip, values: [10.0.0.0/8]}', {}, 'allowed'],
    ['{key: connection.sni, values: ["*.example"]}', { sni: 'a.example' }, 'allowed'],
    ['{key: connection.sni, values: ["*.example"]}', {}, 'depends'],
  ])('%s', async (condition, more, expected) => {
    expect(await is(when(condition), { ...FULL, ...more } as Asked)).toBe(expected);
  });
});

describe('tokens', () => {
  const alice = { requestPrincipal: 'https://issuer.example/alice' };
  it.each([
    ['a principal', from('{requestPrincipals: ["https://issuer.example/alice"]}'), alice, 'allowed'],
    ['a principal by its issuer', from('{requestPrincipals: ["https://issuer.example/*"]}'), alice, 'allowed'],
    ['another principal', from('{requestPrincipals: ["https://issuer.example/bob"]}'), alice, 'denied'],
    ['any principal', from('{requestPrincipals: ["*"]}'), { requestPrincipal: 'none' }, 'denied'],
    [
      'no principal',
      policy('stop', '{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}'),
      { requestPrincipal: 'none' },
      'denied',
    ],
    [
      'a principal where nobody asks for none',
      policy('stop', '{action: DENY, rules: [{from: [{source: {notRequestPrincipals: ["*"]}}]}]}'),
      alice,
      'allowed',
    ],
    [
      'a claim',
      when('{key: "request.auth.claims[groups]", values: [admin]}'),
      { ...alice, claims: { groups: ['dev', 'admin'] } },
      'allowed',
    ],
    [
      'a nested claim',
      when('{key: "request.auth.claims[realm][role]", values: [admin]}'),
      { ...alice, claims: { 'realm.role': ['admin'] } },
      'allowed',
    ],
    ['the issuer', when('{key: "request.auth.claims[iss]", values: ["https://issuer.example"]}'), alice, 'allowed'],
    ['an audience', when('{key: request.auth.audiences, values: [cart]}'), { ...alice, claims: { aud: ['cart'] } }, 'allowed'],
    ['a claim that was not told', when('{key: "request.auth.claims[groups]", values: [admin]}'), alice, 'depends'],
    ['a token that was not told', from('{requestPrincipals: ["*"]}'), { requestPrincipal: undefined }, 'depends'],
    ['a token of an issuer that is not known', '', { requestPrincipal: 'https://other.example/alice' }, 'denied'],
  ])('%s', async (_name, yaml, more, expected) => {
    expect(await is(TOKENS + yaml, { ...FULL, ...more } as Asked)).toBe(expected);
  });

  it('count for nothing where no RequestAuthentication reads them', async () => {
    const { is: decision, nearest } = await verdictOf(from('{requestPrincipals: ["*"]}'), { ...FULL, ...alice });
    expect(decision).toBe('denied');
    expect(nearest[0]?.conditions[0]?.because).toContain('no token that is read');
  });
});

const TCP = WORKLOAD.replace('{name: http, port: 80', '{name: tcp-db, port: 80');

describe('ports of TCP', () => {
  it('leave out rules that allow by what only HTTP has', async () => {
    expect(await is(allow('{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [GET]}}]}'), FULL, TCP)).toBe('denied');
  });

  it('take rules that deny without what only HTTP has', async () => {
    const denies = policy(
      'stop',
      '{action: DENY, rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [POST]}}]}]}',
    );
    expect(await is(denies, FULL, TCP)).toBe('denied');
    expect(await is(denies, { ...FULL, from: client('web', 'web') }, TCP)).toBe('allowed');
    expect(await is(denies, FULL)).toBe('allowed');
  });
});

const peer = (mode: string, more = ''): string =>
  `---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata: {name: mode, namespace: shop}\nspec: {mtls: {mode: ${mode}}${more}}\n`;

describe('mutual TLS', () => {
  it('refuses plain text before any policy where it is demanded', async () => {
    const { is: decision, by } = await verdictOf(peer('STRICT'), { ...FULL, from: 'none' });
    expect(decision).toBe('denied');
    expect(by?.policy).toEqual({ kind: 'PeerAuthentication', namespace: 'shop', name: 'mode' });
    expect(await is(peer('PERMISSIVE'), { ...FULL, from: 'none' })).toBe('allowed');
  });

  it('is a matter of the port where that is set apart', async () => {
    const apart = peer('STRICT', ', selector: {matchLabels: {app: cart}}, portLevelMtls: {"8080": {mode: PERMISSIVE}}');
    expect(await is(apart, { ...FULL, from: 'none' })).toBe('allowed');
    expect(await is(apart, { ...FULL, from: 'none', port: 9090 })).toBe('denied');
  });

  it('leaves no identity where it is switched off', async () => {
    expect(await is(peer('DISABLE') + from('{principals: ["*"]}'), FULL)).toBe('denied');
  });

  it('means nothing to a port that bypasses the sidecar', async () => {
    const base = WORKLOAD.replace(
      'labels: {app: cart}}\n    spec',
      'labels: {app: cart}, annotations: {traffic.sidecar.istio.io/excludeInboundPorts: "8080"}}\n    spec',
    );
    expect(await is(peer('STRICT') + policy('none', '{}'), { ...FULL, from: 'none' }, base)).toBe('allowed');
  });
});

const AMBIENT = WORKLOAD.replace('istio-injection: enabled', 'istio.io/dataplane-mode: ambient');
const WAYPOINT = `---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: {name: waypoint, namespace: shop}
spec: {gatewayClassName: istio-waypoint}
`;

describe('ambient mode', () => {
  it.each([
    ['connections are judged by ztunnel', from('{namespaces: [shop]}'), 'allowed'],
    [
      'a rule that allows by methods allows nothing',
      allow('{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [GET]}}]}'),
      'denied',
    ],
    [
      'a rule that denies loses its methods',
      policy('stop', '{action: DENY, rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [POST]}}]}]}'),
      'denied',
    ],
    [
      'a rule that denies by methods alone has no effect',
      policy('stop', '{action: DENY, rules: [{to: [{operation: {methods: [GET]}}]}]}'),
      'allowed',
    ],
    ['other actions are passed over', policy('ext', '{action: CUSTOM, provider: {name: opa}, rules: [{}]}'), 'allowed'],
  ])('%s', async (_name, yaml, expected) => {
    expect(await is(yaml, FULL, AMBIENT)).toBe(expected);
  });

  const used = AMBIENT.replace('ambient}', 'ambient, istio.io/use-waypoint: waypoint}') + WAYPOINT;
  const byService = (action: string, method: string): string =>
    policy(
      'svc',
      `{action: ${action}, targetRefs: [{kind: Service, group: "", name: cart}], rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [${method}]}}]}]}`,
    );

  it('has the waypoint judge requests for its services', async () => {
    expect(await is(byService('ALLOW', 'GET'), FULL, used)).toBe('allowed');
    expect(await is(byService('ALLOW', 'POST'), FULL, used)).toBe('denied');
    expect(await is(byService('DENY', 'GET'), FULL, used)).toBe('denied');
    expect(await is(byService('DENY', 'GET'), FULL, AMBIENT)).toBe('allowed');
  });

  it('shows ztunnel the identity of the waypoint', async () => {
    const mine = from('{principals: [cluster.local/ns/shop/sa/web]}');
    expect(await is(mine, FULL, used)).toBe('denied');
    expect(await is(from('{principals: [cluster.local/ns/shop/sa/waypoint]}'), FULL, used)).toBe('allowed');
    expect(await is(mine, FULL, AMBIENT)).toBe('allowed');
  });
});

describe('what was not told', () => {
  const rules = policy('a', '{rules: [{from: [{source: {namespaces: [shop]}}], to: [{operation: {methods: [GET]}}]}]}');

  it('decides only where it matters', async () => {
    const open = await verdictOf(rules, { from: WEB });
    expect([open.is, open.options]).toEqual(['depends', ['--method']]);
    expect(await is(rules, { from: client('web', 'web') })).toBe('denied');
    expect(await is(rules, { method: 'POST' })).toBe('denied');
    expect((await verdictOf(rules, {})).options).toEqual(['--from', '--method']);
  });

  it('may let a rule that denies match', async () => {
    const denies = policy('b', '{action: DENY, rules: [{to: [{operation: {paths: ["/admin*"]}}]}]}');
    expect((await verdictOf(rules + denies, { from: WEB, method: 'GET' })).options).toEqual(['--path']);
    expect(await is(rules + denies, { from: WEB, method: 'POST' })).toBe('denied');
  });

  it('is told with what came nearest', async () => {
    const { nearest } = await verdictOf(rules, { from: WEB, method: 'POST' });
    expect(nearest).toMatchObject([{ rule: 1, conditions: [{ field: 'to.operation.methods', because: '"POST" is not "GET"' }] }]);
  });
});

describe('paths', () => {
  it.each([
    ['/foo/{*}', '/foo/bar', true],
    ['/foo/{*}', '/foo/bar/baz', false],
    ['/foo/{**}/', '/foo/bar/baz.txt/', true],
    ['/foo/{**}/', '/foo//', true],
    ['/foo/{**}/', '/foo/bar', false],
    ['/foo/{*}/bar/{**}', '/foo/buzz/bar/', true],
    ['/foo/{*}/bar/{**}', '/foo/bar/baz', false],
    ['/foo.txt', '/fooxtxt', false],
  ])('%s and %s', (pattern, path, fits) => {
    expect(pathFits(pattern, path)).toBe(fits);
  });

  it.each([
    ['/a/../b', 'BASE', '/b'],
    ['/a/./b', 'BASE', '/a/b'],
    ['/a\\b', 'BASE', '/a/b'],
    ['/a//b', 'BASE', '/a//b'],
    ['/a//b', 'MERGE_SLASHES', '/a/b'],
    ['/a%2Fb', 'MERGE_SLASHES', '/a%2Fb'],
    ['/a%2Fb', 'DECODE_AND_MERGE_SLASHES', '/a/b'],
    ['/a/../b', 'NONE', '/a/../b'],
    ['/a?b#c', 'NONE', '/a'],
  ] as const)('%s is seen with %s as %s', (written, normalization, seen) => {
    expect(policyPath(written, normalization)).toBe(seen);
  });

  it('principals are compared as certificates have them', () => {
    expect(principalFits('*', '')).toBe(false);
    expect(principalFits('cluster.local/*', 'spiffe://cluster.local/ns/a/sa/b')).toBe(true);
    expect(principalFits('*://cluster.local/ns/a/sa/b', 'spiffe://cluster.local/ns/a/sa/b')).toBe(true);
  });
});

describe('what clients send', () => {
  const plain = (namespace: string): string =>
    `---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: cart, namespace: ${namespace}}\nspec: {host: cart.shop.svc.cluster.local, trafficPolicy: {tls: {mode: DISABLE}}}\n`;

  it('shows no identity where a DestinationRule has them send plain text', async () => {
    expect(await is(plain('shop') + peer('STRICT'), FULL)).toBe('denied');
    expect((await verdictOf(plain('shop') + peer('STRICT'), FULL)).because).toContain('DestinationRule shop/cart has it send plain text');
    expect(await is(plain('shop') + from('{principals: ["*"]}'), FULL)).toBe('denied');
    expect(await is(plain('web') + from('{principals: ["*"]}'), FULL)).toBe('allowed');
  });
});

describe('services outside', () => {
  const mesh = (providers: string): string =>
    `---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: istio, namespace: istio-system}\ndata: {mesh: "extensionProviders: [${providers}]"}\n`;
  const asking = policy('ext', '{action: CUSTOM, provider: {name: opa}, rules: [{to: [{operation: {paths: ["/items*"]}}]}]}');

  it('deny what they would be asked about where the mesh does not know them', async () => {
    expect(await is(mesh('{name: opa, envoyExtAuthzHttp: {port: 80}}') + asking, FULL)).toBe('asks');
    expect(await is(mesh('') + asking, FULL)).toBe('denied');
    expect(await is(mesh('') + asking, { ...FULL, path: '/other' })).toBe('allowed');
  });
});
