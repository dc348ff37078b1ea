/** A small Linkerd mesh as it runs in a cluster, in YAML, to be broken by tests. */
import { runChecks } from '../../../src/checks/runner.ts';
import { checks } from '../../../src/mesh/linkerd/checks/index.ts';
import type { CheckResult, Facts } from '../../../src/model/check.ts';
import type { ServedKind } from '../../../src/model/cluster.ts';
import { type Kind, kindOf } from '../../../src/model/resource.ts';
import { type Certificate, type CertificateRequest, issueCertificate } from '../../../src/sandbox/pki/certificate.ts';
import { parseYaml } from '../../../src/text/yaml.ts';
import { factsOf, NOW } from '../facts.ts';

export const DAY = 86_400_000;
const VERSION = 'edge-25.10.1';

/** An authority that is good for years, unless told otherwise. */
export function authority(commonName: string, changes: Partial<CertificateRequest> = {}): Certificate {
  return issueCertificate({ commonName, isCa: true, notBefore: NOW - 30 * DAY, notAfter: NOW + 3000 * DAY, ...changes });
}

export const base64 = (text: string): string => Buffer.from(text).toString('base64');
const indented = (text: string, spaces: number): string => text.trim().replaceAll('\n', `\n${' '.repeat(spaces)}`);

export const root = authority('root.linkerd.cluster.local');
export const issuer = authority('identity.linkerd.cluster.local', { issuer: root, notAfter: NOW + 300 * DAY });

export const trustRoots = (...bundle: readonly string[]): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: linkerd-identity-trust-roots, namespace: linkerd }
data:
  ca-bundle.crt: |
    ${indented(bundle.join('\n'), 4)}
`;

export const issuerSecret = ({ certificatePem, keyPem }: Pick<Certificate, 'certificatePem' | 'keyPem'>): string => `
apiVersion: v1
kind: Secret
metadata: { name: linkerd-identity-issuer, namespace: linkerd }
data: { crt.pem: ${base64(certificatePem)}, key.pem: ${base64(keyPem)} }
`;

export const servingCertificate = (service: string, changes: Partial<CertificateRequest> = {}): Certificate =>
  issueCertificate({
    ...{ commonName: `${service}.svc`, dnsNames: [`${service}.svc`], isCa: true, notBefore: NOW - 30 * DAY, notAfter: NOW + 335 * DAY },
    ...changes,
  });

const serving = Object.fromEntries(
  ['proxy-injector', 'sp-validator', 'policy-validator'].map((name) => [name, servingCertificate(`linkerd-${name}.linkerd`)]),
);

export const servingSecret = (name: string, { certificatePem, keyPem }: Certificate, namespace = 'linkerd'): string => `
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }
data: { tls.crt: ${base64(certificatePem)}, tls.key: ${base64(keyPem)} }
`;

export const webhook = (name: string, bundle = serving[name]?.certificatePem ?? ''): string => `
apiVersion: admissionregistration.k8s.io/v1
kind: ${name === 'proxy-injector' ? 'Mutating' : 'Validating'}WebhookConfiguration
metadata: { name: linkerd-${name}-webhook-config }
webhooks:
  - name: linkerd-${name}.linkerd.io
    clientConfig: { service: { name: linkerd-${name}, namespace: linkerd }, caBundle: ${base64(bundle)} }
    rules: [{ operations: [CREATE], apiGroups: [""], apiVersions: [v1], resources: [pods, services] }]
    namespaceSelector:
      matchExpressions: [{ key: config.linkerd.io/admission-webhooks, operator: NotIn, values: [disabled] }]
    objectSelector:
      matchExpressions: [{ key: linkerd.io/control-plane-component, operator: DoesNotExist }]
`;

const service = (namespace: string, name: string): string => `
apiVersion: v1
kind: Service
metadata: { name: ${name}, namespace: ${namespace} }
spec: { clusterIP: 10.96.0.7, selector: { app: ${name} }, ports: [{ name: grpc, port: 8080 }] }
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: { name: ${name}-1, namespace: ${namespace}, labels: { kubernetes.io/service-name: ${name} } }
endpoints: [{ addresses: [10.244.0.5], conditions: { ready: true } }]
`;

const component = (name: string): string => `
apiVersion: apps/v1
kind: Deployment
metadata:
  name: linkerd-${name}
  namespace: linkerd
  labels: { linkerd.io/control-plane-component: ${name}, linkerd.io/control-plane-ns: linkerd, app.kubernetes.io/version: ${VERSION} }
spec:
  replicas: 1
  template: { spec: { serviceAccountName: linkerd-${name}, containers: [{ name: ${name}, image: "cr.l5d.io/linkerd/controller:${VERSION}" }] } }
status: { replicas: 1, readyReplicas: 1, availableReplicas: 1 }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: linkerd-${name}, namespace: linkerd }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: linkerd-linkerd-${name} }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: { name: linkerd-linkerd-${name} }
subjects: [{ kind: ServiceAccount, name: linkerd-${name}, namespace: linkerd }]
roleRef: { kind: ClusterRole, name: linkerd-linkerd-${name} }
---
${pod('linkerd', `linkerd-${name}-1`, { labels: `linkerd.io/control-plane-component: ${name}` })}
`;

export interface PodOptions {
  /** In flow style. */
  readonly labels?: string;
  readonly annotations?: string;
  /** Tag of the proxy's image; undefined: the pod has no proxy. */
  readonly version?: string | undefined;
  readonly isNative?: boolean;
  readonly isReady?: boolean;
  readonly anchors?: string;
  readonly spec?: string;
  readonly ip?: string;
  readonly phase?: string;
  readonly port?: string;
}

export function pod(namespace: string, name: string, options: PodOptions = {}): string {
  const { version = VERSION, isNative = true, isReady = true, anchors = root.certificatePem } = options;
  const proxy = `
    - name: linkerd-proxy
      image: cr.l5d.io/linkerd/proxy:${version}
      restartPolicy: Always
      env:
        - name: LINKERD2_PROXY_IDENTITY_TRUST_ANCHORS
          value: |
            ${indented(anchors, 12)}`;
  const status = `[{ name: linkerd-proxy, ready: ${isReady} }]`;
  const hasProxy = !('version' in options) || options.version !== undefined;
  return `
apiVersion: v1
kind: Pod
metadata:
  name: ${name}
  namespace: ${namespace}
  creationTimestamp: "2025-12-30T12:00:00Z"
  labels: { ${options.labels ?? `app: ${name.replace(/-\d+$/, '')}, linkerd.io/control-plane-ns: linkerd`} }
  annotations: { ${options.annotations ?? ''} }
spec:
  ${options.spec ?? 'nodeName: node-1'}
  containers:
    - { name: app, ports: [${options.port ?? ''}] }${hasProxy && !isNative ? proxy : ''}
  initContainers:
    - { name: first }${hasProxy && isNative ? proxy : ''}
status:
  phase: ${options.phase ?? 'Running'}
  podIP: ${options.ip ?? '10.244.0.5'}
  containerStatuses: [{ name: app, ready: true }${hasProxy && !isNative ? `, ${status.slice(1, -1)}` : ''}]
  initContainerStatuses: ${hasProxy && isNative ? status : '[]'}
`;
}

export const linkerdConfig = (values = ''): string => `
apiVersion: v1
kind: ConfigMap
metadata: { name: linkerd-config, namespace: linkerd }
data:
  values: |
    linkerdVersion: ${VERSION}
    ${indented(values, 4)}
`;

const definition = (plural: string): string => `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: ${plural}.gateway.networking.k8s.io }
spec: { versions: [{ name: v1, served: true }, { name: v1beta1, served: true }] }
`;

const healthy: readonly string[] = [
  `
apiVersion: v1
kind: Namespace
metadata: { name: linkerd, labels: { linkerd.io/is-control-plane: "true", config.linkerd.io/admission-webhooks: disabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: emojivoto, annotations: { linkerd.io/inject: enabled } }
---
apiVersion: v1
kind: Node
metadata: { name: node-1 }
spec: { podCIDR: 10.244.0.0/24 }
status: { nodeInfo: { containerRuntimeVersion: "containerd://2.1.0", operatingSystem: linux } }
---
apiVersion: batch/v1
kind: CronJob
metadata: { name: linkerd-heartbeat, namespace: linkerd, labels: { linkerd.io/control-plane-component: heartbeat } }
spec: { jobTemplate: { spec: { template: { spec: { serviceAccountName: linkerd-heartbeat } } } } }
---
apiVersion: v1
kind: ServiceAccount
metadata: { name: linkerd-heartbeat, namespace: linkerd }
`,
  ...['destination', 'identity', 'proxy-injector'].map(component),
  linkerdConfig(),
  trustRoots(root.certificatePem),
  issuerSecret(issuer),
  ...Object.entries(serving).flatMap(([name, certificate]) => [
    webhook(name),
    servingSecret(`linkerd-${name}-k8s-tls`, certificate),
    service('linkerd', `linkerd-${name}`),
  ]),
  ...['httproutes', 'grpcroutes'].map(definition),
  pod('emojivoto', 'web-1', { isNative: false }),
  pod('emojivoto', 'voting-1'),
  service('emojivoto', 'web'),
];

const KINDS: readonly Kind[] = [
  'linkerd.io/ServiceProfile',
  ...['Server', 'ServerAuthorization', 'AuthorizationPolicy', 'MeshTLSAuthentication', 'NetworkAuthentication'].map(
    (kind): Kind => `policy.linkerd.io/${kind}`,
  ),
  ...['HTTPRoute', 'EgressNetwork', 'HTTPLocalRateLimitPolicy'].map((kind): Kind => `policy.linkerd.io/${kind}`),
  'workload.linkerd.io/ExternalWorkload',
];

export interface Changes extends Partial<Facts> {
  /** Documents that are added, or that replace those of the same kind and name. */
  readonly with?: string;
  /** Names of objects that are not there, such as `ConfigMap linkerd-config`. */
  readonly without?: readonly string[];
  readonly served?: readonly Kind[];
}

/** Facts of the healthy mesh, with changes. */
export function meshFacts({ with: added = '', without = [], served = KINDS, ...changes }: Changes = {}): Facts {
  const documents = new Map<string, string>();
  for (const text of [...healthy, added].flatMap((each) => each.split(/^---$/m))) {
    const key = keyOf(text);
    if (key !== undefined) documents.set(key, text);
  }
  for (const key of documents.keys()) if (without.some((gone) => key.startsWith(`${gone} `))) documents.delete(key);
  return factsOf([...documents.values()].join('\n---\n'), {
    mode: 'proxy',
    meshes: ['linkerd'],
    kinds: async () => new Map(served.map((kind) => [kind, { kind } as ServedKind])),
    ...changes,
  });
}

function keyOf(text: string): string | undefined {
  const body = parseYaml(text) as { apiVersion: string; kind: string; metadata: { name: string; namespace?: string } } | undefined;
  if (!body) return undefined;
  return `${kindOf(body.apiVersion, body.kind).split('/')[1]} ${body.metadata.name} ${body.metadata.namespace ?? ''}`;
}

export async function resultOf(id: string, changes: Changes = {}): Promise<CheckResult> {
  const check = checks.find((each) => each.id === `linkerd/${id}`);
  if (!check) throw new Error(`There is no check ${id}.`);
  return check.run(meshFacts(changes));
}

/** Ids of the checks that are not ok, each with its result, as `meshctl check` runs them. */
export async function problems(changes: Changes = {}): Promise<Readonly<Record<string, CheckResult>>> {
  const facts = meshFacts(changes);
  const asked = checks.filter(({ modes = ['running', 'proxy'] }) => modes.includes(facts.mode));
  const outcomes = await runChecks(asked, facts, { clock: { now: () => 0 } });
  return Object.fromEntries(
    outcomes.flatMap(({ check, result }) => (result.is === 'ok' ? [] : [[check.id.replace('linkerd/', ''), result]])),
  );
}
