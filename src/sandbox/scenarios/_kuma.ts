/** A Kuma zone as its chart installs it, as far as the API server shows it. */
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { kumaDefinitions } from './_kuma-definitions.ts';
import { configMap, deployment, type Labels, namespace, object, service, serviceAccount, type Written } from './_objects.ts';

export const SYSTEM = 'kuma-system';
export const KUMA_VERSION = '2.11.2';
export const INJECTION = 'kuma.io/sidecar-injection';
export const KUMA_HUB = 'docker.io/kumahq';

const DAY_MS = 86_400_000;
const NAME = 'kuma-control-plane';
const LABELS: Labels = { app: NAME, 'app.kubernetes.io/name': 'kuma', 'app.kubernetes.io/instance': 'kuma' };
const SECRET = 'kuma-tls-cert';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

type Requirement = readonly [key: string, operator: string, ...values: string[]];

const selector = (...requirements: readonly Requirement[]): object => ({
  matchExpressions: requirements.map(([key, operator, ...values]) => ({ key, operator, ...(values.length > 0 ? { values } : {}) })),
});

const NAMESPACE_NAME = 'kubernetes.io/metadata.name';
const OUTSIDE: Requirement = [NAMESPACE_NAME, 'NotIn', 'kube-system', SYSTEM];

function webhooks(caBundle: string): readonly Written[] {
  const entry = (name: string, path: string, more: object): object => ({
    ...{ name: `${name}.kuma.io`, admissionReviewVersions: ['v1'], sideEffects: 'None', failurePolicy: 'Fail' },
    clientConfig: { service: { namespace: SYSTEM, name: NAME, path, port: 443 }, caBundle },
    ...more,
  });
  const rule = (apiGroup: string, apiVersion: string, operations: readonly string[], ...resources: readonly string[]): object => ({
    rules: [{ apiGroups: [apiGroup], apiVersions: [apiVersion], operations, resources }],
  });
  const newPods = rule('', 'v1', ['CREATE'], 'pods');
  const configuration = (kind: string, name: string, entries: readonly object[]): Written =>
    object('admissionregistration.k8s.io/v1', kind, '', name, { webhooks: entries }, { labels: LABELS });
  return [
    configuration('MutatingWebhookConfiguration', 'kuma-admission-mutating-webhook-configuration', [
      entry('mesh.defaulter.kuma-admission', '/default-kuma-io-v1alpha1-mesh', {
        namespaceSelector: selector([INJECTION, 'Exists']),
        ...rule('kuma.io', 'v1alpha1', ['CREATE', 'UPDATE'], 'meshes', 'meshtimeouts', 'meshtrafficpermissions'),
      }),
      entry('namespace-kuma-injector', '/inject-sidecar', {
        namespaceSelector: selector([INJECTION, 'In', 'enabled', 'true'], OUTSIDE),
        ...newPods,
      }),
      entry('pods-kuma-injector', '/inject-sidecar', {
        namespaceSelector: selector([INJECTION, 'Exists'], OUTSIDE),
        objectSelector: { matchLabels: { [INJECTION]: 'enabled' } },
        ...newPods,
      }),
    ]),
    configuration('ValidatingWebhookConfiguration', 'kuma-validating-webhook-configuration', [
      entry('validator.kuma-admission', '/validate-kuma-io-v1alpha1', {
        namespaceSelector: selector([INJECTION, 'Exists']),
        ...rule('kuma.io', 'v1alpha1', ['CREATE', 'UPDATE', 'DELETE'], 'meshes', 'dataplanes', 'meshtimeouts', 'meshtrafficpermissions'),
      }),
    ]),
  ];
}

function controlPlane(): readonly Written[] {
  const plane = deployment(SYSTEM, NAME, {
    labels: LABELS,
    serviceAccountName: NAME,
    containers: [
      {
        name: 'control-plane',
        image: `${KUMA_HUB}/kuma-cp:${KUMA_VERSION}`,
        args: ['run', '--log-level=info', '--config-file=/etc/kuma.io/kuma-control-plane/config.yaml'],
        env: Object.entries({
          KUMA_MODE: 'zone',
          KUMA_ENVIRONMENT: 'kubernetes',
          KUMA_RUNTIME_KUBERNETES_INJECTOR_CNI_ENABLED: 'false',
        }).map(([name, value]) => ({ name, value })),
        ports: [5680, 5681, 5682, 5443, 5678].map((containerPort) => ({ containerPort })),
        readinessProbe: { httpGet: { path: '/ready', port: 5680 } },
        resources: { requests: { cpu: '500m', memory: '256Mi' }, limits: { memory: '256Mi' } },
      },
    ],
    volumes: [{ name: 'general-tls-cert', secret: { secretName: SECRET } }],
  });
  return [
    serviceAccount(SYSTEM, NAME),
    configMap(SYSTEM, `${NAME}-config`, { 'config.yaml': '# use this file to override default configuration of `kuma-cp`\n' }),
    plane,
    service(SYSTEM, NAME, LABELS, [
      { name: 'diagnostics', port: 5680 },
      { name: 'http-api-server', port: 5681 },
      { name: 'https-admission-server', port: 443, targetPort: 5443 },
      { name: 'dp-server', port: 5678 },
    ]),
  ];
}

const mesh = object('kuma.io/v1alpha1', 'Mesh', '', 'default', {
  spec: {
    meshServices: { mode: 'Exclusive' },
    mtls: { enabledBackend: 'ca-1', backends: [{ name: 'ca-1', type: 'builtin', dpCert: { rotation: { expiration: '1d' } } }] },
  },
});

export interface KumaCertificates {
  readonly authority: Certificate;
  /** What the control plane serves with. */
  readonly serving: Certificate;
}

export function kumaCertificates(): KumaCertificates {
  const notBefore = Date.now() - DAY_MS;
  const validity = { notBefore, notAfter: notBefore + 3650 * DAY_MS };
  const authority = issueCertificate({ commonName: 'kuma-ca', isCa: true, ...validity });
  const dnsNames = [`${NAME}.${SYSTEM}`, `${NAME}.${SYSTEM}.svc`];
  return { authority, serving: issueCertificate({ commonName: NAME, dnsNames, issuer: authority, ...validity }) };
}

/** A control plane with the Mesh "default" and mutual TLS. */
export function kumaObjects({ authority, serving }: KumaCertificates): readonly Written[] {
  const data = {
    'tls.crt': base64(serving.certificatePem),
    'tls.key': base64(serving.keyPem),
    'ca.crt': base64(authority.certificatePem),
  };
  return [
    ...kumaDefinitions,
    namespace(SYSTEM, { 'kuma.io/system-namespace': 'true', [NAMESPACE_NAME]: SYSTEM }),
    object('v1', 'Secret', SYSTEM, SECRET, { type: 'kubernetes.io/tls', data }, { labels: LABELS }),
    ...controlPlane(),
    ...webhooks(data['ca.crt']),
    mesh,
  ];
}
