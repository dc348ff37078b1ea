import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/model/check.ts';
import { issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { NOW } from '../facts.ts';
import { idsOf, judge, meshedPod, type PodOptions, thing, told, workload } from '../posture.ts';

const check = (name: string): string => `istio/posture-${name}`;

const RESOURCES = 'resources: { requests: { cpu: 100m, memory: 128Mi }, limits: { memory: 1Gi } }';
const istiod = (env = '', more = ''): string =>
  workload('istio-system', 'istiod', {
    labels: 'app: istiod',
    container: `name: discovery, image: "pilot:1.30.0", ${RESOURCES}, readinessProbe: {}, env: [${env}]${more}`,
  });
const meshConfig = (text: string): string => thing('v1', 'ConfigMap', 'istio-system', 'istio', `data: { mesh: "${text}" }`);
const security = (kind: string, namespace: string, name: string, spec: string): string =>
  thing('security.istio.io/v1', kind, namespace, name, `spec: ${spec}`);
const peers = (namespace: string, spec: string, name = 'default'): string => security('PeerAuthentication', namespace, name, spec);
const allows = (namespace: string, spec: string, name = 'policy'): string => security('AuthorizationPolicy', namespace, name, spec);
const STRICT = '{ mtls: { mode: STRICT } }';

/** A pod with a sidecar as the injector makes it by now. */
const sidecar = (name: string, options: PodOptions = {}): string =>
  meshedPod(name, { proxyFields: `${RESOURCES}, lifecycle: { postStart: {} }`, ...options });
const gateway = meshedPod('ingress', { namespace: 'istio-system', hasApp: false });

describe('the posture of a mesh that is well-set', () => {
  const good =
    istiod('{ name: PILOT_TRACE_SAMPLING, value: "1" }').replace('replicas: 1', 'replicas: 2') +
    thing(
      'policy/v1',
      'PodDisruptionBudget',
      'istio-system',
      'istiod',
      'spec: { minAvailable: 1, selector: { matchLabels: { app: istiod } } }',
    ) +
    meshConfig('accessLogFile: /dev/stdout\\noutboundTrafficPolicy: { mode: REGISTRY_ONLY }') +
    thing('v1', 'Secret', 'istio-system', 'cacerts') +
    peers('istio-system', STRICT) +
    allows('istio-system', '{}', 'default-deny') +
    workload('monitoring', 'prometheus', {
      kind: 'StatefulSet',
      container: 'name: prometheus, image: "quay.io/prometheus/prometheus:v3.5.0"',
    }) +
    sidecar('cart');

  it('gives no warning but for staged upgrades, and none at all with a revision', async () => {
    for (const id of idsOf('posture', 'istio/')) {
      const expected = id === check('upgrades-staged') ? ['warning', 'istiod'] : ['ok'];
      expect([id, ...(await told(id, good))]).toEqual([id, ...expected]);
    }
    const revised = good.replace('labels: { app: istiod } }', 'labels: { app: istiod, istio.io/rev: v1-30 } }');
    expect(await told(check('upgrades-staged'), revised)).toEqual(['ok']);
  });

  it('gives no warning about a cluster without any workload of Istio but for what the mesh lacks', async () => {
    const bad: string[] = [];
    for (const id of idsOf('posture', 'istio/')) if (!['ok', 'skipped'].includes((await judge(id, '')).is)) bad.push(id);
    expect(bad).toEqual([check('mtls-strict'), check('metrics-collected')]);
  });
});

describe('mutual TLS', () => {
  it('is demanded by the mesh, and each exception is told', async () => {
    const strict = peers('istio-system', STRICT);
    expect(await told(check('mtls-strict'), strict + sidecar('cart'))).toEqual(['ok']);
    const exceptions =
      peers('shop', '{ selector: { matchLabels: { app: cart } }, mtls: { mode: PERMISSIVE } }', 'cart') +
      peers('shop', '{ selector: { matchLabels: { app: pay } }, portLevelMtls: { 8080: { mode: DISABLE } } }', 'pay');
    expect(await told(check('mtls-strict'), strict + exceptions + sidecar('cart') + sidecar('pay') + sidecar('web'))).toEqual([
      'warning',
      'cart: PeerAuthentication "shop/cart" sets PERMISSIVE.',
      'pay: Port 8080 is excepted by the portLevelMtls of a PeerAuthentication.',
    ]);
  });

  it('is not demanded by default, nor of namespaces to come by those of today', async () => {
    expect(await told(check('mtls-strict'), sidecar('cart') + gateway)).toEqual([
      'warning',
      'cart: No PeerAuthentication applies to it, so that it is PERMISSIVE.',
    ]);
    expect((await judge(check('mtls-strict'), peers('shop', STRICT) + sidecar('cart'))).reason).toContain(
      'a new namespace accepts plaintext',
    );
  });

  it('counts workloads in ambient mode, and follows the root namespace of the control plane', async () => {
    const ambient = meshedPod('cart', { proxy: 'side-tool', annotations: 'ambient.istio.io/redirection: enabled' });
    expect((await told(check('mtls-strict'), ambient)).length).toBe(2);
    const moved = istiod().replaceAll('istio-system', 'mesh') + peers('mesh', STRICT) + ambient;
    expect(await told(check('mtls-strict'), moved)).toEqual(['ok']);
  });
});

describe('authorization', () => {
  const viewer = allows('shop', '{ selector: { matchLabels: { app: cart } }, rules: [{ from: [{ source: { namespaces: [web] } }] }] }');

  it('refuses by default in the mesh or the namespace, or the namespace is told', async () => {
    expect(await told(check('default-deny'), sidecar('cart') + sidecar('pay') + viewer)).toEqual([
      'warning',
      'shop: 1 workload of 2, such as "pay", answers everybody.',
    ]);
    expect((await told(check('default-deny'), sidecar('cart') + viewer))[1]).toBe(
      'shop: Every workload of today has a policy that allows something, but a new one would be open to all.',
    );
    for (const home of ['shop', 'istio-system'])
      expect(await told(check('default-deny'), sidecar('cart') + allows(home, '{}'))).toEqual(['ok']);
    const trial = allows('shop', '{}').replace('name: policy', 'name: policy, annotations: { istio.io/dry-run: "true" }');
    expect((await told(check('default-deny'), sidecar('cart') + trial))[0]).toBe('warning');
    expect(await told(check('default-deny'), gateway)).toEqual(['ok']);
  });

  it('must not allow everything to everybody', async () => {
    expect(await told(check('authorization-narrow'), sidecar('cart') + allows('shop', '{ rules: [{}] }'))).toEqual([
      'warning',
      'policy: One of its rules has no condition, and allows every request.',
    ]);
    const anyone = allows('shop', '{ rules: [{ from: [{ source: { principals: ["*"] } }] }] }');
    expect((await told(check('authorization-narrow'), sidecar('cart') + anyone))[0]).toBe('warning');
  });

  it.each([
    ['names clients', sidecar('cart') + viewer],
    ['limits the requests', sidecar('cart') + allows('shop', '{ rules: [{ to: [{ operation: { paths: [/healthz] } }] }] }')],
    ['is for a gateway', gateway + allows('istio-system', '{ selector: { matchLabels: { app: ingress } }, rules: [{}] }')],
    ['demands any token', sidecar('cart') + allows('shop', '{ rules: [{ from: [{ source: { requestPrincipals: ["*"] } }] }] }')],
    ['denies', sidecar('cart') + allows('shop', '{ action: DENY, rules: [{}] }')],
  ])('may be wide where a policy %s', async (_, objects) => {
    expect(await told(check('authorization-narrow'), objects)).toEqual(['ok']);
  });

  it('must ask for tokens where they are validated', async () => {
    const validation = security(
      'RequestAuthentication',
      'shop',
      'users',
      '{ selector: { matchLabels: { app: cart } }, jwtRules: [{ issuer: a }] }',
    );
    expect(await told(check('tokens-required'), validation)).toEqual(['warning', 'users']);
    expect(await told(check('tokens-required'), validation + viewer)).toEqual(['warning', 'users']);
    const asks = '{ action: DENY, rules: [{ from: [{ source: { notRequestPrincipals: ["*"] } }] }] }';
    expect(await told(check('tokens-required'), validation + allows('shop', asks))).toEqual(['ok']);
    expect(await told(check('tokens-required'), validation + allows('istio-system', asks))).toEqual(['ok']);
    expect(await told(check('tokens-required'), validation + allows('other', asks))).toEqual(['warning', 'users']);
    const claims = '{ selector: { matchLabels: { app: cart } }, rules: [{ when: [{ key: "request.auth.claims[group]", values: [x] }] }] }';
    expect(await told(check('tokens-required'), validation + allows('shop', claims))).toEqual(['ok']);
    const target = 'targetRefs: [{ kind: Gateway, name: web }]';
    const attached = security('RequestAuthentication', 'shop', 'users', `{ ${target}, jwtRules: [{ issuer: a }] }`);
    expect(await told(check('tokens-required'), attached + allows('shop', asks))).toEqual(['warning', 'users']);
    expect(await told(check('tokens-required'), attached + allows('shop', asks.replace('{', `{ ${target},`)))).toEqual(['ok']);
  });

  it('takes the judgement on addresses of keys from the analysis', async () => {
    const rule = 'istio-security/jwks-fetches-restricted';
    const resource = { kind: 'apps/Deployment', apiVersion: 'apps/v1', namespace: 'istio-system', name: 'istiod' } as const;
    const finding = { rule, severity: 'warning', message: 'Not set.', fix: 'Set it.', resource } as never;
    const analysis: Facts['analysis'] = async () => ({ findings: [finding], notChecked: [], gaps: [] });
    expect(await told(check('key-fetches-restricted'), '', { analysis })).toEqual(['warning', 'istiod: Not set.']);
  });
});

describe('certificates', () => {
  it('come from an authority of one’s own', async () => {
    const { certificatePem } = issueCertificate({ commonName: 'root', isCa: true, notBefore: NOW - 1000, notAfter: NOW + 9e10 });
    const root = thing(
      'v1',
      'ConfigMap',
      'istio-system',
      'istio-ca-root-cert',
      `data: { root-cert.pem: ${JSON.stringify(certificatePem)} }`,
    );
    const made = thing('v1', 'Secret', 'istio-system', 'istio-ca-secret');
    expect((await told(check('authority-plugged-in'), istiod() + root + made))[1]).toMatch(
      /^istio-ca-secret: istiod made this authority itself; its root is valid until 2028-/,
    );
    expect((await judge(check('authority-plugged-in'), istiod() + made + thing('v1', 'Secret', 'istio-system', 'cacerts'))).is).toBe('ok');
    expect((await judge(check('authority-plugged-in'), istiod('{ name: ENABLE_CA_SERVER, value: "false" }'))).is).toBe('ok');
    expect((await judge(check('authority-plugged-in'), istiod())).is).toBe('skipped');
  });

  it('live for a week at the most', async () => {
    const ttl = (value: string): string => istiod(`{ name: DEFAULT_WORKLOAD_CERT_TTL, value: "${value}" }`);
    expect(await told(check('workload-certificates-short'), ttl('2160h'))).toEqual([
      'warning',
      'istiod: DEFAULT_WORKLOAD_CERT_TTL is 2160h.',
    ]);
    expect(await told(check('workload-certificates-short'), ttl('24h'))).toEqual(['ok']);
  });
});

describe('gateways', () => {
  const server = (port: string, hosts: string, more = ''): string =>
    thing(
      'networking.istio.io/v1',
      'Gateway',
      'shop',
      'web',
      `spec: { selector: { istio: ingressgateway }, servers: [{ port: { ${port} }, hosts: [${hosts}]${more} }] }`,
    );
  const HTTP = 'number: 80, name: http, protocol: HTTP';
  const HTTPS = 'number: 443, name: https, protocol: HTTPS';

  it('name their hosts', async () => {
    expect(await told(check('gateway-hosts-named'), server(HTTPS, '"*"', ', tls: { mode: SIMPLE }'))).toEqual([
      'warning',
      'web: Port 443 serves every host.',
    ]);
    expect((await told(check('gateway-hosts-named'), server(HTTP, '"shop/*"')))[0]).toBe('warning');
    expect(await told(check('gateway-hosts-named'), server(HTTPS, '"*.example.com"'))).toEqual(['ok']);
    expect(await told(check('gateway-hosts-named'), server(HTTP, '"*"', ', tls: { httpsRedirect: true }'))).toEqual(['ok']);
    expect(
      await told(check('gateway-hosts-named'), server('number: 15443, protocol: TLS', '"*"', ', tls: { mode: AUTO_PASSTHROUGH }')),
    ).toEqual(['ok']);
  });

  it('serve plain HTTP to redirect it', async () => {
    expect(await told(check('gateway-http-redirected'), server(HTTP, 'shop.example.com'))).toEqual([
      'warning',
      'web: Port 80 serves plain HTTP.',
    ]);
    expect(await told(check('gateway-http-redirected'), server(HTTP, 'shop.example.com', ', tls: { httpsRedirect: true }'))).toEqual([
      'ok',
    ]);
    expect(await told(check('gateway-http-redirected'), server(HTTP, 'shop.mesh.internal'))).toEqual(['ok']);
    expect(await told(check('gateway-http-redirected'), server(HTTPS, 'shop.example.com'))).toEqual(['ok']);
  });

  it('of Gateway API redirect by a route', async () => {
    const listener = (gatewayClass: string): string =>
      thing(
        'gateway.networking.k8s.io/v1',
        'Gateway',
        'shop',
        'web',
        `spec: { gatewayClassName: ${gatewayClass}, listeners: [{ name: http, port: 80, protocol: HTTP }] }`,
      );
    const route = (filters: string): string =>
      thing(
        'gateway.networking.k8s.io/v1',
        'HTTPRoute',
        'shop',
        'r',
        `spec: { parentRefs: [{ name: web, sectionName: http }], rules: [{ filters: [${filters}] }] }`,
      );
    const redirect = route('{ type: RequestRedirect, requestRedirect: { scheme: https } }');
    expect(await told(check('gateway-http-redirected'), listener('istio') + route(''))).toEqual([
      'warning',
      'web: Port 80 serves plain HTTP.',
    ]);
    expect(await told(check('gateway-http-redirected'), listener('istio') + redirect)).toEqual(['ok']);
    expect(await told(check('gateway-http-redirected'), listener('nginx') + route(''))).toEqual(['ok']);
  });

  it('speak no old TLS', async () => {
    expect(await told(check('gateway-tls-modern'), server(HTTPS, 'a.com', ', tls: { minProtocolVersion: TLSV1_1 }'))).toEqual([
      'warning',
      'web: Port 443 accepts TLSV1_1.',
    ]);
    expect(await told(check('gateway-tls-modern'), server(HTTPS, 'a.com', ', tls: { minProtocolVersion: TLSV1_3 }'))).toEqual(['ok']);
    expect(await told(check('gateway-tls-modern'), server(HTTPS, 'a.com', ', tls: { mode: SIMPLE }'))).toEqual(['ok']);
  });

  it('offer no administrative port', async () => {
    const service = (type: string, port: string, annotations = ''): string =>
      thing(
        'v1',
        'Service',
        'istio-system',
        'istio-ingressgateway',
        `spec: { type: ${type}, ports: [{ port: 80, targetPort: 8080 }, { ${port} }] }`,
        `labels: { istio: ingressgateway }, annotations: { ${annotations} }`,
      );
    expect(await told(check('admin-ports-inside'), service('LoadBalancer', 'port: 8001, targetPort: 15000'))).toEqual([
      'failed',
      "istio-ingressgateway: Port 8001 leads to the administration of the gateway's Envoy.",
    ]);
    expect((await told(check('admin-ports-inside'), service('NodePort', 'port: 15014')))[0]).toBe('warning');
    const internal = 'networking.gke.io/load-balancer-type: Internal';
    expect((await told(check('admin-ports-inside'), service('LoadBalancer', 'port: 15014', internal)))[0]).toBe('warning');
    expect(await told(check('admin-ports-inside'), service('LoadBalancer', 'port: 15021'))).toEqual(['ok']);
    expect(await told(check('admin-ports-inside'), service('ClusterIP', 'port: 15000'))).toEqual(['ok']);
    const other = thing('v1', 'Service', 'shop', 'web', 'spec: { type: LoadBalancer, ports: [{ port: 15000 }] }');
    expect(await told(check('admin-ports-inside'), other)).toEqual(['ok']);
  });
});

describe('settings', () => {
  it('restrict egress in the mesh configuration, or by a Sidecar of the whole mesh', async () => {
    expect(await told(check('egress-restricted'), istiod() + meshConfig('trustDomain: a'))).toEqual(['warning', 'istio']);
    const whole = thing(
      'networking.istio.io/v1',
      'Sidecar',
      'istio-system',
      'default',
      'spec: { outboundTrafficPolicy: { mode: REGISTRY_ONLY } }',
    );
    expect(await told(check('egress-restricted'), istiod() + meshConfig('trustDomain: a') + whole)).toEqual(['ok']);
    expect((await judge(check('egress-restricted'), '')).is).toBe('skipped');
  });

  it('for tests fail', async () => {
    expect(
      await told(
        check('unsafe-settings-off'),
        istiod('{ name: UNSAFE_ENABLE_ADMIN_ENDPOINTS, value: "true" }, { name: XDS_AUTH, value: "false" }'),
      ),
    ).toEqual(['failed', 'istiod: UNSAFE_ENABLE_ADMIN_ENDPOINTS is "true".', 'istiod: XDS_AUTH is "false".']);
    expect(
      await told(
        check('unsafe-settings-off'),
        istiod('{ name: UNSAFE_ENABLE_ADMIN_ENDPOINTS, value: "false" }, { name: XDS_AUTH, value: "true" }'),
      ),
    ).toEqual(['ok']);
  });

  it('for debugging are told', async () => {
    const loud =
      istiod('', ', args: [discovery, "--log_output_level=default:info,ads:debug"]') +
      sidecar('cart', { annotations: 'sidecar.istio.io/logLevel: trace' });
    expect(await told(check('log-levels-quiet'), loud)).toEqual([
      'warning',
      'istiod: It runs with "--log_output_level=default:info,ads:debug".',
      'cart: Its annotation sidecar.istio.io/logLevel is "trace".',
    ]);
    expect(await told(check('log-levels-quiet'), istiod('', ', args: ["--log_output_level=default:info"]') + sidecar('cart'))).toEqual([
      'ok',
    ]);
  });

  it('let the proxy start first', async () => {
    expect(await told(check('proxies-start-first'), meshedPod('cart'))).toEqual([
      'warning',
      'cart: Its proxy starts beside the application.',
    ]);
    const native = meshedPod('cart', { proxy: 'other', inits: '{ name: istio-proxy, restartPolicy: Always }' });
    expect(await told(check('proxies-start-first'), native + sidecar('pay') + gateway)).toEqual(['ok']);
  });
});

describe('telemetry', () => {
  const telemetry = (namespace: string, spec: string): string =>
    thing('telemetry.istio.io/v1', 'Telemetry', namespace, 'default', `spec: ${spec}`);

  it('is collected by something', async () => {
    const collector = (image: string): string =>
      workload('monitoring', 'agent', { kind: 'DaemonSet', container: `name: agent, image: "${image}"` });
    expect((await judge(check('metrics-collected'), '')).is).toBe('warning');
    expect((await judge(check('metrics-collected'), collector('quay.io/prometheus-operator/prometheus-operator:v0.80'))).is).toBe(
      'warning',
    );
    for (const image of [
      'prom/prometheus:v3',
      'otel/opentelemetry-collector-contrib:0.120',
      'gcr.io/datadoghq/agent:7',
      'victoriametrics/vmagent:v1',
    ])
      expect([image, (await judge(check('metrics-collected'), collector(image))).is]).toEqual([image, 'ok']);
  });

  it('is merged unless somebody says otherwise', async () => {
    expect(await told(check('metrics-merged'), istiod() + meshConfig('enablePrometheusMerge: false'))).toEqual(['warning', 'istio']);
    expect(await told(check('metrics-merged'), istiod() + meshConfig('trustDomain: a'))).toEqual(['ok']);
  });

  it('samples traces', async () => {
    expect(await told(check('tracing-sampled'), telemetry('shop', '{ tracing: [{ randomSamplingPercentage: 100 }] }'))).toEqual([
      'warning',
      'default: Its randomSamplingPercentage is 100.',
    ]);
    expect((await told(check('tracing-sampled'), istiod() + meshConfig('defaultConfig: { tracing: { sampling: 100 } }')))[0]).toBe(
      'warning',
    );
    expect(await told(check('tracing-sampled'), telemetry('shop', '{ tracing: [{ randomSamplingPercentage: 5 }] }'))).toEqual(['ok']);
  });

  it('logs access for the whole mesh', async () => {
    const silent = istiod() + meshConfig('trustDomain: a');
    expect(await told(check('access-logged'), silent)).toEqual(['warning', 'istio']);
    expect(
      await told(check('access-logged'), silent + telemetry('istio-system', '{ accessLogging: [{ providers: [{ name: envoy }] }] }')),
    ).toEqual(['ok']);
    expect(
      (await told(check('access-logged'), silent + telemetry('shop', '{ accessLogging: [{ providers: [{ name: envoy }] }] }')))[0],
    ).toBe('warning');
    expect(await told(check('access-logged'), istiod() + meshConfig('defaultProviders: { accessLogging: [otel] }'))).toEqual(['ok']);
  });
});

describe('proxies', () => {
  it('have resources', async () => {
    const bare = meshedPod('cart') + meshedPod('pay', { proxyFields: 'resources: { limits: { cpu: 1, memory: 1Gi } }' }) + sidecar('web');
    expect(await told(check('proxy-resources-set'), bare)).toEqual([
      'warning',
      'cart: It has no request of CPU, no request of memory, no limit of memory.',
    ]);
  });

  it('have no privileges, but for ztunnel', async () => {
    const rights = (fields: string): string => meshedPod('cart', { proxyFields: `securityContext: { ${fields} }` });
    expect(await told(check('proxies-unprivileged'), rights('privileged: true'))).toEqual(['warning', 'cart: The proxy is privileged.']);
    expect((await told(check('proxies-unprivileged'), rights('runAsUser: 0')))[1]).toBe('cart: The proxy runs as root.');
    expect(await told(check('proxies-unprivileged'), rights('runAsUser: 1337, allowPrivilegeEscalation: false'))).toEqual(['ok']);
    const ztunnel = meshedPod('ztunnel', { hasApp: false, proxyFields: 'securityContext: { privileged: true }' });
    expect(await told(check('proxies-unprivileged'), ztunnel)).toEqual(['ok']);
  });

  it('need no init container with NET_ADMIN beside the CNI plugin', async () => {
    const init = (capabilities: string): string =>
      meshedPod('cart', { inits: `{ name: istio-init, securityContext: { capabilities: { add: [${capabilities}] } } }` });
    expect(await told(check('traffic-redirected-by-node-agent'), init('NET_ADMIN, NET_RAW'))).toEqual([
      'warning',
      'cart: Its init container "istio-init" adds NET_ADMIN.',
    ]);
    expect(await told(check('traffic-redirected-by-node-agent'), init(''))).toEqual(['ok']);
  });

  it('stand beside applications with probes and identities of their own', async () => {
    expect(await told(check('workloads-probed'), sidecar('cart', { appFields: '' }) + sidecar('web') + gateway)).toEqual([
      'warning',
      'cart: No container has a readinessProbe.',
    ]);
    const job = sidecar('report', { appFields: '' }).replace('apiVersion: apps/v1, kind: ReplicaSet', 'apiVersion: batch/v1, kind: Job');
    expect(await told(check('workloads-probed'), job)).toEqual(['ok']);
    const shared = sidecar('cart', { account: 'default' }) + sidecar('pay', { account: 'default' });
    expect(await told(check('identities-distinct'), shared + sidecar('web'))).toEqual([
      'warning',
      'cart: It runs as "default".',
      'pay: It runs as "default".',
    ]);
    expect(await told(check('identities-distinct'), sidecar('cart', { account: 'default' }) + sidecar('web'))).toEqual(['ok']);
  });

  it('have images with a version', async () => {
    const image = (name: string): string => sidecar('cart').replace('proxy:1.30.0', name);
    expect(await told(check('proxy-images-pinned'), image('proxyv2:latest'))).toEqual(['warning', 'cart: Its image is "proxyv2:latest".']);
    expect((await told(check('proxy-images-pinned'), image('localhost:5000/proxyv2')))[0]).toBe('warning');
    expect(await told(check('proxy-images-pinned'), image('proxyv2@sha256:00'))).toEqual(['ok']);
  });

  it('are counted once a workload, and only of the namespace asked about', async () => {
    const pods = meshedPod('cart') + meshedPod('cart').replace('cart-5d8c-x', 'cart-5d8c-y') + meshedPod('other', { namespace: 'else' });
    expect(await told(check('proxies-start-first'), pods, { namespace: 'shop' })).toEqual([
      'warning',
      'cart: Its proxy starts beside the application.',
    ]);
    const ended = meshedPod('cart').replace('phase: Running', 'phase: Succeeded');
    expect(await told(check('proxies-start-first'), ended)).toEqual(['ok']);
  });
});

describe('the control plane', () => {
  const two = istiod().replace('replicas: 1', 'replicas: 2');
  const budget = (spec: string): string =>
    thing('policy/v1', 'PodDisruptionBudget', 'istio-system', 'istiod', `spec: { ${spec}, selector: { matchLabels: { app: istiod } } }`);
  const scaler = (least: number): string =>
    thing(
      'autoscaling/v2',
      'HorizontalPodAutoscaler',
      'istio-system',
      'istiod',
      `spec: { minReplicas: ${least}, scaleTargetRef: { kind: Deployment, name: istiod } }`,
    );

  it('has more than one replica, by number or by autoscaler', async () => {
    expect(await told(check('control-plane-replicated'), istiod())).toEqual(['warning', 'istiod: It may run as 1 replica.']);
    expect((await told(check('control-plane-replicated'), two + scaler(1)))[0]).toBe('warning');
    expect(await told(check('control-plane-replicated'), two)).toEqual(['ok']);
    expect(await told(check('control-plane-replicated'), istiod() + scaler(2))).toEqual(['ok']);
    const ingress = workload('ingress', 'web', { container: 'name: istio-proxy, image: auto' });
    expect((await told(check('control-plane-replicated'), ingress))[1]).toBe('web: It may run as 1 replica.');
  });

  it('keeps a replica when nodes are drained, and lets them be', async () => {
    expect(await told(check('control-plane-disruptions-limited'), two)).toEqual([
      'warning',
      'istiod: No PodDisruptionBudget selects its pods.',
    ]);
    expect(await told(check('control-plane-disruptions-limited'), two + budget('minAvailable: 1'))).toEqual(['ok']);
    expect((await told(check('control-plane-disruptions-limited'), istiod() + budget('minAvailable: 1')))[1]).toContain(
      'allows no eviction at all',
    );
    expect(await told(check('control-plane-disruptions-limited'), istiod())).toEqual(['ok']);
  });

  it('runs on several nodes where there are', async () => {
    const nodes = thing('v1', 'Node', '', 'a') + thing('v1', 'Node', '', 'b');
    const pods = (second: string): string =>
      ['a', second]
        .map((node, index) =>
          meshedPod('istiod', { namespace: 'istio-system', proxy: 'discovery', node }).replace('istiod-5d8c-x', `istiod-${index}`),
        )
        .join('');
    expect(await told(check('control-plane-spread'), nodes + two + pods('a'))).toEqual(['warning', 'istiod: Its 2 pods run on node "a".']);
    expect(await told(check('control-plane-spread'), nodes + two + pods('b'))).toEqual(['ok']);
    expect(await told(check('control-plane-spread'), thing('v1', 'Node', '', 'a') + two + pods('a'))).toEqual(['ok']);
  });

  it('has probes, requests and a version, which the injector gives to gateways', async () => {
    const bare = workload('istio-system', 'istiod', { labels: 'app: istiod', container: 'name: discovery, image: "pilot:latest"' });
    expect((await told(check('control-plane-probed'), bare))[1]).toBe('istiod: No container has a readinessProbe.');
    expect((await told(check('control-plane-resources-set'), bare))[1]).toBe('istiod: "discovery" requests no CPU or no memory.');
    expect((await told(check('control-plane-images-pinned'), bare))[1]).toBe('istiod: Its image is "pilot:latest".');
    const injected = istiod() + workload('ingress', 'web', { container: 'name: istio-proxy, image: auto' });
    for (const name of ['probed', 'resources-set', 'images-pinned'])
      expect(await told(check(`control-plane-${name}`), injected)).toEqual(['ok']);
  });
});
