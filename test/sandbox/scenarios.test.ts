/** Each scenario starts, is what its line says, and ends. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import { at, itemsAt, listAt, stringAt } from '../../src/model/body.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { type Api, openSandbox, until } from './api.ts';

function open(name: string): Promise<Api> {
  const scenario = scenarios.find((each) => each.name === name);
  if (!scenario) throw new RangeError(name);
  return openSandbox({ podStartMs: 20, ...scenario.options() });
}

const PODS = '/api/v1/namespaces/bookinfo/pods';
const RESTARTED = { spec: { template: { metadata: { annotations: { restarted: 'now' } } } } };
const MERGE = { 'content-type': 'application/merge-patch+json' };

const podsOf = ({ sandbox }: Api, app: string) =>
  sandbox.store.list('core/Pod', 'bookinfo').filter((pod) => pod.metadata.labels?.['app'] === app);
const proxyOf = (pod: object): string | undefined =>
  itemsAt(pod, 'spec', 'initContainers')
    .filter(({ item }) => item['name'] === 'istio-proxy')
    .map(({ item }) => stringAt(item, 'image'))[0];
const isReady = (pod: object): boolean =>
  itemsAt(pod, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');
const newPod = (api: Api) =>
  api.call('POST', PODS, { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'new' }, spec: { containers: [{ name: 'c', image: 'c:1' }] } });

const plainPod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'plain' }, spec: { containers: [{ name: 'c', image: 'c:1' }] } };
const linkerdProxy = (pod: object | undefined): object | undefined =>
  [...itemsAt(pod, 'spec', 'initContainers'), ...itemsAt(pod, 'spec', 'containers')].find(({ item }) => item['name'] === 'linkerd-proxy')
    ?.item;
const secretText = ({ sandbox }: Api, namespace: string, name: string, key: string): string =>
  Buffer.from(stringAt(sandbox.store.get('core/Secret', namespace, name), 'data', key) ?? '', 'base64').toString();
const linkerdTrust = (api: Api): { readonly anchors: X509Certificate; readonly issuer: X509Certificate } => ({
  anchors: new X509Certificate(
    stringAt(api.sandbox.store.get('core/ConfigMap', 'linkerd', 'linkerd-identity-trust-roots'), 'data', 'ca-bundle.crt') ?? '',
  ),
  issuer: new X509Certificate(secretText(api, 'linkerd', 'linkerd-identity-issuer', 'crt.pem')),
});
const tapAvailability = async ({ call }: Api): Promise<unknown> =>
  at((await call('GET', '/apis/apiregistration.k8s.io/v1/apiservices/v1alpha1.tap.linkerd.io')).body, [
    'status',
    'conditions',
    0,
    'status',
  ]);

interface Report {
  readonly findings: readonly { readonly severity: string; readonly rule: string; readonly resource: { readonly name: string } }[];
  readonly notChecked: readonly object[];
}

async function analyze({ sandbox }: Api, ...scope: readonly string[]): Promise<{ readonly exit: number; readonly report: Report }> {
  const args = ['analyze', ...scope, '-o', 'json'];
  const host = memoryHost({ args, files: { '/kube': sandbox.kubeconfig() }, env: { KUBECONFIG: '/kube' }, now: Date.now() });
  const exit = await main(host);
  return { exit, report: JSON.parse(host.stdout()) };
}

/** Severity, rule and object of every finding of a live analysis, which checked everything. */
async function analyzed(api: Api): Promise<readonly string[]> {
  const { findings, notChecked } = (await analyze(api, '-A')).report;
  expect(notChecked).toEqual([]);
  return findings.map(({ severity, rule, resource: { name } }) => `${severity} ${rule} ${name.replace(/-\w+-\w{5}$/, '')}`);
}

/** Status and id of every check that is not ok. */
async function checked({ sandbox }: Api): Promise<readonly string[]> {
  const host = memoryHost({
    args: ['check', '-o', 'json'],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  await main(host);
  const { checks } = JSON.parse(host.stdout()) as { readonly checks: readonly { readonly id: string; readonly status: string }[] };
  expect(checks.length).toBeGreaterThan(10);
  return checks.filter(({ status }) => status !== 'ok').map(({ id, status }) => `${status} ${id}`);
}

/** What is wrong, by the name of the scenario; the line of `--list` in code. */
const TRUTH: Readonly<Record<string, (api: Api) => Promise<void>>> = {
  bookinfo: async (api) => {
    const pods = ['productpage', 'details', 'ratings', 'reviews'].flatMap((app) => podsOf(api, app));
    expect(pods).toHaveLength(6);
    expect(pods.filter((pod) => !proxyOf(pod) || !isReady(pod))).toEqual([]);
    expect(await analyzed(api)).toEqual([]);
    // New pods are injected, and pods outside the mesh are not.
    expect(proxyOf((await newPod(api)).body)).toBe('registry.istio.io/release/proxyv2:1.30.0');
    const outside = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'o' }, spec: { containers: [{ name: 'c', image: 'c:1' }] } };
    expect(proxyOf((await api.call('POST', '/api/v1/namespaces/default/pods', outside)).body)).toBeUndefined();
    // istiod validates what is labelled for its revision.
    const route = (spec: object): object => ({ metadata: { name: 'route', labels: { 'istio.io/rev': 'default' } }, spec });
    const routes = '/apis/networking.istio.io/v1/namespaces/bookinfo/virtualservices?dryRun=All';
    expect((await api.call('POST', routes, route({}))).body['message']).toBe(
      'admission webhook "rev.validation.istio.io" denied the request: configuration is invalid: VirtualService "route" has no hosts',
    );
    expect((await api.call('POST', routes, route({ hosts: ['reviews'] }))).code).toBe(201);
  },
  ambient: async (api) => {
    const pods = ['productpage', 'details', 'ratings', 'reviews'].flatMap((app) => podsOf(api, app));
    expect(pods).toHaveLength(6);
    expect(pods.map(proxyOf).filter(Boolean)).toEqual([]);
    expect(pods.filter(({ metadata }) => metadata.annotations?.['ambient.istio.io/redirection'] !== 'enabled')).toEqual([]);
    const agents = api.sandbox.store.list('apps/DaemonSet', 'istio-system');
    expect(agents.map((agent) => [agent.metadata.name, at(agent, ['status', 'numberReady'])])).toEqual([
      ['istio-cni-node', 1],
      ['ztunnel', 1],
    ]);
    const waypoint = api.sandbox.store.get('apps/Deployment', 'bookinfo', 'waypoint');
    expect(at(waypoint, ['status', 'readyReplicas'])).toBe(1);
    expect(await analyzed(api)).toEqual([]);
  },
  'stale-proxy': async (api) => {
    expect(await checked(api)).toEqual(['failed istio/data-plane-configuration-current']);
  },
  nack: async (api) => {
    expect(podsOf(api, 'reviews')).toHaveLength(3);
    expect(await checked(api)).toEqual(['failed istio/data-plane-configuration-accepted']);
  },
  'no-debug-pages': async (api) => {
    expect(await checked(api)).toEqual([
      'skipped istio/data-plane-proxies-connected',
      'skipped istio/data-plane-configuration-accepted',
      'skipped istio/data-plane-configuration-current',
    ]);
  },
  'missing-sidecar': async (api) => {
    expect(podsOf(api, 'ratings').map(proxyOf)).toEqual([undefined]);
    expect(await analyzed(api)).toEqual(['warning istio-injection/pod-has-proxy ratings-v1']);
    // What the rule advises mends it.
    await api.call('PATCH', '/apis/apps/v1/namespaces/bookinfo/deployments/ratings-v1', RESTARTED, MERGE);
    await until(() => podsOf(api, 'ratings').length === 1 && proxyOf(podsOf(api, 'ratings')[0] ?? {}) !== undefined);
    expect(await analyzed(api)).toEqual([]);
  },
  'subset-without-pods': async (api) => {
    expect(podsOf(api, 'reviews').map(({ metadata }) => metadata.labels?.['version'])).toEqual(['v1', 'v2', 'v3']);
    const route = api.sandbox.store.get('networking.istio.io/VirtualService', 'bookinfo', 'reviews');
    expect(listAt(route, 'spec', 'http', 0, 'route')).toContainEqual({ destination: { host: 'reviews', subset: 'v4' }, weight: 10 });
    expect(await analyzed(api)).toEqual(['error istio-destination/routed-subset-selects-workloads reviews']);
  },
  'strict-against-plaintext': async ({ sandbox: { store } }) => {
    expect(at(store.get('security.istio.io/PeerAuthentication', 'bookinfo', 'default'), ['spec', 'mtls', 'mode'])).toBe('STRICT');
    const rule = store.get('networking.istio.io/DestinationRule', 'bookinfo', 'ratings');
    expect(at(rule, ['spec', 'trafficPolicy', 'tls', 'mode'])).toBe('DISABLE');
  },
  'crash-loop': async (api) => {
    const [pod] = podsOf(api, 'reviews').filter((each) => each.metadata.labels?.['version'] === 'v3');
    expect(at(pod, ['status', 'containerStatuses', 0, 'state', 'waiting', 'reason'])).toBe('CrashLoopBackOff');
    expect(String((await api.call('GET', `${PODS}/${pod?.metadata.name}/log?container=reviews`)).body['text'])).toContain('FATAL');
  },
  'expired-certificate': async (api) => {
    expect(await analyzed(api)).toEqual(['error istio-gateway/credential-valid bookinfo-gateway']);
  },
  'wrong-webhook-ca': async (api) => {
    expect(podsOf(api, 'ratings').map(proxyOf)).toEqual([expect.stringContaining('proxyv2')]);
    const refused = await newPod(api);
    expect([refused.code, refused.body['message']]).toEqual([
      500,
      'Internal error occurred: failed calling webhook "namespace.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ]);
    // Once the webhook trusts what the validating one trusts, pods are created again.
    const { store } = api.sandbox;
    const bundle = at(store.get('admissionregistration.k8s.io/ValidatingWebhookConfiguration', '', 'istio-validator-istio-system'), [
      'webhooks',
      0,
      'clientConfig',
      'caBundle',
    ]);
    const mended = [0, 1, 2, 3].map((index) => ({ op: 'replace', path: `/webhooks/${index}/clientConfig/caBundle`, value: bundle }));
    const path = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations/istio-sidecar-injector';
    expect((await api.call('PATCH', path, mended, { 'content-type': 'application/json-patch+json' })).code).toBe(200);
    expect((await newPod(api)).code).toBe(201);
  },
  'version-skew': async (api) => {
    const images = ['details', 'ratings', 'productpage'].flatMap((app) => podsOf(api, app)).map(proxyOf);
    expect(images.map((image) => image?.split(':')[1])).toEqual(['1.27.3', '1.27.3', '1.30.0']);
    expect(await analyzed(api)).toEqual(['warning istio-injection/proxy-image-current bookinfo']);
  },
  'dead-istiod': async (api) => {
    const [pod] = api.sandbox.store.list('core/Pod', 'istio-system').filter((each) => each.metadata.labels?.['app'] === 'istiod');
    expect(at(pod, ['status', 'containerStatuses', 0, 'state', 'waiting', 'reason'])).toBe('CrashLoopBackOff');
    expect((await newPod(api)).body['message']).toContain('no endpoints available for service "istiod"');
    // A rollout gets no further, the old pod stays, and an Event tells why.
    await api.call('PATCH', '/apis/apps/v1/namespaces/bookinfo/deployments/ratings-v1', RESTARTED, MERGE);
    const told = (): boolean => api.sandbox.store.list('core/Event', 'bookinfo').some((event) => event['reason'] === 'FailedCreate');
    await until(told);
    expect(podsOf(api, 'ratings').map(isReady)).toEqual([true]);
  },
  kuma: async (api) => {
    const { store } = api.sandbox;
    const pods = () => store.list('core/Pod', 'kuma-demo');
    const proxies = () =>
      pods().filter((pod) => itemsAt(pod, 'spec', 'initContainers').some(({ item }) => item['name'] === 'kuma-sidecar'));
    const registered = () => store.list('kuma.io/DataplaneInsight', 'kuma-demo').map(({ metadata }) => metadata.name);
    const names = () => pods().map(({ metadata }) => metadata.name);
    expect([pods().length, proxies().length, registered()]).toEqual([2, 2, names()]);
    expect(await checked(api)).toEqual([]);
    // A new pod gets a sidecar and a Dataplane, and those of the old one go with it.
    const before = names();
    await api.call('PATCH', '/apis/apps/v1/namespaces/kuma-demo/deployments/kv', RESTARTED, MERGE);
    await until(
      () => names().join() !== before.join() && pods().length === 2 && pods().every(isReady) && registered().join() === names().join(),
    );
    expect(proxies()).toHaveLength(2);
    expect(await checked(api)).toEqual([]);
  },
  emojivoto: async (api) => {
    const pods = api.sandbox.store.list('core/Pod', '');
    expect(pods).toHaveLength(12);
    expect(pods.filter((pod) => !linkerdProxy(pod) || !isReady(pod))).toEqual([]);
    expect(await analyzed(api)).toEqual([]);
    const { anchors, issuer } = linkerdTrust(api);
    expect([issuer.verify(anchors.publicKey), issuer.ca, issuer.publicKey.asymmetricKeyDetails?.namedCurve]).toEqual([
      true,
      true,
      'prime256v1',
    ]);
    expect(createPrivateKey(secretText(api, 'linkerd', 'linkerd-identity-issuer', 'key.pem')).asymmetricKeyType).toBe('ec');
    expect(await tapAvailability(api)).toBe('True');
    // The webhooks trust what the pods behind them serve with.
    for (const name of ['proxy-injector', 'sp-validator', 'policy-validator']) {
      const kind = name === 'proxy-injector' ? 'Mutating' : 'Validating';
      const webhook = api.sandbox.store.get(
        `admissionregistration.k8s.io/${kind}WebhookConfiguration`,
        '',
        `linkerd-${name}-webhook-config`,
      );
      const bundle = Buffer.from(String(at(webhook, ['webhooks', 0, 'clientConfig', 'caBundle'])), 'base64').toString();
      expect(bundle).toBe(secretText(api, 'linkerd', `linkerd-${name}-k8s-tls`, 'tls.crt'));
    }
    const made = await api.call('POST', '/api/v1/namespaces/emojivoto/pods', plainPod);
    expect(stringAt(linkerdProxy(made.body), 'image')).toBe('cr.l5d.io/linkerd/proxy:edge-26.8.3');
    expect(linkerdProxy((await api.call('POST', '/api/v1/namespaces/default/pods', plainPod)).body)).toBeUndefined();
    const profile = { apiVersion: 'linkerd.io/v1alpha2', kind: 'ServiceProfile', metadata: { name: 'web' }, spec: {} };
    const refused = await api.call('POST', '/apis/linkerd.io/v1alpha2/namespaces/emojivoto/serviceprofiles', profile);
    expect(refused.body['message']).toContain('admission webhook "linkerd-sp-validator.linkerd.io" denied the request');
  },
  'broken-emojivoto': async (api) => {
    const podOf = (workload: string) =>
      api.sandbox.store.list('core/Pod', 'emojivoto').find(({ metadata }) => metadata.name.startsWith(`${workload}-`));
    const { anchors, issuer } = linkerdTrust(api);
    expect(issuer.verify(anchors.publicKey)).toBe(true);
    expect(Math.round((Date.parse(issuer.validTo) - Date.now()) / 86_400_000)).toBe(10);
    const trusted = (workload: string): string =>
      stringAt(
        itemsAt(linkerdProxy(podOf(workload)), 'env').find(({ item }) => item['name'] === 'LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS')?.item,
        'value',
      )?.trim() ?? '';
    expect(trusted('web')).toBe(anchors.toString().trim());
    expect(trusted('emoji')).not.toBe(anchors.toString().trim());
    expect(trusted('emoji')).toContain(anchors.toString().trim());
    expect(stringAt(linkerdProxy(podOf('voting')), 'image')).toBe('cr.l5d.io/linkerd/proxy:edge-26.5.2');
    expect(linkerdProxy(podOf('vote-bot'))).toBeUndefined();
    const service = api.sandbox.store.get('core/Service', 'emojivoto', 'voting-svc');
    expect([service?.metadata.annotations, podOf('voting')?.metadata.annotations]).toEqual([
      { 'config.linkerd.io/opaque-ports': '8080' },
      expect.not.objectContaining({ 'config.linkerd.io/opaque-ports': expect.anything() }),
    ]);
    expect(podOf('web')?.metadata.labels).toMatchObject({ 'config.linkerd.io/proxy-cpu-request': '100m' });
    expect(await tapAvailability(api)).toBe('False');
    // A restart brings the current proxy, with what is trusted now.
    const deployments = '/apis/apps/v1/namespaces/emojivoto/deployments';
    for (const name of ['emoji', 'vote-bot']) await api.call('PATCH', `${deployments}/${name}`, RESTARTED, MERGE);
    const isRestarted = (name: string): boolean =>
      api.sandbox.store.list('core/Pod', 'emojivoto').filter(({ metadata }) => metadata.name.startsWith(`${name}-`)).length === 1 &&
      trusted(name) === anchors.toString().trim();
    await until(() => isRestarted('emoji') && isRestarted('vote-bot'));
  },
  empty: async (api) => {
    expect(api.sandbox.store.list('core/Node')).toHaveLength(1);
    expect(api.sandbox.store.list('core/Pod')).toEqual([]);
    expect(api.sandbox.store.list('apiextensions.k8s.io/CustomResourceDefinition')).toEqual([]);
  },
  forbidden: async (api) => {
    const codes = await Promise.all(
      ['/version', PODS, '/api/v1/namespaces/bookinfo', '/api/v1/pods', '/api/v1/namespaces/bookinfo/secrets', '/api/v1/nodes'].map(
        async (path) => (await api.call('GET', path)).code,
      ),
    );
    expect(codes).toEqual([200, 200, 200, 403, 403, 403]);
    expect((await newPod(api)).code).toBe(403);
    const review = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', metadata: {} };
    const spec = { resourceAttributes: { verb: 'list', resource: 'nodes' } };
    const { body } = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { ...review, spec });
    expect(at(body, ['status', 'allowed'])).toBe(false);
    const rules = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', metadata: {}, spec: { namespace: 'default' } };
    const listed = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', rules);
    expect(listed.body['status']).toEqual({ resourceRules: [], nonResourceRules: [], incomplete: true });
    const ran = await analyze(api, '-n', 'bookinfo');
    expect([ran.exit, ran.report.findings]).toEqual([0, []]);
    expect(ran.report.notChecked.length).toBeGreaterThan(10);
  },
  slow: async (api) => {
    const before = Date.now();
    await api.call('GET', '/version');
    expect(Date.now() - before).toBeGreaterThan(900);
  },
  flaky: async (api) => {
    const codes: number[] = [];
    for (let index = 0; index < 8; index++) codes.push((await api.call('GET', '/version')).code);
    expect(codes).toEqual([200, 200, 200, 503, 200, 200, 200, 503]);
    expect(await analyzed(api)).toEqual([]);
  },
};

describe('a scenario', () => {
  it('is a file of its name, is listed, and is proved below', () => {
    const folder = fileURLToPath(new URL('../../src/sandbox/scenarios', import.meta.url));
    const files = readdirSync(folder).filter((file) => !file.startsWith('_') && file !== 'index.ts');
    const names = scenarios.map(({ name }) => name).sort();
    expect(names).toEqual(files.map((file) => file.replace(/\.ts$/, '')).sort());
    expect(names).toEqual(Object.keys(TRUTH).sort());
  });

  it.each(scenarios.map(({ name, summary }) => [name, summary]))('%s: %s', { timeout: 20_000 }, async (name) => {
    const api = await open(name);
    await TRUTH[name]?.(api);
    const before = Date.now();
    await api.sandbox.close();
    expect(Date.now() - before).toBeLessThan(2000);
  });
});
