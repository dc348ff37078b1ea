/** A small Istio mesh as it runs in a cluster, to be broken by tests. */
import { issueCertificate } from '../../src/sandbox/pki/certificate.ts';
import { definitions } from '../../src/sandbox/scenarios/_definitions.ts';

export const NOW = Date.UTC(2026, 0, 1);
const DAY = 86_400_000;

const authority = (notBefore: number, notAfter: number): string =>
  issueCertificate({ commonName: 'istio-ca', isCa: true, notBefore, notAfter }).certificatePem;

/** As webhooks carry it. */
const bundle = (pem: string): string => Buffer.from(pem).toString('base64');

const root = authority(NOW - 10 * DAY, NOW + 3640 * DAY);
const validBundle = bundle(root);
/** What the webhook trusts, where that is a certificate. */
const rootOf = ({ caBundle }: MeshOptions): string => {
  const text = Buffer.from(caBundle ?? '', 'base64').toString();
  return text.startsWith('-----BEGIN') ? text : root;
};
export const expiredBundle = bundle(authority(NOW - 20 * DAY, NOW - 10 * DAY));
export const endingBundle = bundle(authority(NOW - 99 * DAY, NOW + DAY));

export interface MeshOptions {
  /** Of the pods of istiod: see `sandbox.meshctl.dev/fate`. */
  readonly istiodFate?: string;
  readonly istiodReplicas?: number;
  readonly proxyFate?: string;
  readonly proxyVersion?: string;
  readonly hasProxy?: boolean;
  readonly hasService?: boolean;
  readonly hasIstiod?: boolean;
  readonly caBundle?: string;
  readonly failurePolicy?: string;
  /** A second webhook configuration for the same pods. */
  readonly hasRival?: boolean;
  readonly workloads?: number;
}

export function mesh(options: MeshOptions = {}): readonly object[] {
  const { hasService = true, hasIstiod = true, hasRival = false, workloads = 1 } = options;
  return [
    namespace('istio-system', {}),
    namespace('shop', { 'istio-injection': 'enabled' }),
    ...(hasIstiod ? [istiod(options)] : []),
    ...(hasService ? [service('istio-system', 'istiod', 15012)] : []),
    webhook('istio-sidecar-injector', options),
    ...(hasRival ? [webhook('istio-sidecar-injector-old', options)] : []),
    configMap('istio-system', 'istio', { mesh: 'rootNamespace: istio-system\n' }),
    ...['istio-system', 'shop'].map((each) => configMap(each, 'istio-ca-root-cert', { 'root-cert.pem': rootOf(options) })),
    ...definitions.filter(({ metadata }) => metadata.name.endsWith('.istio.io')),
    binding,
    service('shop', 'reviews', 9080),
    ...Array.from({ length: workloads }, (_, index) => reviews(index === 0 ? 'reviews' : `reviews-${index}`, options)),
  ];
}

const namespace = (name: string, labels: object): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

const configMap = (inside: string, name: string, data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: inside },
  data,
});

const binding: object = {
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRoleBinding',
  metadata: { name: 'istiod-clusterrole-istio-system' },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'istiod-clusterrole-istio-system' },
  subjects: [{ kind: 'ServiceAccount', name: 'istiod', namespace: 'istio-system' }],
};

const service = (inside: string, name: string, port: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace: inside, labels: { app: name } },
  spec: { selector: { app: name }, ports: [{ name: 'http', port }] },
});

const fated = (fate: string | undefined): object => (fate === undefined ? {} : { annotations: { 'sandbox.meshctl.dev/fate': fate } });

const istiod = ({ istiodFate, istiodReplicas = 1 }: MeshOptions): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'istiod', namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': 'default' } },
  spec: {
    replicas: istiodReplicas,
    selector: { matchLabels: { app: 'istiod' } },
    template: {
      metadata: { labels: { app: 'istiod', istio: 'pilot', 'sidecar.istio.io/inject': 'false' }, ...fated(istiodFate) },
      spec: {
        serviceAccountName: 'istiod',
        containers: [{ name: 'discovery', image: 'registry.istio.io/release/pilot:1.30.0-distroless' }],
      },
    },
  },
});

const reviews = (name: string, { hasProxy = true, proxyFate, proxyVersion = '1.30.1' }: MeshOptions): object => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace: 'shop' },
  spec: {
    replicas: 1,
    selector: { matchLabels: { app: 'reviews', part: name } },
    template: {
      metadata: { labels: { app: 'reviews', part: name }, ...fated(proxyFate) },
      spec: {
        containers: [
          { name: 'reviews', image: 'reviews:1', ports: [{ containerPort: 9080 }] },
          ...(hasProxy ? [{ name: 'istio-proxy', image: `registry.istio.io/release/proxyv2:${proxyVersion}` }] : []),
        ],
      },
    },
  },
});

const webhook = (name: string, { caBundle = validBundle, failurePolicy = 'Fail' }: MeshOptions): object => ({
  apiVersion: 'admissionregistration.k8s.io/v1',
  kind: 'MutatingWebhookConfiguration',
  metadata: { name, labels: { app: 'sidecar-injector' } },
  webhooks: [
    {
      name: 'namespace.sidecar-injector.istio.io',
      clientConfig: { service: { name: 'istiod', namespace: 'istio-system', path: '/inject', port: 443 }, caBundle },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } },
      objectSelector: { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }] },
      failurePolicy,
      sideEffects: 'None',
      admissionReviewVersions: ['v1'],
    },
  ],
});
