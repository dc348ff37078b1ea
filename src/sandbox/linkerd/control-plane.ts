/** A Linkerd control plane as its charts install it, as far as the API server shows it. */
import { sha256 } from '../../text/hash.ts';
import { writeYaml } from '../../text/yaml-write.ts';
import { gatewayApiDefinitions } from '../scenarios/_gateway-api.ts';
import { configMap, type Labels, object, type ServicePort, service, type Written } from '../scenarios/_objects.ts';
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
import { linkerdDefinitions } from './definitions.ts';
import { CLUSTER_NETWORKS, CONTROL_NAMESPACE, CREATED_BY, INBOUND_POLICY, OPAQUE_PORTS, REGISTRY, TRUST_DOMAIN, VERSION } from './names.ts';
import { DEFAULT_SETTINGS, initContainer, PROXY_VOLUMES, type ProxySettings, proxyContainer } from './proxy-container.ts';
import { binding, type Rule, role } from './roles.ts';
import type { MeshTrust, ServingName } from './trust.ts';
import { valuesOf } from './values.ts';

const PLANE: Labels = { 'linkerd.io/control-plane-ns': CONTROL_NAMESPACE };
const component = (name: string): Labels => ({ 'linkerd.io/control-plane-component': name, ...PLANE });
const IMAGE = `${REGISTRY}/controller:${VERSION}`;
const LOGGING = ['-log-level=info', '-log-format=plain'];

export function controlPlaneObjects(trust: MeshTrust): readonly Written[] {
  return [
    ...linkerdDefinitions,
    ...gatewayApiDefinitions,
    object(
      'v1',
      'Namespace',
      '',
      CONTROL_NAMESPACE,
      {},
      {
        annotations: { 'linkerd.io/inject': 'disabled' },
        labels: {
          ...PLANE,
          'linkerd.io/is-control-plane': 'true',
          'config.linkerd.io/admission-webhooks': 'disabled',
          'pod-security.kubernetes.io/enforce': 'privileged',
        },
      },
    ),
    ...access,
    ...configuration(trust),
    ...webhooks(trust),
    ...services,
    identity(trust),
    destination(trust),
    proxyInjector(trust),
    heartbeat,
  ];
}

const account = (name: string, part: string): Written =>
  object('v1', 'ServiceAccount', CONTROL_NAMESPACE, name, {}, { labels: component(part) });

const WATCH = 'get,list,watch';
const DESTINATION: readonly Rule[] = [
  ['apps', 'replicasets', WATCH],
  ['batch', 'jobs', WATCH],
  ['', 'pods,endpoints,services,nodes', WATCH],
  ['linkerd.io', 'serviceprofiles', WATCH],
  ['workload.linkerd.io', 'externalworkloads', WATCH],
  ['coordination.k8s.io', 'leases', 'create,get,update,patch'],
  ['discovery.k8s.io', 'endpointslices', 'list,get,watch,create,update,patch,delete'],
];
const ROUTES = 'httproutes,grpcroutes,tlsroutes,tcproutes';
const POLICIES =
  'authorizationpolicies,httplocalratelimitpolicies,httproutes,meshtlsauthentications,networkauthentications,servers,serverauthorizations,egressnetworks';
const POLICY: readonly Rule[] = [
  ['', 'pods', WATCH],
  ['apps', 'deployments', 'get'],
  ['policy.linkerd.io', POLICIES, WATCH],
  ['gateway.networking.k8s.io', ROUTES, WATCH],
  ['policy.linkerd.io', 'httproutes/status,httplocalratelimitpolicies/status,egressnetworks/status', 'patch'],
  ['gateway.networking.k8s.io', ROUTES.replaceAll(/(\w+)/g, '$1/status'), 'patch'],
  ['workload.linkerd.io', 'externalworkloads', WATCH],
  ['coordination.k8s.io', 'leases', 'create,get,patch'],
];
const INJECTOR: readonly Rule[] = [
  ['', 'events', 'create,patch'],
  ['', 'namespaces,replicationcontrollers', WATCH],
  ['', 'pods', 'list,watch'],
  ['extensions,apps', 'deployments,replicasets,daemonsets,statefulsets', WATCH],
  ['extensions,batch', 'cronjobs,jobs', WATCH],
];

const prefixed = (name: string): string => `linkerd-${CONTROL_NAMESPACE}-${name}`;
const accountOf = (name: string): readonly [string, string] => [CONTROL_NAMESPACE, `linkerd-${name}`];

const access: readonly Written[] = [
  role('', prefixed('identity'), component('identity'), [
    ['authentication.k8s.io', 'tokenreviews', 'create'],
    ['', 'events', 'create,patch'],
  ]),
  binding('', component('identity'), { role: prefixed('identity'), account: accountOf('identity') }),
  account('linkerd-identity', 'identity'),
  role('', prefixed('destination'), component('destination'), DESTINATION),
  binding('', component('destination'), { role: prefixed('destination'), account: accountOf('destination') }),
  role('', 'linkerd-policy', component('destination'), POLICY),
  binding('', component('destination'), { name: 'linkerd-destination-policy', role: 'linkerd-policy', account: accountOf('destination') }),
  role(CONTROL_NAMESPACE, 'remote-discovery', component('destination'), [['', 'secrets', WATCH]]),
  binding(CONTROL_NAMESPACE, component('destination'), {
    name: 'linkerd-destination-remote-discovery',
    role: 'remote-discovery',
    account: accountOf('destination'),
  }),
  account('linkerd-destination', 'destination'),
  role('', prefixed('proxy-injector'), component('proxy-injector'), INJECTOR),
  binding('', component('proxy-injector'), { role: prefixed('proxy-injector'), account: accountOf('proxy-injector') }),
  account('linkerd-proxy-injector', 'proxy-injector'),
  role('', 'linkerd-heartbeat', PLANE, [
    ['', 'namespaces', 'list'],
    ['linkerd.io', 'serviceprofiles', 'list'],
  ]),
  binding('', PLANE, { role: 'linkerd-heartbeat', account: accountOf('heartbeat') }),
  role(CONTROL_NAMESPACE, 'linkerd-heartbeat', PLANE, [['', 'configmaps', 'get']]),
  binding(CONTROL_NAMESPACE, PLANE, { role: 'linkerd-heartbeat', account: accountOf('heartbeat') }),
  account('linkerd-heartbeat', 'heartbeat'),
];

const TLS = 'kubernetes.io/tls';

function configuration({ anchor, issuer, serving }: MeshTrust): readonly Written[] {
  const [anchors, certificate] = [anchor.certificatePem.trim(), issuer.certificatePem.trim()];
  const marked = (written: Written, part: string): Written => ({
    ...written,
    metadata: { ...written.metadata, labels: component(part), annotations: CREATED_BY },
  });
  const key = String(issuer.key.export({ type: 'sec1', format: 'pem' }));
  const values = { 'linkerd-crds-chart-version': 'linkerd-crds-2026.8.3', values: writeYaml(valuesOf({ anchors, issuer: certificate })) };
  const overrides = writeYaml({ identity: { issuer: { tls: { crtPEM: certificate, keyPEM: key } } }, identityTrustAnchorsPEM: anchors });
  const served = (['linkerd-proxy-injector', 'linkerd-sp-validator', 'linkerd-policy-validator'] as const).map((name) =>
    marked(
      secret(CONTROL_NAMESPACE, `${name}-k8s-tls`, TLS, { 'tls.crt': serving[name].certificatePem, 'tls.key': serving[name].keyPem }),
      name === 'linkerd-proxy-injector' ? 'proxy-injector' : 'destination',
    ),
  );
  return [
    marked(configMap(CONTROL_NAMESPACE, 'linkerd-config', values), 'controller'),
    marked(configMap(CONTROL_NAMESPACE, 'linkerd-identity-trust-roots', { 'ca-bundle.crt': anchors }), 'identity'),
    marked(secret(CONTROL_NAMESPACE, 'linkerd-identity-issuer', 'Opaque', { 'crt.pem': certificate, 'key.pem': key }), 'identity'),
    secret(CONTROL_NAMESPACE, 'linkerd-config-overrides', 'Opaque', { 'linkerd-config-overrides': overrides }, { labels: PLANE }),
    ...served,
  ];
}

function webhooks({ serving }: MeshTrust): readonly Written[] {
  const notDisabled = notIn('config.linkerd.io/admission-webhooks', 'disabled');
  const rule = (operations: readonly string[], apiGroup: string, apiVersions: readonly string[], resources: string): object => ({
    ...{ operations, apiGroups: [apiGroup], apiVersions, resources: resources.split(','), scope: 'Namespaced' },
  });
  const writes = ['CREATE', 'UPDATE'];
  const validator = (name: ServingName, rules: readonly object[]): Written =>
    webhookConfiguration(
      {
        kind: 'Validating',
        name: `${name}.linkerd.io`,
        configuration: `${name}-webhook-config`,
        service: [CONTROL_NAMESPACE, name],
        authority: serving[name].certificatePem,
        namespaces: [notDisabled],
        rules,
      },
      component('destination'),
    );
  return [
    webhookConfiguration(
      {
        kind: 'Mutating',
        name: 'linkerd-proxy-injector.linkerd.io',
        configuration: 'linkerd-proxy-injector-webhook-config',
        service: [CONTROL_NAMESPACE, 'linkerd-proxy-injector'],
        authority: serving['linkerd-proxy-injector'].certificatePem,
        namespaces: [notDisabled, notIn('kubernetes.io/metadata.name', 'kube-system', 'cert-manager')],
        rules: [rule(['CREATE'], '', ['v1'], 'pods,services')],
        more: {
          objectSelector: {
            matchExpressions: [
              { key: 'linkerd.io/control-plane-component', operator: 'DoesNotExist' },
              { key: 'linkerd.io/cni-resource', operator: 'DoesNotExist' },
            ],
          },
        },
      },
      component('proxy-injector'),
    ),
    validator('linkerd-sp-validator', [rule(writes, 'linkerd.io', ['v1alpha1', 'v1alpha2'], 'serviceprofiles')]),
    validator('linkerd-policy-validator', [
      rule(writes, 'policy.linkerd.io', ['*'], POLICIES),
      rule(writes, 'gateway.networking.k8s.io', ['*'], ROUTES),
    ]),
  ];
}

function plainService(name: string, part: string, ports: readonly ServicePort[], more: object = {}): Written {
  const written = service(CONTROL_NAMESPACE, name, { 'linkerd.io/control-plane-component': part }, ports, more);
  const annotations = name === 'linkerd-proxy-injector' ? { ...CREATED_BY, 'config.linkerd.io/opaque-ports': '443' } : CREATED_BY;
  return { ...written, metadata: { ...written.metadata, labels: component(part), annotations } };
}

const HEADLESS = { clusterIP: 'None' };

const services: readonly Written[] = [
  plainService('linkerd-identity', 'identity', [{ name: 'grpc', port: 8080 }]),
  plainService('linkerd-identity-headless', 'identity', [{ name: 'grpc', port: 8080 }], HEADLESS),
  plainService('linkerd-dst', 'destination', [{ name: 'grpc', port: 8086 }]),
  plainService('linkerd-dst-headless', 'destination', [{ name: 'grpc', port: 8086 }], HEADLESS),
  plainService('linkerd-policy', 'destination', [{ name: 'grpc', port: 8090 }], HEADLESS),
  plainService('linkerd-sp-validator', 'destination', [{ name: 'sp-validator', port: 443, targetPort: 'sp-validator' }]),
  plainService('linkerd-policy-validator', 'destination', [{ name: 'policy-https', port: 443, targetPort: 'policy-https' }]),
  plainService('linkerd-proxy-injector', 'proxy-injector', [{ name: 'proxy-injector', port: 443, targetPort: 'proxy-injector' }]),
];

interface Controller {
  readonly part: string;
  readonly programs: readonly Program[];
  readonly volumes: readonly object[];
  readonly settings: Partial<ProxySettings>;
  readonly isNative: boolean;
  readonly annotations?: Labels;
}

function controller({ anchor }: MeshTrust, { part, programs, volumes, settings, isNative, annotations = {} }: Controller): Written {
  const name = `linkerd-${part}`;
  const proxy = {
    ...DEFAULT_SETTINGS,
    skipOutboundPorts: '443,6443',
    inboundPorts: programs.flatMap(({ ports }) => Object.values(ports)),
    ...settings,
  };
  return controllerDeployment(
    CONTROL_NAMESPACE,
    name,
    {
      annotations: CREATED_BY,
      labels: {
        'app.kubernetes.io/name': part,
        'app.kubernetes.io/part-of': 'Linkerd',
        'app.kubernetes.io/version': VERSION,
        ...component(part),
      },
    },
    {
      account: name,
      selector: { ...component(part), 'linkerd.io/proxy-deployment': name },
      labels: { 'linkerd.io/workload-ns': CONTROL_NAMESPACE },
      annotations: {
        ...CREATED_BY,
        'linkerd.io/proxy-version': VERSION,
        'cluster-autoscaler.kubernetes.io/safe-to-evict': 'true',
        'linkerd.io/trust-root-sha256': sha256(anchor.certificatePem),
        'config.linkerd.io/default-inbound-policy': INBOUND_POLICY,
        ...annotations,
      },
      // The identity's own proxy would wait for it for ever as a native sidecar, which starts first.
      containers: [...programs.map(programContainer), ...(isNative ? [] : [proxyContainer(proxy, false)])],
      initContainers: [initContainer(proxy), ...(isNative ? [proxyContainer(proxy)] : [])],
      volumes: [...volumes, apiAccess, ...PROXY_VOLUMES],
    },
  );
}

const ISSUED = ['-identity-issuance-lifetime=24h0m0s', '-identity-clock-skew-allowance=20s', '-identity-scheme=linkerd.io/tls'];
const USER = 2103;

const identity = (trust: MeshTrust): Written =>
  controller(trust, {
    part: 'identity',
    isNative: false,
    settings: { local: ['identity'], requireTlsPorts: '8080' },
    volumes: [
      fromSecret('identity-issuer', 'linkerd-identity-issuer'),
      { name: 'trust-roots', configMap: { name: 'linkerd-identity-trust-roots' } },
    ],
    programs: [
      {
        name: 'identity',
        image: IMAGE,
        args: [
          'identity',
          ...LOGGING,
          `-controller-namespace=${CONTROL_NAMESPACE}`,
          `-identity-trust-domain=${TRUST_DOMAIN}`,
          ...ISSUED,
          '-enable-pprof=false',
        ],
        ports: { 'ident-grpc': 8080, 'ident-admin': 9990 },
        adminPort: 9990,
        user: USER,
        env: [{ name: 'LINKERD_DISABLED', value: 'linkerd-await cannot block the identity controller' }],
        mounts: { 'identity-issuer': '/var/run/linkerd/identity/issuer', 'trust-roots': '/var/run/linkerd/identity/trust-roots/' },
      },
    ],
  });

const destination = (trust: MeshTrust): Written =>
  controller(trust, {
    part: 'destination',
    isNative: true,
    settings: { local: ['destination', 'policy'] },
    volumes: [fromSecret('sp-tls', 'linkerd-sp-validator-k8s-tls'), fromSecret('policy-tls', 'linkerd-policy-validator-k8s-tls')],
    programs: [
      {
        name: 'destination',
        image: IMAGE,
        args: [
          ...['destination', '-addr=:8086', `-controller-namespace=${CONTROL_NAMESPACE}`, ...LOGGING, '-enable-h2-upgrade=true'],
          ...['-enable-endpoint-slices=true', `-cluster-domain=${TRUST_DOMAIN}`, `-identity-trust-domain=${TRUST_DOMAIN}`],
          ...[`-default-opaque-ports=${OPAQUE_PORTS}`, '-enable-ipv6=false', '-enable-pprof=false'],
        ],
        ports: { 'dest-grpc': 8086, 'dest-admin': 9996 },
        adminPort: 9996,
        user: USER,
      },
      {
        name: 'sp-validator',
        image: IMAGE,
        args: ['sp-validator', ...LOGGING, '-enable-pprof=false'],
        ports: { 'sp-validator': 8443, 'spval-admin': 9997 },
        adminPort: 9997,
        user: USER,
        mounts: { 'sp-tls': '/var/run/linkerd/tls' },
      },
      {
        name: 'policy',
        image: IMAGE,
        command: ['/linkerd-policy-controller'],
        args: [
          ...['--admin-addr=0.0.0.0:9990', `--control-plane-namespace=${CONTROL_NAMESPACE}`, '--grpc-addr=0.0.0.0:8090'],
          ...['--server-addr=0.0.0.0:9443', `--cluster-networks=${CLUSTER_NETWORKS}`, `--identity-domain=${TRUST_DOMAIN}`],
          ...[`--cluster-domain=${TRUST_DOMAIN}`, `--default-policy=${INBOUND_POLICY}`, `--default-opaque-ports=${OPAQUE_PORTS}`],
        ],
        ports: { 'policy-grpc': 8090, 'policy-admin': 9990, 'policy-https': 9443 },
        adminPort: 9990,
        paths: ['/live', '/ready'],
        user: USER,
        mounts: { 'policy-tls': '/var/run/linkerd/tls' },
      },
    ],
  });

const proxyInjector = (trust: MeshTrust): Written =>
  controller(trust, {
    part: 'proxy-injector',
    isNative: true,
    settings: {},
    annotations: { 'config.linkerd.io/opaque-ports': '8443' },
    volumes: [
      { name: 'config', configMap: { name: 'linkerd-config' } },
      { name: 'trust-roots', configMap: { name: 'linkerd-identity-trust-roots' } },
      fromSecret('tls', 'linkerd-proxy-injector-k8s-tls'),
    ],
    programs: [
      {
        name: 'proxy-injector',
        image: IMAGE,
        args: ['proxy-injector', ...LOGGING, `-linkerd-namespace=${CONTROL_NAMESPACE}`, '-enable-pprof=false'],
        ports: { 'proxy-injector': 8443, 'injector-admin': 9995 },
        adminPort: 9995,
        user: USER,
        mounts: {
          config: '/var/run/linkerd/config',
          'trust-roots': '/var/run/linkerd/identity/trust-roots',
          tls: '/var/run/linkerd/tls',
        },
      },
    ],
  });

const heartbeat = object(
  'batch/v1',
  'CronJob',
  CONTROL_NAMESPACE,
  'linkerd-heartbeat',
  {
    spec: {
      schedule: '17 4 * * *',
      concurrencyPolicy: 'Replace',
      successfulJobsHistoryLimit: 0,
      jobTemplate: {
        spec: {
          template: {
            metadata: { labels: { ...component('heartbeat'), 'linkerd.io/workload-ns': CONTROL_NAMESPACE }, annotations: CREATED_BY },
            spec: {
              serviceAccountName: 'linkerd-heartbeat',
              restartPolicy: 'Never',
              automountServiceAccountToken: false,
              containers: [
                { name: 'heartbeat', image: IMAGE, args: ['heartbeat', `-controller-namespace=${CONTROL_NAMESPACE}`, ...LOGGING] },
              ],
              volumes: [apiAccess],
            },
          },
        },
      },
    },
  },
  {
    annotations: CREATED_BY,
    labels: {
      'app.kubernetes.io/name': 'heartbeat',
      'app.kubernetes.io/part-of': 'Linkerd',
      'app.kubernetes.io/version': VERSION,
      ...component('heartbeat'),
    },
  },
);
