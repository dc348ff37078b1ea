/** Deployments of Linkerd's own programs, and what all their pods have in common. */
import { type Labels, object, type Written } from '../scenarios/_objects.ts';

export interface Program {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly command?: readonly string[];
  readonly ports: Readonly<Record<string, number>>;
  readonly adminPort: number;
  /** `/ping` and `/ready` when absent. */
  readonly paths?: readonly [live: string, ready: string];
  readonly user: number;
  /** Volumes and where they are mounted. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly env?: readonly object[];
}

const API_ACCESS = 'kube-api-access';

export function programContainer(program: Program): object {
  const { name, image, args, command, ports, adminPort, paths: [live, ready] = ['/ping', '/ready'], user, mounts = {}, env } = program;
  const mounted = Object.entries({ ...mounts, [API_ACCESS]: '/var/run/secrets/kubernetes.io/serviceaccount' });
  return {
    ...{ name, image, args, imagePullPolicy: 'IfNotPresent' },
    ...(command ? { command } : {}),
    ...(env ? { env } : {}),
    ports: Object.entries(ports).map(([port, containerPort]) => ({ name: port, containerPort, protocol: 'TCP' })),
    livenessProbe: { httpGet: { path: live, port: adminPort }, initialDelaySeconds: 10 },
    readinessProbe: { httpGet: { path: ready, port: adminPort }, failureThreshold: 7 },
    securityContext: {
      ...{ allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] }, readOnlyRootFilesystem: true },
      ...{ runAsNonRoot: true, runAsUser: user, seccompProfile: { type: 'RuntimeDefault' } },
    },
    volumeMounts: mounted.map(([volume, mountPath]) => ({ name: volume, mountPath, readOnly: true })),
  };
}

/** The token and the authority, which the pods mount themselves because the service account's are turned off. */
export const apiAccess = {
  name: API_ACCESS,
  projected: {
    defaultMode: 420,
    sources: [
      { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }] } },
    ],
  },
};

export interface ControllerPods {
  readonly account: string;
  readonly selector: Labels;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly containers: readonly object[];
  readonly initContainers?: readonly object[];
  readonly volumes: readonly object[];
}

export function controllerDeployment(
  within: string,
  name: string,
  marks: { readonly labels: Labels; readonly annotations: Labels },
  { account, selector, labels, annotations, ...parts }: ControllerPods,
): Written {
  const template = {
    metadata: { labels: { ...selector, ...labels }, annotations },
    spec: {
      ...parts,
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      serviceAccountName: account,
    },
  };
  const strategy = { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } };
  const spec = { replicas: 1, revisionHistoryLimit: 10, selector: { matchLabels: selector }, strategy, template };
  return object('apps/v1', 'Deployment', within, name, { spec }, marks);
}

export const fromSecret = (name: string, secretName: string): object => ({ name, secret: { secretName } });

const base64 = (text: string): string => Buffer.from(text).toString('base64');

export function secret(within: string, name: string, type: string, texts: Labels, marks: object = {}): Written {
  const data = Object.fromEntries(Object.entries(texts).map(([key, text]) => [key, base64(text)]));
  return object('v1', 'Secret', within, name, { type, data }, marks);
}

interface WebhookRow {
  readonly kind: 'Mutating' | 'Validating';
  readonly name: string;
  readonly configuration: string;
  readonly service: readonly [namespace: string, name: string];
  readonly authority: string;
  readonly namespaces: readonly object[];
  readonly rules: readonly object[];
  readonly more?: object;
}

export function webhookConfiguration(
  { kind, name, configuration, service, authority, namespaces, rules, more = {} }: WebhookRow,
  labels: Labels,
): Written {
  const [namespace, serviceName] = service;
  const webhook = {
    name,
    clientConfig: { service: { name: serviceName, namespace, path: '/', port: 443 }, caBundle: base64(authority) },
    namespaceSelector: { matchExpressions: namespaces },
    rules,
    ...{
      failurePolicy: 'Ignore',
      admissionReviewVersions: ['v1', 'v1beta1'],
      sideEffects: 'None',
      timeoutSeconds: 10,
      matchPolicy: 'Equivalent',
    },
    ...more,
  };
  return object('admissionregistration.k8s.io/v1', `${kind}WebhookConfiguration`, '', configuration, { webhooks: [webhook] }, { labels });
}

export const notIn = (key: string, ...values: readonly string[]): object => ({ key, operator: 'NotIn', values });
