/** An Istio control plane as its charts install it, as far as the API server shows it. */
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { definitions } from './_definitions.ts';
import { INJECTOR } from './_injector-template.ts';
import { FATE, HUB, ROOT_NAMESPACE, VERSION } from './_names.ts';
import { configMap, deployment, type Labels, namespace, object, service, serviceAccount, type Written } from './_objects.ts';

const DAY_MS = 86_400_000;

export interface ControlPlane {
  /** PEM of the authority that the mesh trusts. */
  readonly authority: string;
  /** PEM of the authority that the injection webhook trusts; the mesh's when absent. */
  readonly webhookAuthority?: string | undefined;
  /** How the pod of istiod fares; ready when absent. */
  readonly istiod?: 'CrashLoopBackOff' | undefined;
  /** The environment of istiod, by which it is set up. */
  readonly settings?: Labels | undefined;
}

export function authority(): Certificate {
  const notBefore = Date.now() - DAY_MS;
  const request = {
    commonName: 'cluster.local',
    organization: 'cluster.local',
    isCa: true,
    notBefore,
    notAfter: notBefore + 3650 * DAY_MS,
  };
  return issueCertificate(request);
}

const MESH = `accessLogFile: /dev/stdout
defaultConfig:
  discoveryAddress: istiod.istio-system.svc:15012
enablePrometheusMerge: true
rootNamespace: ${ROOT_NAMESPACE}
trustDomain: cluster.local
`;

const VALUES = {
  global: {
    hub: HUB,
    tag: VERSION,
    istioNamespace: ROOT_NAMESPACE,
    proxy: { image: 'proxyv2', autoInject: 'enabled', clusterDomain: 'cluster.local' },
    proxy_init: { image: 'proxyv2' },
  },
  revision: '',
  sidecarInjectorWebhook: { enableNamespacesByDefault: false, injectedAnnotations: {} },
};

const INJECT = 'sidecar.istio.io/inject';
const REVISION = 'istio.io/rev';
const NAMESPACE_LABEL = 'istio-injection';

type Requirement = readonly [key: string, operator: string, ...values: string[]];

const selector = (...requirements: readonly Requirement[]): object => ({
  matchExpressions: requirements.map(([key, operator, ...values]) => ({ key, operator, ...(values.length > 0 ? { values } : {}) })),
});

const NOT_OUT: Requirement = [INJECT, 'NotIn', 'false'];
const NO_LABEL: Requirement = [NAMESPACE_LABEL, 'DoesNotExist'];
const NO_REVISION: Requirement = [REVISION, 'DoesNotExist'];

const INJECTORS: readonly (readonly [name: string, namespaces: object, pods: object])[] = [
  ['rev.namespace', selector([REVISION, 'In', 'default'], NO_LABEL), selector(NOT_OUT)],
  ['rev.object', selector(NO_REVISION, NO_LABEL), selector(NOT_OUT, [REVISION, 'In', 'default'])],
  ['namespace', selector([NAMESPACE_LABEL, 'In', 'enabled']), selector(NOT_OUT)],
  ['object', selector(NO_LABEL, NO_REVISION), selector([INJECT, 'In', 'true'], NO_REVISION)],
];

function webhooks({ authority: own, webhookAuthority = own }: ControlPlane): readonly Written[] {
  const clientConfig = (path: string, pem: string): object => ({
    service: { name: 'istiod', namespace: ROOT_NAMESPACE, path, port: 443 },
    caBundle: Buffer.from(pem).toString('base64'),
  });
  const common = { admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail' };
  const configuration = (kind: string, name: string, app: string, entries: readonly object[]): Written =>
    object('admissionregistration.k8s.io/v1', kind, '', name, { webhooks: entries }, { labels: { app, [REVISION]: 'default' } });
  return [
    configuration(
      'MutatingWebhookConfiguration',
      'istio-sidecar-injector',
      'sidecar-injector',
      INJECTORS.map(([name, namespaceSelector, objectSelector]) => ({
        ...common,
        name: `${name}.sidecar-injector.istio.io`,
        clientConfig: clientConfig('/inject', webhookAuthority),
        namespaceSelector,
        objectSelector,
        rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      })),
    ),
    configuration('ValidatingWebhookConfiguration', 'istio-validator-istio-system', 'istiod', [
      {
        ...common,
        name: 'rev.validation.istio.io',
        clientConfig: clientConfig('/validate', own),
        objectSelector: selector([REVISION, 'In', 'default']),
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: ['security.istio.io', 'networking.istio.io', 'telemetry.istio.io', 'extensions.istio.io'],
            apiVersions: ['*'],
            resources: ['*'],
          },
        ],
      },
    ]),
  ];
}

function permissions(): readonly Written[] {
  const name = `istiod-clusterrole-${ROOT_NAMESPACE}`;
  const group = 'rbac.authorization.k8s.io';
  const all = (apiGroups: readonly string[], verbs: readonly string[]): object => ({ apiGroups, resources: ['*'], verbs });
  const rules = [
    all(['networking.istio.io', 'security.istio.io', 'telemetry.istio.io', 'extensions.istio.io'], ['get', 'list', 'watch', 'update']),
    all(['', 'apps', 'discovery.k8s.io', 'gateway.networking.k8s.io'], ['get', 'list', 'watch']),
    all(['admissionregistration.k8s.io'], ['get', 'list', 'watch', 'update', 'patch']),
  ];
  return [
    object(`${group}/v1`, 'ClusterRole', '', name, { rules }),
    object(`${group}/v1`, 'ClusterRoleBinding', '', name, {
      roleRef: { apiGroup: group, kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name: 'istiod', namespace: ROOT_NAMESPACE }],
    }),
  ];
}

function istiod({ istiod: fate, settings = {} }: ControlPlane): readonly Written[] {
  const env = Object.entries(settings).map(([name, value]) => ({ name, value }));
  const container = {
    name: 'discovery',
    image: `${HUB}/pilot:${VERSION}`,
    args: ['discovery', '--monitoringAddr=:15014', '--domain', 'cluster.local'],
    ports: [8080, 15010, 15012, 15017, 15014].map((containerPort) => ({ containerPort })),
    readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
    resources: { requests: { cpu: '500m', memory: '2048Mi' } },
    ...(env.length > 0 ? { env } : {}),
  };
  const labels: Labels = { app: 'istiod', istio: 'pilot', [REVISION]: 'default', [INJECT]: 'false' };
  const annotations: Labels = fate === undefined ? {} : { [FATE]: fate };
  return [
    serviceAccount(ROOT_NAMESPACE, 'istiod'),
    deployment(ROOT_NAMESPACE, 'istiod', { labels, annotations, serviceAccountName: 'istiod', containers: [container] }),
    service(ROOT_NAMESPACE, 'istiod', { app: 'istiod', istio: 'pilot' }, [
      { name: 'grpc-xds', port: 15010 },
      { name: 'https-dns', port: 15012 },
      { name: 'https-webhook', port: 443, targetPort: 15017 },
      { name: 'http-monitoring', port: 15014 },
    ]),
  ];
}

function ingressGateway(): readonly Written[] {
  const name = 'istio-ingressgateway';
  const selected: Labels = { app: name, istio: 'ingressgateway' };
  const container = {
    name: 'istio-proxy',
    image: `${HUB}/proxyv2:${VERSION}`,
    args: ['proxy', 'router', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
    ports: [15021, 8080, 8443, 15090].map((containerPort) => ({ containerPort })),
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021 } },
  };
  const entry = service(
    ROOT_NAMESPACE,
    name,
    selected,
    [
      { name: 'status-port', port: 15021 },
      { name: 'http2', port: 80, targetPort: 8080 },
      { name: 'https', port: 443, targetPort: 8443 },
    ],
    { type: 'LoadBalancer' },
  );
  return [
    serviceAccount(ROOT_NAMESPACE, `${name}-service-account`),
    deployment(ROOT_NAMESPACE, name, {
      labels: { ...selected, [REVISION]: 'default', [INJECT]: 'false' },
      serviceAccountName: `${name}-service-account`,
      containers: [container],
    }),
    { ...entry, ...{ status: { loadBalancer: { ingress: [{ ip: '192.0.2.80' }] } } } },
  ];
}

const gatewayClass = object('gateway.networking.k8s.io/v1', 'GatewayClass', '', 'istio', {
  spec: { controllerName: 'istio.io/gateway-controller', description: 'The default Istio GatewayClass' },
  status: {
    conditions: [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: 'Handled by Istio controller', observedGeneration: 1 }],
  },
});

/** @param namespaces that the mesh's authority is published in, besides the control plane's own */
export function istioObjects(plane: ControlPlane, namespaces: readonly string[]): readonly Written[] {
  return [
    ...definitions,
    namespace(ROOT_NAMESPACE),
    configMap(ROOT_NAMESPACE, 'istio', { mesh: MESH, meshNetworks: 'networks: {}\n' }),
    configMap(ROOT_NAMESPACE, 'istio-sidecar-injector', { config: INJECTOR, values: JSON.stringify(VALUES) }),
    ...[ROOT_NAMESPACE, ...namespaces].map((each) => configMap(each, 'istio-ca-root-cert', { 'root-cert.pem': plane.authority })),
    ...webhooks(plane),
    ...permissions(),
    ...istiod(plane),
    ...ingressGateway(),
    gatewayClass,
  ];
}
