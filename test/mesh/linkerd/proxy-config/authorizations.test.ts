/** Who may come in, by the objects: cases of the policy controller's own tests, and of its documentation. */
import { describe, expect, it } from 'vitest';
import { type PodDefaults, type PortPolicy, portPolicies } from '../../../../src/mesh/linkerd/proxy-config/authorizations.ts';
import { clientsText } from '../../../../src/mesh/linkerd/proxy-config/clients.ts';
import { resourcesFrom } from '../../../builders.ts';

const POD = `
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop, labels: { app: web } }
spec:
  containers:
    - name: web
      ports: [{ name: http, containerPort: 8080 }, { name: db, containerPort: 5432 }, { name: dns, containerPort: 53, protocol: UDP }]
      livenessProbe: { httpGet: { path: /live?x=1, port: http } }
    - name: linkerd-proxy
      ports: [{ name: linkerd-admin, containerPort: 4191 }]
`;
const SERVER = `
apiVersion: policy.linkerd.io/v1beta3
kind: Server
metadata: { name: web, namespace: shop, labels: { of: web }, creationTimestamp: "2026-01-02T00:00:00Z" }
spec: { podSelector: { matchLabels: { app: web } }, port: http, proxyProtocol: HTTP/1 }
`;
const policy = (target: string, required: string): string => `
apiVersion: policy.linkerd.io/v1alpha1
kind: AuthorizationPolicy
metadata: { name: allow, namespace: shop }
spec: { targetRef: ${target}, requiredAuthenticationRefs: [${required}] }
`;
const OF_SERVER = '{ group: policy.linkerd.io, kind: Server, name: web }';

const NAMES = { suffix: 'linkerd.cluster.local' };
const DEFAULTS: PodDefaults = { ...NAMES, policy: 'all-unauthenticated', opaquePorts: '5432', clusterNetworks: ['10.0.0.0/8'], seen: [] };

function policiesOf(yaml: string, pod = POD): readonly PortPolicy[] {
  const [own] = resourcesFrom(pod);
  const all = resourcesFrom(yaml === '' ? 'apiVersion: v1\nkind: Namespace\nmetadata: { name: shop }\n' : yaml);
  const of = (kind: string) => all.filter((each) => each.kind.endsWith(`/${kind}`));
  if (!own) throw new Error('no pod');
  const objects = {
    servers: of('Server'),
    serverAuthorizations: of('ServerAuthorization'),
    policies: of('AuthorizationPolicy'),
    routes: [...of('HTTPRoute'), ...of('GRPCRoute')],
    rateLimits: of('HTTPLocalRateLimitPolicy'),
    meshTls: of('MeshTLSAuthentication'),
    networks: of('NetworkAuthentication'),
  };
  return portPolicies(own, objects, DEFAULTS);
}

const portOf = (policies: readonly PortPolicy[], port: number): PortPolicy => {
  const found = policies.find((each) => each.port === port);
  if (!found) throw new Error(`no port ${port}`);
  return found;
};

/** `allow: web.shop`, one for each authorization of the port. */
const told = (yaml: string, { port = 8080, pod = POD } = {}): readonly string[] =>
  portOf(policiesOf(yaml, pod), port).authorizations.map(
    (each) =>
      `${each.name}${each.route ? ` on ${each.route.name}` : ''}: ${each.ignored ?? clientsText(each, NAMES)}${each.paths ? ` ${each.paths}` : ''}`,
  );

const annotated = (annotation: string): string =>
  POD.replace('labels: { app: web }', `labels: { app: web }, annotations: { ${annotation} }`);

describe('a port without a Server', () => {
  it('follows the default policy, and lets the probes of the kubelet in', () => {
    expect(told('')).toEqual(['all-unauthenticated: anyone', 'probe: anyone /live']);
    expect(portOf(policiesOf(''), 8080)).toMatchObject({ name: 'http', protocol: 'detected', policy: 'all-unauthenticated' });
  });

  it('is one of the application that speaks TCP', () => {
    expect(policiesOf('').map(({ port }) => port)).toEqual([5432, 8080]);
  });

  it('may be opaque', () => {
    expect(portOf(policiesOf(''), 5432)).toMatchObject({ protocol: 'opaque', authorizations: [{ name: 'all-unauthenticated' }] });
    expect(portOf(policiesOf('', annotated('config.linkerd.io/opaque-ports: http')), 8080).protocol).toBe('opaque');
  });

  it.each([
    ['all-authenticated', ['all-authenticated: anyone in the mesh', 'probe: anyone /live']],
    ['cluster-unauthenticated', ['cluster-unauthenticated: anyone from 10.0.0.0/8', 'probe: anyone /live']],
    ['cluster-authenticated', ['cluster-authenticated: anyone in the mesh from 10.0.0.0/8', 'probe: anyone /live']],
    ['audit', ['audit: anyone', 'probe: anyone /live']],
    ['deny', ['probe: anyone /live']],
    ['nonsense', ['all-unauthenticated: anyone', 'probe: anyone /live']],
  ])('and the annotation %s', (value, expected) => {
    expect(told('', { pod: annotated(`config.linkerd.io/default-inbound-policy: ${value}`) })).toEqual(expected);
  });

  it('asks for identities where the annotation lists it', () => {
    const pod = annotated('config.linkerd.io/proxy-require-identity-inbound-ports: "8080"');
    expect(told('', { pod })).toEqual(['all-authenticated: anyone in the mesh', 'probe: anyone /live']);
    expect(told('', { pod, port: 5432 })).toEqual(['all-unauthenticated: anyone']);
  });
});

describe('a Server', () => {
  it('lets nobody in but probes when nothing is authorized', () => {
    expect(told(SERVER)).toEqual(['probe: anyone /live']);
    expect(portOf(policiesOf(SERVER), 8080)).toMatchObject({
      protocol: 'HTTP/1',
      policy: 'deny',
      server: { namespace: 'shop', name: 'web' },
    });
  });

  it('may have an access policy of its own', () => {
    expect(told(SERVER.replace('port: http', 'port: http, accessPolicy: all-authenticated'))).toEqual([
      'all-authenticated: anyone in the mesh',
      'probe: anyone /live',
    ]);
  });

  it('may be for a port that no container declares', () => {
    expect(told(SERVER.replace('port: http', 'port: 9999'), { port: 9999 })).toEqual([]);
  });

  it('is nothing for pods that it does not select, nor for names that no port has', () => {
    for (const other of [SERVER.replace('{ app: web }', '{ app: other }'), SERVER.replace('port: http', 'port: admin')]) {
      expect(portOf(policiesOf(other), 8080).server).toBeUndefined();
    }
  });

  it('gives way to an older one of the same port', () => {
    const older = SERVER.replace('name: web', 'name: zeta').replace('2026-01-02', '2026-01-01');
    expect(portOf(policiesOf(`${SERVER}---${older}`), 8080).server?.name).toBe('zeta');
    expect(portOf(policiesOf(`${SERVER}---${SERVER.replace('name: web', 'name: alpha')}`), 8080).server?.name).toBe('alpha');
  });
});

const MESH_TLS = `---
apiVersion: policy.linkerd.io/v1alpha1
kind: MeshTLSAuthentication
metadata: { name: friends, namespace: shop }
spec:
  identities: ["*.elsewhere.example"]
  identityRefs: [{ kind: ServiceAccount, name: cart }, { kind: Namespace, name: ops }]
`;
const NETWORK = `---
apiVersion: policy.linkerd.io/v1alpha1
kind: NetworkAuthentication
metadata: { name: office, namespace: nets }
spec: { networks: [{ cidr: 10.1.0.0/16, except: [10.1.2.0/24] }] }
`;
const FRIENDS = '{ group: policy.linkerd.io, kind: MeshTLSAuthentication, name: friends }';
const OFFICE = '{ group: policy.linkerd.io, kind: NetworkAuthentication, name: office, namespace: nets }';

describe('an AuthorizationPolicy', () => {
  it.each([
    ['mesh identities', FRIENDS, 'allow: *.elsewhere.example, cart.shop, *.ops'],
    ['a service account', '{ kind: ServiceAccount, name: cart, namespace: other }', 'allow: cart.other'],
    ['a network', OFFICE, 'allow: anyone from 10.1.0.0/16 except 10.1.2.0/24'],
    ['both', `${FRIENDS}, ${OFFICE}`, 'allow: *.elsewhere.example, cart.shop, *.ops from 10.1.0.0/16 except 10.1.2.0/24'],
    ['nothing at all', '', 'allow: anyone'],
    ['what is not there', FRIENDS.replace('friends', 'gone'), 'allow: there is no MeshTLSAuthentication shop/gone'],
    ['a network that is not there', OFFICE.replace('office', 'gone'), 'allow: there is no NetworkAuthentication nets/gone'],
    ['two identities', `${FRIENDS}, ${FRIENDS}`, 'allow: it requires several identities'],
    ['what is no authentication', '{ kind: Service, name: x }', 'allow: it requires a Service, which is no authentication'],
  ])('may require %s', (_title, required, expected) => {
    expect(told(`${SERVER}---${policy(OF_SERVER, required)}${MESH_TLS}${NETWORK}`)).toEqual([expected, 'probe: anyone /live']);
  });

  it('may be for all Servers of its namespace, whatever group is written', () => {
    for (const target of ['{ kind: Namespace, name: shop }', '{ group: core, kind: Namespace, name: shop }']) {
      expect(told(`${SERVER}---${policy(target, '')}`)).toContain('allow: anyone');
    }
    expect(told(policy('{ kind: Namespace, name: shop }', ''))).toEqual(['all-unauthenticated: anyone', 'probe: anyone /live']);
  });

  it('is nothing for other Servers', () => {
    expect(told(`${SERVER}---${policy(OF_SERVER.replace('name: web', 'name: other'), '')}`)).toEqual(['probe: anyone /live']);
  });
});

const route = (status: string): string => `---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: api, namespace: shop }
spec:
  parentRefs: [{ group: policy.linkerd.io, kind: Server, name: web }]
  rules: [{ matches: [{ path: { value: /api } }] }]
status:
  parents:
    - controllerName: linkerd.io/policy-controller
      parentRef: { group: policy.linkerd.io, kind: Server, name: web }
      conditions: [{ type: Accepted, status: "${status}", reason: Why }]
`;
const ON_ROUTE = policy('{ group: gateway.networking.k8s.io, kind: HTTPRoute, name: api }', '{ kind: ServiceAccount, name: cart }');

describe('a route of a Server', () => {
  it('has authorizations of its own, and takes the place of what is let in without one', () => {
    expect(told(`${SERVER}---${ON_ROUTE}${route('True')}`)).toEqual(['allow on api: cart.shop']);
    expect(portOf(policiesOf(`${SERVER}${route('True')}`), 8080).routes).toEqual([{ kind: 'HTTPRoute', namespace: 'shop', name: 'api' }]);
  });

  it('is nothing before it is accepted', () => {
    expect(told(`${SERVER}---${ON_ROUTE}${route('False')}`)).toEqual(['probe: anyone /live']);
  });

  it('is another one of another group', () => {
    expect(told(`${SERVER}---${ON_ROUTE.replace('gateway.networking.k8s.io', 'policy.linkerd.io')}${route('True')}`)).toEqual([]);
  });
});

const authorization = (server: string, client: string): string => `---
apiVersion: policy.linkerd.io/v1beta1
kind: ServerAuthorization
metadata: { name: old, namespace: shop }
spec: { server: ${server}, client: ${client} }
`;

describe('a ServerAuthorization', () => {
  it.each([
    ['{ unauthenticated: true }', 'old: anyone'],
    ['{ unauthenticated: true, networks: [{ cidr: 10.0.0.0/8 }] }', 'old: anyone from 10.0.0.0/8'],
    ['{ meshTLS: { unauthenticatedTLS: true } }', 'old: anyone with TLS'],
    ['{ meshTLS: { identities: ["*"] } }', 'old: anyone in the mesh'],
    ['{ meshTLS: { serviceAccounts: [{ name: cart }, { name: web, namespace: front }] } }', 'old: cart.shop, web.front'],
    ['{ meshTLS: {} }', 'old: it names no identities'],
    ['{}', 'old: its client says neither "meshTLS" nor "unauthenticated"'],
  ])('with the client %s', (client, expected) => {
    expect(told(`${SERVER}${authorization('{ name: web }', client)}`)).toEqual([expected, 'probe: anyone /live']);
  });

  it('selects Servers by name or by labels', () => {
    const client = '{ unauthenticated: true }';
    expect(told(`${SERVER}${authorization('{ selector: { matchLabels: { of: web } } }', client)}`)).toContain('old: anyone');
    expect(told(`${SERVER}${authorization('{ selector: { matchLabels: { of: db } } }', client)}`)).not.toContain('old: anyone');
    expect(told(`${SERVER}${authorization('{ name: other }', client)}`)).not.toContain('old: anyone');
  });
});

describe('a rate limit', () => {
  const limit = (status: string): string => `---
apiVersion: policy.linkerd.io/v1alpha1
kind: HTTPLocalRateLimitPolicy
metadata: { name: slow, namespace: shop }
spec:
  targetRef: ${OF_SERVER}
  total: { requestsPerSecond: 100 }
  identity: { requestsPerSecond: 20 }
  overrides: [{ requestsPerSecond: 50, clientRefs: [{ kind: ServiceAccount, name: cart }] }]
status: { conditions: [{ type: Accepted, status: "${status}" }] }
`;

  it('is the one of its Server that is accepted', () => {
    expect(portOf(policiesOf(`${SERVER}${limit('True')}`), 8080).rateLimit).toEqual({
      ...{ name: 'slow', total: 100, identity: 20 },
      overrides: [{ requestsPerSecond: 50, clients: ['cart.shop.serviceaccount.identity.linkerd.cluster.local'] }],
    });
    expect(portOf(policiesOf(`${SERVER}${limit('False')}`), 8080).rateLimit).toBeUndefined();
  });
});
