/** Istio's webhooks as istiod's pod serves them: injection and validation, behind the authority of the mesh. */
import type { Duplex } from 'node:stream';
import { listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Inside, Programs } from '../options.ts';
import { type Certificate, issueCertificate } from '../pki/certificate.ts';
import { webhookServer } from '../programs/webhook-server.ts';
import type { KubeObject } from '../store/object.ts';
import { HUB, ROOT_NAMESPACE, VERSION } from './_names.ts';
import type { Labels } from './_objects.ts';

export const ISTIOD_WEBHOOK_PORT = 15_017;
const DAY_MS = 86_400_000;

/** @param authority that signs istiod's certificate, as the mesh's own authority does */
export function istiodWebhooks(authority: Certificate): (inside: Inside) => Programs {
  return () => {
    const names = ['istiod', 'istiod-remote', 'istio-pilot'];
    const dnsNames = names.map((name) => `${name}.${ROOT_NAMESPACE}.svc`);
    const open = istiodServer(authority, { dnsNames, version: VERSION });
    return { dial: ({ metadata }, port) => (port === ISTIOD_WEBHOOK_PORT && metadata.labels?.['app'] === 'istiod' ? open() : undefined) };
  };
}

/** @returns a function that opens a connection to the webhooks of one istiod */
export function istiodServer(
  issuer: Certificate,
  { dnsNames, version }: { readonly dnsNames: readonly string[]; readonly version: string },
): () => Duplex {
  const notBefore = Date.now() - DAY_MS;
  const own = issueCertificate({ commonName: '', dnsNames, issuer, notBefore, notAfter: notBefore + 365 * DAY_MS });
  return webhookServer(own, { '/inject': (pod) => injected(pod, version), '/validate': validated });
}

/** @param versionFor the proxy that the pods of an app got before the sandbox opened; undefined for none */
export const injectedBefore =
  (versionFor: (app: string) => string | undefined = () => VERSION) =>
  (pod: KubeObject): KubeObject => {
    const version = versionFor(pod.metadata.labels?.['app'] ?? '');
    return version === undefined ? pod : injected(pod, version);
  };

/** Fields without which istiod refuses an object, of the checks that it makes. */
const REQUIRED: Readonly<Record<string, string>> = {
  DestinationRule: 'host',
  Gateway: 'servers',
  ServiceEntry: 'hosts',
  VirtualService: 'hosts',
};

function validated(object: KubeObject): KubeObject | string {
  const field = REQUIRED[object.kind];
  const value = field === undefined ? undefined : objectAt(object, 'spec')[field];
  const isMissing = field !== undefined && (value === undefined || value === '' || (Array.isArray(value) && value.length === 0));
  return isMissing ? `configuration is invalid: ${object.kind} "${object.metadata.name}" has no ${field}` : object;
}

/** The chart of gateways leaves the image to the injector. */
const isGateway = (container: unknown): boolean => stringAt(container, 'name') === 'istio-proxy' && stringAt(container, 'image') === 'auto';

function asGateway(pod: KubeObject, version: string): KubeObject {
  const { metadata } = pod;
  const spec = objectAt(pod, 'spec');
  const proxy = {
    image: `${HUB}/proxyv2:${version}`,
    args: ['proxy', 'router', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
    readinessProbe: { httpGet: { path: '/healthz/ready', port: 15021, scheme: 'HTTP' }, failureThreshold: 4, periodSeconds: 15 },
  };
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: { 'istio.io/rev': 'default', ...metadata.labels },
      annotations: {
        ...metadata.annotations,
        'sidecar.istio.io/status': JSON.stringify({ initContainers: null, containers: null, revision: 'default' }),
      },
    },
    spec: {
      ...spec,
      containers: listAt(spec, 'containers').map((each) => (isGateway(each) ? { ...(each as object), ...proxy } : each)),
    },
  };
}

/** Prometheus is sent to the agent, which answers for application and proxy; of an application that wants none it is not. */
function mergedMetrics(annotations: Labels): Labels {
  if (annotations['prometheus.io/scrape'] === 'false') return {};
  return { 'prometheus.io/port': '15020', 'prometheus.io/path': '/stats/prometheus', 'prometheus.io/scrape': 'true' };
}

const STATUS = JSON.stringify({
  initContainers: ['istio-init', 'istio-proxy'],
  containers: null,
  volumes: null,
  imagePullSecrets: null,
  revision: 'default',
});

/** The sidecar as a native one: an init container that keeps running. */
function injected(pod: KubeObject, version: string): KubeObject {
  const { metadata } = pod;
  const spec = objectAt(pod, 'spec');
  if (spec['hostNetwork'] === true) return pod;
  if (listAt(spec, 'containers').some(isGateway)) return asGateway(pod, version);
  if ([...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')].some((each) => stringAt(each, 'name') === 'istio-proxy'))
    return pod;
  const image = `${HUB}/proxyv2:${version}`;
  const parts = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File', imagePullPolicy: 'IfNotPresent' };
  const init = {
    name: 'istio-init',
    image,
    args: ['istio-iptables', '-p', '15001', '-z', '15006', '-u', '1337', '-m', 'REDIRECT', '-i', '*', '-b', '*', '-d', '15090,15021,15020'],
    resources: {},
    securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] }, runAsUser: 0, runAsGroup: 0 },
    ...parts,
  };
  const proxy = {
    name: 'istio-proxy',
    image,
    args: ['proxy', 'sidecar', '--domain', '$(POD_NAMESPACE).svc.cluster.local'],
    ports: [{ containerPort: 15090, name: 'http-envoy-prom', protocol: 'TCP' }],
    readinessProbe: {
      httpGet: { path: '/healthz/ready', port: 15021, scheme: 'HTTP' },
      failureThreshold: 4,
      periodSeconds: 15,
      successThreshold: 1,
      timeoutSeconds: 3,
    },
    resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '2', memory: '1Gi' } },
    restartPolicy: 'Always',
    securityContext: { runAsUser: 1337, runAsGroup: 1337, runAsNonRoot: true, readOnlyRootFilesystem: true },
    ...parts,
  };
  const app = metadata.labels?.['app'] ?? metadata.name;
  return {
    ...pod,
    metadata: {
      ...metadata,
      labels: {
        ...metadata.labels,
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': app,
        'service.istio.io/canonical-revision': metadata.labels?.['version'] ?? 'latest',
      },
      annotations: {
        ...metadata.annotations,
        'istio.io/rev': 'default',
        ...mergedMetrics(metadata.annotations ?? {}),
        'sidecar.istio.io/status': STATUS,
      },
    },
    spec: { ...spec, initContainers: [init, proxy, ...listAt(spec, 'initContainers')] },
  };
}
