/** Proxies of Linkerd, whose configuration is in the cluster and whose metrics tell what they do with it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { object, type Written } from '../../src/sandbox/scenarios/_objects.ts';
import { emojivoto } from '../../src/sandbox/scenarios/emojivoto.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type ManualClock, manualClock } from '../sandbox/clock.ts';
import { ask, documentOf } from './asking.ts';

const HOME = 'emojivoto';
const POLICY = 'policy.linkerd.io';

const accepted = (kind: string, name: string, group: string): object => ({
  parents: [
    {
      ...{ controllerName: 'linkerd.io/policy-controller', parentRef: { group, kind, namespace: HOME, name } },
      conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: '', lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  ],
});

/** voting-svc takes web's votes only; emoji-svc has a route for clients, and a profile that goes before it. */
const configured: readonly Written[] = [
  object(`${POLICY}/v1beta3`, 'Server', HOME, 'voting', {
    spec: { podSelector: { matchLabels: { app: 'voting-svc' } }, port: 'grpc', proxyProtocol: 'gRPC' },
  }),
  object(`${POLICY}/v1alpha1`, 'AuthorizationPolicy', HOME, 'web-votes', {
    spec: {
      targetRef: { group: POLICY, kind: 'Server', name: 'voting' },
      requiredAuthenticationRefs: [{ group: '', kind: 'ServiceAccount', name: 'web' }],
    },
  }),
  object(`${POLICY}/v1alpha1`, 'AuthorizationPolicy', HOME, 'broken', {
    spec: {
      targetRef: { group: POLICY, kind: 'Server', name: 'voting' },
      requiredAuthenticationRefs: [{ group: POLICY, kind: 'MeshTLSAuthentication', name: 'gone' }],
    },
  }),
  object(`${POLICY}/v1beta3`, 'Server', HOME, 'web', {
    spec: { podSelector: { matchLabels: { app: 'web-svc' } }, port: 'http', proxyProtocol: 'HTTP/1' },
  }),
  object(`${POLICY}/v1beta3`, 'HTTPRoute', HOME, 'votes', {
    spec: {
      parentRefs: [{ group: POLICY, kind: 'Server', name: 'web' }],
      rules: [{ matches: [{ path: { type: 'PathPrefix', value: '/api/vote' }, method: 'GET' }] }],
    },
    status: accepted('Server', 'web', POLICY),
  }),
  object(`${POLICY}/v1alpha1`, 'AuthorizationPolicy', HOME, 'bots-vote', {
    spec: {
      targetRef: { group: POLICY, kind: 'HTTPRoute', name: 'votes' },
      requiredAuthenticationRefs: [{ group: '', kind: 'ServiceAccount', name: 'default' }],
    },
  }),
  object(`${POLICY}/v1beta3`, 'Server', HOME, 'emoji', {
    spec: { podSelector: { matchLabels: { app: 'emoji-svc' } }, port: 8080, proxyProtocol: 'gRPC' },
  }),
  object(`${POLICY}/v1beta3`, 'HTTPRoute', HOME, 'emoji-split', {
    spec: {
      parentRefs: [{ group: 'core', kind: 'Service', name: 'emoji-svc', port: 8080 }],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' }, headers: [{ name: 'x-canary', value: 'yes' }] }],
          backendRefs: [
            { name: 'emoji-svc', port: 8080, weight: 90 },
            { name: 'voting-svc', port: 8080, weight: 10 },
          ],
          timeouts: { request: '2s' },
        },
      ],
    },
    status: accepted('Service', 'emoji-svc', 'core'),
  }),
  object('linkerd.io/v1alpha2', 'ServiceProfile', HOME, 'voting-svc.emojivoto.svc.cluster.local', {
    spec: { routes: [{ name: 'vote', condition: { method: 'POST', pathRegex: '/emojivoto\\..*' }, isRetryable: true, timeout: '300ms' }] },
  }),
];

let sandbox: Sandbox;
let clock: ManualClock;

beforeAll(async () => {
  clock = manualClock();
  const options = emojivoto.options();
  sandbox = await startSandbox({ ...options, objects: [...(options.objects ?? []), ...configured], clock, podStartMs: 20 });
  clock.advance(10_000);
});

afterAll(() => sandbox.close());

const pc = (args: string) => ask(`${args} -n ${HOME}`, sandbox, { now: clock.now() });

describe('proxy-config of Linkerd', () => {
  it('shows who may come in on each port, and what the proxy has counted', async () => {
    const { exit, out, err } = await pc('policies deploy/voting');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^8080 grpc +voting +gRPC +authzpolicy\/broken +nobody: there is no MeshTLSAuthentication emojivoto\/gone +- +\d+$/m,
    );
    expect(out).toMatch(/^ +authzpolicy\/web-votes +web\.emojivoto +[1-9]\d*$/m);
    expect(out).toMatch(/^8801 prom +- +detected +all-unauthenticated +anyone +0 +0$/m);
  });

  it('counts what nothing let in, and what no route takes', async () => {
    const { policies } = await documentOf(`policies deploy/web -n ${HOME}`, sandbox);
    expect(policies).toEqual([
      expect.objectContaining({ port: 8080, server: { kind: 'Server', namespace: HOME, name: 'web' }, policy: 'deny', denied: 0 }),
    ]);
    expect(policies[0].routes).toEqual([{ kind: 'HTTPRoute', namespace: HOME, name: 'votes' }]);
    expect(policies[0].routeNotFound).toBeGreaterThan(0);
    expect((await pc('policies deploy/web')).out).toMatch(
      /^8080 http +web +HTTP\/1 +authzpolicy\/bots-vote on HTTPRoute\/votes +default\.emojivoto +[1-9]\d* +0$/m,
    );
    expect((await pc('policies deploy/emoji --port 8080')).out).toMatch(/^8080 grpc +emoji +gRPC +- +nobody +- +[1-9]\d*$/m);
  });

  it('shows the routes of what it has called, and those of a Service that --host names', async () => {
    const { exit, out, err } = await pc('routes deploy/vote-bot');
    expect([exit, out.split('\n').length]).toEqual([0, 3]);
    expect(out).toMatch(/^emojivoto\/web-svc:80 +default +\/\* +web-svc:80 +- +[1-9]\d* +\d+$/m);
    expect(err).toMatch(/^Routes of \d+ destinations that this proxy has not called yet are left out; --host shows them\.\n$/);
    const host = await pc('routes deploy/vote-bot --host emoji-svc');
    expect(host.err).toBe('');
    expect(host.out).toMatch(
      /^emojivoto\/emoji-svc +HTTPRoute emoji-split +\/\* x-canary=yes +emoji-svc:8080 90%, voting-svc:8080 10% +timeout 2s +0 +0$/m,
    );
    const profile = await pc('routes deploy/vote-bot --host voting-svc');
    expect(profile.out).toMatch(/ServiceProfile +\S+ POST +voting-svc +retried, timeout 300ms +0 +0$/m);
  });

  it('shows routes of its own ports', async () => {
    const { out } = await pc('routes deploy/web --direction inbound');
    expect(out).toMatch(/^Server emojivoto\/web +HTTPRoute votes +\/api\/vote\* GET +- +- +[1-9]\d* +-$/m);
  });

  it('shows endpoints with the connections to them', async () => {
    const { exit, out, err } = await pc('endpoints deploy/vote-bot -o wide');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(
      /^emojivoto\/web-svc:80 +1 +10\.[\d.]+:8080 +yes +1 +web-\S+ +web\.emojivoto\.serviceaccount\.identity\.linkerd\.cluster\.local +\d+ +\d+$/m,
    );
    expect((await pc('endpoints deploy/vote-bot --host voting-svc')).out).toBe('No endpoints.\n');
    expect((await pc('endpoints deploy/vote-bot --address 1.2.3.4')).out).toMatch(/web-svc:80 +1 +- +- +-$/m);
  });

  it('shows who it is, until when, and whom it trusts', async () => {
    const { exit, out, err } = await pc('identity deploy/web');
    expect([exit, err]).toEqual([0, '']);
    expect(out).toMatch(/^Identity: +web\.emojivoto\.serviceaccount\.identity\.linkerd\.cluster\.local$/m);
    expect(out).toMatch(/^Trust domain: +cluster\.local$/m);
    expect(out).toMatch(/^Certificate: +valid: yes, \d+h left, until \S+Z\nIssued: +\S+Z$/m);
    expect(out).toMatch(/^Trusts: +CN=root\.linkerd\.cluster\.local, valid: yes, until \S+Z\n +the same as the control plane$/m);
  });

  it.each(['routes', 'endpoints', 'policies', 'identity', 'all', 'log', 'stats'])('gives %s to machines', async (part) => {
    const document = await documentOf(`${part} deploy/web -n ${HOME}`, sandbox);
    expect(document.kind).toBe('ProxyConfig');
    if (part !== 'log') expect(document.proxy).toMatchObject({ mesh: 'linkerd', kind: 'linkerd', namespace: HOME });
  });

  it('gives what the proxy itself says', async () => {
    expect((await pc('identity deploy/web -o raw')).out).toContain('# TYPE control_identity_cert_refreshes_total counter');
    expect((await pc('stats deploy/web --filter ^control_identity_cert_refreshes_total')).out.trim().split('\n')).toHaveLength(3);
    expect((await pc('stats deploy/web --filter nothing-like-it')).out).toBe('');
  });

  it('sets levels of logging in all pods of a workload, keeps headers out of them, and tells the way back', async () => {
    const set = await pc('log deploy/web --level debug');
    expect(set.out).toMatch(/^default +debug$/m);
    expect(set.out).toMatch(/^\[\{headers\}\] +off$/m);
    const [, back = ''] = /^To undo this: meshctl proxy-config (.*)\n$/.exec(set.err) ?? [];
    const undone = await ask(back.replaceAll("'", '').split(' '), sandbox);
    expect(undone.exit).toBe(0);
    expect((await documentOf(`log deploy/web -n ${HOME}`, sandbox)).logging[0].loggers).toEqual({
      ...{ default: 'warn', linkerd: 'info', hickory: 'error', '[{headers}]': 'off', '[{request}]': 'off' },
    });
    expect((await pc('log deploy/web --level linkerd:trace,hickory=warning')).out).toMatch(/^hickory +warn$/m);
    const reset = await pc('log deploy/web --reset');
    expect(reset.out).toMatch(/^linkerd +info$/m);
    expect((await pc('log deploy/web --reset')).err).toBe('Nothing changed: the levels were so already.\n');
  });

  it.each([
    ['clusters deploy/web', 2, 'runs a proxy of Linkerd, which has no clusters (an Envoy has).'],
    ['clusters deploy/web', 2, 'It has routes, endpoints, policies, identity, stats, log.'],
    ['routes deploy/web --path /x', 2, '--path says nothing about routes.'],
    ['identity deploy/web --name x', 2, '--name says nothing about identity.'],
    ['log deploy/web --level loud', 2, 'There is no level "loud".'],
    ['log deploy/web --level linkerd:dbug', 2, 'Did you mean "debug"?'],
    ['stats deploy/web --filter [', 2, '"[" is no regular expression: missing closing ]'],
  ])('fails clearly: %s', async (args, exit, text) => {
    const said = await pc(args);
    expect([said.exit, said.out]).toEqual([exit, '']);
    expect(said.err).toContain(text);
  });
});

describe('proxy-config of Linkerd for a user of one namespace', () => {
  it('shows what may be read, and says what may not', async () => {
    const options = emojivoto.options();
    const allowed = (namespace: string | undefined): boolean => namespace === HOME;
    const elsewhere = object(`${POLICY}/v1alpha1`, 'AuthorizationPolicy', HOME, 'elsewhere', {
      spec: {
        targetRef: { group: POLICY, kind: 'Server', name: 'voting' },
        requiredAuthenticationRefs: [{ group: POLICY, kind: 'MeshTLSAuthentication', name: 'friends', namespace: 'other' }],
      },
    });
    const of = await startSandbox({
      ...options,
      objects: [...(options.objects ?? []), ...configured, elsewhere],
      forbid: ({ resource, namespace, group }) => resource !== '' && group !== 'authorization.k8s.io' && !allowed(namespace),
      podStartMs: 20,
    });
    try {
      const policies = await ask(`policies deploy/voting -n ${HOME}`, of);
      expect(policies.exit).toBe(0);
      expect(policies.err).toBe(
        'You may list MeshTLSAuthentication, NetworkAuthentication in namespace "emojivoto" only: what others configure is missing here.\n',
      );
      expect(policies.out).toMatch(/authzpolicy\/elsewhere +unknown: you may not read MeshTLSAuthentication other\/friends /);
      expect(policies.out).toMatch(/authzpolicy\/broken +nobody: there is no MeshTLSAuthentication emojivoto\/gone /);
      const identity = await ask(`identity deploy/voting -n ${HOME}`, of);
      expect([identity.exit, identity.err]).toEqual([0, '']);
      expect(identity.out).not.toContain('as the control plane');
      const routes = await ask(`routes deploy/vote-bot -n ${HOME} --host emoji-svc`, of);
      expect(routes.err).toContain('You may list HTTPRoute, GRPCRoute, ServiceProfile in namespace "emojivoto" only');
      expect(routes.out).toContain('HTTPRoute emoji-split');
    } finally {
      await of.close();
    }
  });
});
