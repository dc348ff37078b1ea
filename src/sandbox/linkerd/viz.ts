/** Linkerd's extension viz as its chart installs it, with the tap API that the API server passes on to. */
import {
  configMap,
  type Labels,
  object,
  type ServicePort,
  serviceAccount,
  service as serviceObject,
  type Written,
} from '../scenarios/_objects.ts';
import {
  apiAccess,
  controllerDeployment,
  fromSecret,
  notIn,
  type Program,
  programContainer,
  secret,
  webhookConfiguration,
} from './controllers.ts';
import { CONTROL_NAMESPACE, CREATED_BY, identityName, REGISTRY, TRUST_DOMAIN, VERSION, VIZ_NAMESPACE } from './names.ts';
import { binding, type Rule, role } from './roles.ts';
import type { MeshTrust } from './trust.ts';

const VIZ: Labels = { 'linkerd.io/extension': 'viz' };
const part = (component: string): Labels => ({ ...VIZ, component });
const PROMETHEUS = 'prom/prometheus:v2.55.1';
const LOGGING = ['-log-level=info', '-log-format=plain', '-enable-pprof=false'];

/** @param tapAuthority PEM that the APIService trusts; what the tap API serves with when absent */
export function vizObjects({ serving }: MeshTrust, tapAuthority = serving.tap.certificatePem): readonly Written[] {
  return [
    object('v1', 'Namespace', '', VIZ_NAMESPACE, {}, { labels: { ...VIZ, 'pod-security.kubernetes.io/enforce': 'privileged' } }),
    ...access,
    ...(['tap', 'tap-injector'] as const).map((name) =>
      secret(
        VIZ_NAMESPACE,
        `${name}-k8s-tls`,
        'kubernetes.io/tls',
        { 'tls.crt': serving[name].certificatePem, 'tls.key': serving[name].keyPem },
        { labels: part(name), annotations: CREATED_BY },
      ),
    ),
    apiService(tapAuthority),
    tapInjection(serving['tap-injector'].certificatePem),
    configMap(VIZ_NAMESPACE, 'prometheus-config', { 'prometheus.yml': PROMETHEUS_CONFIG }),
    ...programs.flatMap(programObjects),
    ...policies,
    ...profiles,
  ];
}

const WATCH = 'list,get,watch';
const WORKLOADS: readonly Rule[] = [
  ['extensions,apps', 'daemonsets,deployments,replicasets,statefulsets', WATCH],
  ['extensions,batch', 'cronjobs,jobs', WATCH],
];
const prefixed = (name: string): string => `linkerd-${VIZ_NAMESPACE}-${name}`;
const accountOf = (name: string): readonly [string, string] => [VIZ_NAMESPACE, name];
const bound = (name: string, rules: readonly Rule[], account: string): readonly Written[] => [
  role('', prefixed(name), part(account), rules),
  binding('', part(account), { role: prefixed(name), account: accountOf(account) }),
];

const access: readonly Written[] = [
  ...['metrics-api', 'prometheus', 'tap', 'tap-injector', 'web'].map((name) => serviceAccount(VIZ_NAMESPACE, name)),
  ...bound(
    'metrics-api',
    [
      ...WORKLOADS,
      ['', 'pods,endpoints,services,replicationcontrollers,namespaces', WATCH],
      ['linkerd.io', 'serviceprofiles', WATCH],
      ['policy.linkerd.io', 'servers,serverauthorizations,authorizationpolicies,httproutes', 'list,get'],
    ],
    'metrics-api',
  ),
  ...bound('prometheus', [['', 'nodes,nodes/proxy,pods', 'get,list,watch']], 'prometheus'),
  ...bound('tap', [['', 'pods,services,replicationcontrollers,namespaces,nodes', WATCH], ...WORKLOADS], 'tap'),
  role('', prefixed('tap-admin'), part('tap'), [
    ['', 'namespaces', 'list'],
    ['tap.linkerd.io', '*', 'watch'],
  ]),
  binding('', part('tap'), { name: prefixed('tap-auth-delegator'), role: 'system:auth-delegator', account: accountOf('tap') }),
  binding('kube-system', part('tap'), {
    name: prefixed('tap-auth-reader'),
    role: 'extension-apiserver-authentication-reader',
    account: accountOf('tap'),
  }),
  role('', 'linkerd-tap-injector', VIZ, [['', 'namespaces', 'get,list,watch']]),
  binding('', VIZ, { role: 'linkerd-tap-injector', account: accountOf('tap-injector') }),
  ...bound(
    'web-check',
    [
      ['rbac.authorization.k8s.io', 'clusterroles,clusterrolebindings', 'list'],
      ['apiextensions.k8s.io', 'customresourcedefinitions', 'list'],
      ['admissionregistration.k8s.io', 'mutatingwebhookconfigurations,validatingwebhookconfigurations', 'list'],
      ['linkerd.io', 'serviceprofiles', 'list'],
      ['', 'nodes,pods,services', 'list'],
      ['apiregistration.k8s.io', 'apiservices', 'get'],
    ],
    'web',
  ),
  binding('', part('web'), { name: prefixed('web-admin'), role: prefixed('tap-admin'), account: accountOf('web') }),
  ...bound('web-api', [['', 'namespaces', 'list']], 'web'),
  role(CONTROL_NAMESPACE, 'web', part('web'), [
    ['', 'namespaces,configmaps', 'get'],
    ['', 'serviceaccounts,pods', 'list'],
    ['apps', 'replicasets', 'list'],
  ]),
  binding(CONTROL_NAMESPACE, part('web'), { role: 'web', account: accountOf('web') }),
];

const apiService = (authority: string): Written =>
  object(
    'apiregistration.k8s.io/v1',
    'APIService',
    '',
    'v1alpha1.tap.linkerd.io',
    {
      spec: {
        ...{ group: 'tap.linkerd.io', version: 'v1alpha1', groupPriorityMinimum: 1000, versionPriority: 100 },
        service: { name: 'tap', namespace: VIZ_NAMESPACE, port: 443 },
        caBundle: Buffer.from(authority).toString('base64'),
      },
    },
    { labels: part('tap') },
  );

const tapInjection = (authority: string): Written =>
  webhookConfiguration(
    {
      kind: 'Mutating',
      name: 'tap-injector.linkerd.io',
      configuration: 'linkerd-tap-injector-webhook-config',
      service: [VIZ_NAMESPACE, 'tap-injector'],
      authority,
      namespaces: [notIn('kubernetes.io/metadata.name', 'kube-system')],
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], scope: 'Namespaced' }],
      more: { reinvocationPolicy: 'IfNeeded' },
    },
    VIZ,
  );

interface VizProgram extends Program {
  readonly servicePorts: readonly ServicePort[];
  readonly volumes?: readonly object[];
}

const METRICS_API = `metrics-api.${VIZ_NAMESPACE}.svc.${TRUST_DOMAIN}:8085`;
const PROMETHEUS_URL = `http://prometheus.${VIZ_NAMESPACE}.svc.${TRUST_DOMAIN}:9090`;

const programs: readonly VizProgram[] = [
  {
    name: 'metrics-api',
    image: `${REGISTRY}/metrics-api:${VERSION}`,
    args: [
      `-controller-namespace=${CONTROL_NAMESPACE}`,
      `-cluster-domain=${TRUST_DOMAIN}`,
      `-prometheus-url=${PROMETHEUS_URL}`,
      ...LOGGING,
    ],
    ports: { http: 8085, admin: 9995 },
    adminPort: 9995,
    user: 2103,
    servicePorts: [{ name: 'http', port: 8085 }],
  },
  {
    name: 'prometheus',
    image: PROMETHEUS,
    args: ['--config.file=/etc/prometheus/prometheus.yml', '--storage.tsdb.path=/data', '--storage.tsdb.retention.time=6h'],
    ports: { admin: 9090 },
    adminPort: 9090,
    paths: ['/-/healthy', '/-/ready'],
    user: 65_534,
    mounts: { 'prometheus-config': '/etc/prometheus' },
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'prometheus-config', configMap: { name: 'prometheus-config' } },
    ],
    servicePorts: [{ name: 'admin', port: 9090 }],
  },
  {
    name: 'tap',
    image: `${REGISTRY}/tap:${VERSION}`,
    args: ['api', `-api-namespace=${CONTROL_NAMESPACE}`, `-identity-trust-domain=${TRUST_DOMAIN}`, ...LOGGING],
    ports: { grpc: 8088, apiserver: 8089, admin: 9998 },
    adminPort: 9998,
    user: 2103,
    mounts: { tls: '/var/run/linkerd/tls' },
    volumes: [fromSecret('tls', 'tap-k8s-tls')],
    servicePorts: [
      { name: 'grpc', port: 8088 },
      { name: 'apiserver', port: 443, targetPort: 'apiserver' },
    ],
  },
  {
    name: 'tap-injector',
    image: `${REGISTRY}/tap:${VERSION}`,
    args: ['injector', `-tap-service-name=${identityName('tap', VIZ_NAMESPACE)}`, ...LOGGING],
    ports: { 'tap-injector': 8443, admin: 9995 },
    adminPort: 9995,
    user: 2103,
    mounts: { tls: '/var/run/linkerd/tls' },
    volumes: [fromSecret('tls', 'tap-injector-k8s-tls')],
    servicePorts: [{ name: 'tap-injector', port: 443, targetPort: 'tap-injector' }],
  },
  {
    name: 'web',
    image: `${REGISTRY}/web:${VERSION}`,
    args: [
      `-linkerd-metrics-api-addr=${METRICS_API}`,
      `-cluster-domain=${TRUST_DOMAIN}`,
      `-controller-namespace=${CONTROL_NAMESPACE}`,
      ...LOGGING,
    ],
    ports: { http: 8084, admin: 9994 },
    adminPort: 9994,
    user: 2103,
    servicePorts: [
      { name: 'http', port: 8084 },
      { name: 'admin', port: 9994 },
    ],
  },
];

const INJECTED: Labels = { ...CREATED_BY, 'linkerd.io/inject': 'enabled' };

function programObjects(program: VizProgram): readonly Written[] {
  const { name, servicePorts, volumes = [] } = program;
  const selector = part(name);
  const own = serviceObject(VIZ_NAMESPACE, name, selector, servicePorts);
  const labels = {
    ...selector,
    'app.kubernetes.io/name': name,
    'app.kubernetes.io/part-of': 'Linkerd',
    'app.kubernetes.io/version': VERSION,
  };
  return [
    { ...own, metadata: { ...own.metadata, annotations: INJECTED } },
    controllerDeployment(
      VIZ_NAMESPACE,
      name,
      { labels, annotations: { ...INJECTED, 'config.linkerd.io/proxy-await': 'enabled' } },
      {
        account: name,
        selector,
        labels: {},
        annotations: { ...INJECTED, 'config.alpha.linkerd.io/proxy-wait-before-exit-seconds': '0' },
        containers: [programContainer(program)],
        volumes: [...volumes, apiAccess],
      },
    ),
  ];
}

const policy = (kind: string, name: string, component: string, spec: object): Written =>
  object(
    `policy.linkerd.io/${kind === 'Server' ? 'v1beta3' : 'v1alpha1'}`,
    kind,
    VIZ_NAMESPACE,
    name,
    { spec },
    { labels: part(component), annotations: CREATED_BY },
  );

const OWN_POLICIES = 'policy.linkerd.io';

/** A port of a program, and who may reach it. */
const guarded = (
  server: string,
  policyName: string,
  component: string,
  port: string,
  proxyProtocol: string,
  reference: object,
): readonly Written[] => [
  policy('Server', server, component, { podSelector: { matchLabels: part(component) }, port, proxyProtocol }),
  policy('AuthorizationPolicy', policyName, component, {
    targetRef: { group: OWN_POLICIES, kind: 'Server', name: server },
    requiredAuthenticationRefs: [reference],
  }),
];

const authentication = (kind: string, name: string): object => ({ group: OWN_POLICIES, kind, name });
const anywhere = { networks: [{ cidr: '0.0.0.0/0' }, { cidr: '::/0' }] };

const policies: readonly Written[] = [
  policy('MeshTLSAuthentication', 'metrics-api-web', 'metrics-api', { identityRefs: [{ kind: 'ServiceAccount', name: 'web' }] }),
  policy('NetworkAuthentication', 'kubelet', 'kubelet', anywhere),
  policy('NetworkAuthentication', 'kube-api-server', 'tap', anywhere),
  ...guarded('metrics-api', 'metrics-api', 'metrics-api', 'http', 'HTTP/1', authentication('MeshTLSAuthentication', 'metrics-api-web')),
  ...guarded('prometheus-admin', 'prometheus-admin', 'prometheus', 'admin', 'HTTP/1', {
    kind: 'ServiceAccount',
    name: 'metrics-api',
    namespace: VIZ_NAMESPACE,
  }),
  ...guarded('tap-api', 'tap', 'tap', 'apiserver', 'TLS', authentication('NetworkAuthentication', 'kube-api-server')),
  ...guarded(
    'tap-injector-webhook',
    'tap-injector',
    'tap-injector',
    'tap-injector',
    'TLS',
    authentication('NetworkAuthentication', 'kube-api-server'),
  ),
];

const profile = (name: string, routes: readonly string[]): Written =>
  object(
    'linkerd.io/v1alpha2',
    'ServiceProfile',
    VIZ_NAMESPACE,
    `${name}.${VIZ_NAMESPACE}.svc.${TRUST_DOMAIN}`,
    {
      spec: {
        routes: routes.map((route) => {
          const [method, pathRegex] = route.split(' ');
          return { name: route, condition: { method, pathRegex } };
        }),
      },
    },
    { labels: VIZ },
  );

const profiles: readonly Written[] = [
  profile(
    'metrics-api',
    ['StatSummary', 'TopRoutes', 'ListPods', 'ListServices', 'SelfCheck', 'Gateways', 'Edges'].map((name) => `POST /api/v1/${name}`),
  ),
  profile('prometheus', ['POST /api/v1/query', 'GET /api/v1/query_range', 'GET /api/v1/series']),
];

const PROMETHEUS_CONFIG = `global:
  evaluation_interval: 10s
  scrape_interval: 10s
  scrape_timeout: 10s
scrape_configs:
- job_name: 'linkerd-controller'
  kubernetes_sd_configs:
  - role: pod
    namespaces:
      names: ['${CONTROL_NAMESPACE}', '${VIZ_NAMESPACE}']
  relabel_configs:
  - {source_labels: [__meta_kubernetes_pod_container_port_name], action: keep, regex: .*admin$}
  - {source_labels: [__meta_kubernetes_pod_container_name], action: replace, target_label: component}
- job_name: 'linkerd-proxy'
  kubernetes_sd_configs:
  - role: pod
  relabel_configs:
  - {source_labels: [__meta_kubernetes_pod_container_name, __meta_kubernetes_pod_container_port_name], action: keep, regex: ^linkerd-proxy;linkerd-admin$}
  - {source_labels: [__meta_kubernetes_namespace], action: replace, target_label: namespace}
  - {source_labels: [__meta_kubernetes_pod_name], action: replace, target_label: pod}
`;
