import { describe, expect, it } from 'vitest';
import type { Kind } from '../../../src/model/resource.ts';
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { NOW } from '../facts.ts';
import { idsOf, judge, meshedPod, thing, told, workload } from '../posture.ts';

const check = (name: string): string => `linkerd/posture-${name}`;

const RESOURCES = 'resources: { requests: { cpu: 100m, memory: 20Mi }, limits: { memory: 250Mi } }';

const part = (component: string): string =>
  workload('linkerd', `linkerd-${component}`, {
    replicas: 3,
    labels: `linkerd.io/control-plane-component: ${component}`,
    container: `name: ${component}, image: "controller:edge-25.8.1", readinessProbe: {}, ${RESOURCES}`,
  }) +
  thing(
    'policy/v1',
    'PodDisruptionBudget',
    'linkerd',
    `linkerd-${component}`,
    `spec: { maxUnavailable: 1, selector: { matchLabels: { linkerd.io/control-plane-component: ${component} } } }`,
  );
const config = (values: string): string => thing('v1', 'ConfigMap', 'linkerd', 'linkerd-config', `data: { values: "${values}" }`);
const plane = (values = 'clusterDomain: cluster.local'): string => part('destination') + part('proxy-injector') + config(values);
const env = (...entries: readonly (readonly [string, string])[]): string =>
  `env: [${entries.map(([name, value]) => `{ name: ${name}, value: "${value}" }`).join(', ')}]`;
const inbound = (policy: string, name = 'cart'): string =>
  meshedPod(name, { proxy: 'linkerd-proxy', proxyFields: `${RESOURCES}, ${env(['LINKERD2_PROXY_INBOUND_DEFAULT_POLICY', policy])}` });
const server = (spec: string, more = ''): string => thing('policy.linkerd.io/v1beta3', 'Server', 'shop', 'web', `spec: { ${spec} }`, more);
const injector = (failurePolicy: string, selector = '{}'): string =>
  thing(
    'admissionregistration.k8s.io/v1',
    'MutatingWebhookConfiguration',
    '',
    'linkerd-proxy-injector-webhook-config',
    `webhooks: [{ name: linkerd-proxy-injector.linkerd.io, failurePolicy: ${failurePolicy}, namespaceSelector: ${selector} }]`,
  );
const namespace = (name: string, labels = ''): string => thing('v1', 'Namespace', '', name, '', `labels: { ${labels} }`);
const viz = namespace('linkerd-viz', 'linkerd.io/extension: viz');

describe('the posture of a Linkerd that is well-set', () => {
  it('gives no warning', async () => {
    const good =
      plane() +
      thing('v1', 'Secret', 'linkerd', 'linkerd-identity-issuer', '', 'annotations: { cert-manager.io/certificate-name: issuer }') +
      injector('Fail', '{ matchExpressions: [{ key: config.linkerd.io/admission-webhooks, operator: NotIn, values: [disabled] }] }') +
      namespace('kube-system', 'config.linkerd.io/admission-webhooks: disabled') +
      workload('monitoring', 'prometheus', { container: 'name: prometheus, image: "prom/prometheus:v3"' }) +
      inbound('all-authenticated');
    for (const id of idsOf('posture', 'linkerd/')) expect([id, ...(await told(id, good))]).toEqual([id, 'ok']);
  });
});

describe('policies', () => {
  it('let in only clients of the mesh, by default or by a Server', async () => {
    expect(await told(check('inbound-authenticated'), inbound('all-unauthenticated'))).toEqual([
      'warning',
      'cart: Its default policy is "all-unauthenticated", and no Server selects its pods.',
    ]);
    for (const policy of ['deny', 'cluster-authenticated'])
      expect(await told(check('inbound-authenticated'), inbound(policy))).toEqual(['ok']);
    const guarded = inbound('all-unauthenticated') + server('port: 80, podSelector: { matchLabels: { app: cart } }');
    expect(await told(check('inbound-authenticated'), guarded)).toEqual(['ok']);
    const own = inbound('all-unauthenticated').replace('app: cart', 'linkerd.io/control-plane-component: identity');
    expect(await told(check('inbound-authenticated'), own)).toEqual(['ok']);
    expect(await told(check('inbound-authenticated'), meshedPod('cart', { proxy: 'linkerd-proxy' }))).toEqual(['ok']);
  });

  it('of Servers do not let in everybody', async () => {
    expect(await told(check('servers-authorized'), server('port: 80, accessPolicy: all-unauthenticated'))).toEqual([
      'warning',
      'web: Its accessPolicy is "all-unauthenticated".',
    ]);
    expect(await told(check('servers-authorized'), server('port: 80'))).toEqual(['ok']);
    expect(
      await told(
        check('servers-authorized'),
        server('port: 80, accessPolicy: all-unauthenticated', 'labels: { linkerd.io/extension: viz }'),
      ),
    ).toEqual(['ok']);
  });

  it('keep requests inside where the version knows how', async () => {
    const kinds = async () => new Map([['policy.linkerd.io/EgressNetwork' as Kind, {} as never]]);
    const network = (policy: string): string =>
      thing('policy.linkerd.io/v1alpha1', 'EgressNetwork', 'linkerd-egress', 'all', `spec: { trafficPolicy: ${policy} }`);
    expect(await told(check('egress-restricted'), '', { kinds })).toEqual(['warning']);
    expect(await told(check('egress-restricted'), network('Allow'), { kinds })).toEqual(['warning', 'all']);
    expect(await told(check('egress-restricted'), network('Deny'), { kinds })).toEqual(['ok']);
    expect(await told(check('egress-restricted'), '')).toEqual(['ok']);
  });

  it('do not log for debugging', async () => {
    const level = (text: string): string => meshedPod('cart', { proxy: 'linkerd-proxy', proxyFields: env(['LINKERD2_PROXY_LOG', text]) });
    expect(await told(check('log-levels-quiet'), level('linkerd=debug,warn'))).toEqual([
      'warning',
      'cart: The log level of its proxy is "linkerd=debug,warn".',
    ]);
    expect(await told(check('log-levels-quiet'), level('warn,linkerd=info'))).toEqual(['ok']);
  });
});

describe('operation', () => {
  const issuer = thing('v1', 'Secret', 'linkerd', 'linkerd-identity-issuer');

  it('renews the issuer by a program, and tells how long the anchor lives', async () => {
    const { certificatePem } = issueCertificate({ commonName: 'root', isCa: true, notBefore: NOW - 1000, notAfter: NOW + 9e10 });
    const roots = thing(
      'v1',
      'ConfigMap',
      'linkerd',
      'linkerd-identity-trust-roots',
      `data: { ca-bundle.crt: ${JSON.stringify(certificatePem)} }`,
    );
    expect((await told(check('issuer-rotated'), plane() + issuer + roots))[1]).toMatch(
      /Nobody is known to renew it; the trust anchor is valid until 2028-/,
    );
    expect(await told(check('issuer-rotated'), plane('identity: { issuer: { scheme: kubernetes.io/tls } }') + issuer)).toEqual(['ok']);
    expect((await judge(check('issuer-rotated'), issuer)).is).toBe('skipped');
  });

  it('injects always, but not pods of the cluster itself', async () => {
    expect(await told(check('injection-enforced'), injector('Ignore'))).toEqual(['warning', 'linkerd-proxy-injector-webhook-config']);
    expect(await told(check('injection-enforced'), injector('Fail'))).toEqual(['ok']);
    const asked = injector(
      'Fail',
      '{ matchExpressions: [{ key: config.linkerd.io/admission-webhooks, operator: NotIn, values: [disabled] }] }',
    );
    expect((await told(check('system-namespace-excluded'), asked + namespace('kube-system')))[0]).toBe('warning');
    expect(await told(check('system-namespace-excluded'), asked.replace('Fail', 'Ignore') + namespace('kube-system'))).toEqual(['ok']);
    const byName = injector('Fail', '{ matchExpressions: [{ key: kubernetes.io/metadata.name, operator: NotIn, values: [kube-system] }] }');
    expect(await told(check('system-namespace-excluded'), byName + namespace('kube-system'))).toEqual(['ok']);
  });

  it('asks who looks at the dashboard', async () => {
    const ingress = (annotations: string, service = 'web'): string =>
      thing(
        'networking.k8s.io/v1',
        'Ingress',
        'linkerd-viz',
        'dash',
        `spec: { rules: [{ http: { paths: [{ backend: { service: { name: ${service} } } }] } }] }`,
        `annotations: { ${annotations} }`,
      );
    expect(await told(check('dashboard-guarded'), viz + ingress(''))).toEqual(['warning', 'dash']);
    expect(await told(check('dashboard-guarded'), viz + ingress('nginx.ingress.kubernetes.io/auth-type: basic'))).toEqual(['ok']);
    expect(await told(check('dashboard-guarded'), viz + ingress('', 'other'))).toEqual(['ok']);
    const balanced = thing(
      'v1',
      'Service',
      'linkerd-viz',
      'web',
      'spec: { type: LoadBalancer, ports: [{ port: 8084 }] }',
      'labels: { linkerd.io/extension: viz }',
    );
    expect(await told(check('admin-ports-inside'), balanced)).toEqual(['failed', 'web: Port 8084 leads to the dashboard.']);
  });

  it('keeps metrics', async () => {
    const bundled = workload('linkerd-viz', 'prometheus');
    expect(await told(check('metrics-kept'), viz + bundled)).toEqual(['warning', 'prometheus']);
    const kept = bundled.replace(
      'spec: { containers',
      'spec: { volumes: [{ name: data, persistentVolumeClaim: { claimName: x } }], containers',
    );
    expect(await told(check('metrics-kept'), viz + kept)).toEqual(['ok']);
    expect(await told(check('metrics-kept'), viz)).toEqual(['ok']);
  });

  it('runs init containers without root', async () => {
    expect(await told(check('init-unprivileged'), plane('proxyInit: { runAsRoot: true }'))).toEqual([
      'warning',
      'linkerd-config: proxyInit.runAsRoot is true.',
    ]);
    expect(await told(check('init-unprivileged'), plane('proxyInit: { runAsRoot: true }\\ncniEnabled: true'))).toEqual(['ok']);
    expect(await told(check('init-unprivileged'), plane('proxyInit: { runAsRoot: false }'))).toEqual(['ok']);
  });

  it('has three replicas, as every control plane', async () => {
    expect((await told(check('control-plane-replicated'), plane().replaceAll('replicas: 3', 'replicas: 1'))).length).toBe(3);
    const bare = part('destination').replace(`, ${RESOURCES}`, '') + meshedPod('cart', { proxy: 'linkerd-proxy' });
    expect((await told(check('control-plane-resources-set'), bare))[1]).toBe(
      'linkerd-destination: "destination" requests no CPU or no memory.',
    );
    expect((await told(check('proxy-resources-set'), bare))[1]).toContain('cart: It has no request of CPU');
  });
});
