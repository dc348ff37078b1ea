/**
 * Istio's sidecar injector as the API server calls it: by the webhooks that the cluster holds at that moment. Mend or
 * delete them with kubectl, and new pods fare accordingly.
 */
import { itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import type { Admission } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import { HUB, ROOT_NAMESPACE, VERSION } from './_names.ts';

export interface Injector {
  /** PEM of the authority that istiod's certificate is from. */
  readonly authority: string;
  /** The proxy that the pods of an app got before the sandbox opened; undefined for none. The current one when absent. */
  readonly before?: ((app: string) => string | undefined) | undefined;
}

export function injectorOf({ authority, before = () => VERSION }: Injector): (object: KubeObject, admission: Admission) => KubeObject {
  return (object, admission) => {
    if (object.kind !== 'Pod' || object.apiVersion !== 'v1' || admission.operation !== 'CREATE') return object;
    const webhook = webhookFor(object, admission);
    if (!webhook) return object;
    if (!admission.isOpen) {
      const version = before(object.metadata.labels?.['app'] ?? '');
      return version === undefined ? object : injected(object, version);
    }
    const failure = failureOf(webhook, authority, admission);
    if (failure === undefined) return injected(object, VERSION);
    if (webhook['failurePolicy'] === 'Ignore') return object;
    const url = `https://istiod.${ROOT_NAMESPACE}.svc:443/inject?timeout=${String(webhook['timeoutSeconds'] ?? 10)}s`;
    throw new Error(`failed calling webhook "${stringAt(webhook, 'name')}": failed to call webhook: Post "${url}": ${failure}`);
  };
}

type Webhook = ReturnType<typeof objectAt>;

function webhookFor({ metadata, spec }: KubeObject, { get }: Admission): Webhook | undefined {
  const configuration = get('admissionregistration.k8s.io/MutatingWebhookConfiguration', '', 'istio-sidecar-injector');
  const home = get('core/Namespace', '', metadata.namespace ?? '');
  if (objectAt(spec)['hostNetwork'] === true) return undefined;
  return itemsAt(configuration, 'webhooks').find(
    ({ item }) =>
      labelSelectorMatches(item['namespaceSelector'], home?.metadata.labels ?? {}) &&
      labelSelectorMatches(item['objectSelector'], metadata.labels ?? {}),
  )?.item;
}

/** Why the webhook cannot be called, in the words of the API server. */
function failureOf(webhook: Webhook, authority: string, { get }: Admission): string | undefined {
  const trusted = Buffer.from(stringAt(webhook, 'clientConfig', 'caBundle') ?? '', 'base64').toString();
  const { name = '', namespace = '' } = objectAt(webhook, 'clientConfig', 'service') as { name?: string; namespace?: string };
  if (!get('core/Service', namespace, name)) return `service "${name}" not found`;
  const subsets = itemsAt(get('core/Endpoints', namespace, name), 'subsets');
  if (!subsets.some(({ item }) => listAt(item, 'addresses').length > 0)) return `no endpoints available for service "${name}"`;
  if (!trusted.includes(authority.trim())) return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  return undefined;
}

/** The sidecar as a native one: an init container that keeps running. */
function injected(pod: KubeObject, version: string): KubeObject {
  const { metadata } = pod;
  const spec = objectAt(pod, 'spec');
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
        'istio.io/rev': 'default',
        'security.istio.io/tlsMode': 'istio',
        'service.istio.io/canonical-name': app,
        'service.istio.io/canonical-revision': metadata.labels?.['version'] ?? 'latest',
      },
      annotations: {
        ...metadata.annotations,
        'sidecar.istio.io/status': JSON.stringify({ initContainers: ['istio-init', 'istio-proxy'], containers: null, revision: 'default' }),
      },
    },
    spec: { ...spec, initContainers: [init, proxy, ...listAt(spec, 'initContainers')] },
  };
}
