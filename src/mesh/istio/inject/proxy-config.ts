/**
 * ProxyConfig, the part of the mesh configuration that is fixed when a pod is injected: its defaults, how what a pod
 * says is laid over it, and what of it the proxy is handed.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/#ProxyConfig
 */
import { isBody, objectAt, stringMapAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { parseDuration } from '../../../text/duration.ts';
import { parseYaml, YamlProblem } from '../../../text/yaml.ts';
import { goJson } from './go-json.ts';
import { camelCase, type MessageFields } from './message.ts';
import { InjectProblem } from './problem.ts';
import { isSame } from './same.ts';

export const PROXY_CONFIG_TYPE = '*v1alpha1.ProxyConfig';

/** In the order of the definition, which is the order of the JSON that the proxy gets. */
export const PROXY_CONFIG_FIELDS: MessageFields = new Map([
  ['configPath', 'text'],
  ['binaryPath', 'text'],
  ['serviceCluster', 'text'],
  ['tracingServiceName', 'enum'],
  ['drainDuration', 'message'],
  ['parentShutdownDuration', 'message'],
  ['discoveryAddress', 'text'],
  ['discoveryRefreshDelay', 'message'],
  ['zipkinAddress', 'text'],
  ['statsdUdpAddress', 'text'],
  ['envoyMetricsServiceAddress', 'text'],
  ['proxyAdminPort', 'number'],
  ['availabilityZone', 'text'],
  ['controlPlaneAuthPolicy', 'enum'],
  ['customConfigFile', 'text'],
  ['statNameLength', 'number'],
  ['concurrency', 'message'],
  ['proxyBootstrapTemplatePath', 'text'],
  ['interceptionMode', 'enum'],
  ['tracing', 'message'],
  ['sds', 'message'],
  ['envoyAccessLogService', 'message'],
  ['envoyMetricsService', 'message'],
  ['proxyMetadata', 'texts'],
  ['runtimeValues', 'texts'],
  ['statusPort', 'number'],
  ['extraStatTags', 'list'],
  ['gatewayTopology', 'message'],
  ['terminationDrainDuration', 'message'],
  ['meshId', 'text'],
  ['readinessProbe', 'message'],
  ['proxyStatsMatcher', 'message'],
  ['holdApplicationUntilProxyStarts', 'message'],
  ['caCertificatesPem', 'list'],
  ['image', 'message'],
  ['privateKeyProvider', 'message'],
  ['proxyHeaders', 'message'],
  ['fileFlushInterval', 'message'],
  ['fileFlushMinSizeKb', 'message'],
  ['statsCompression', 'message'],
  ['statsEvictionInterval', 'message'],
]);

/** What the value 0 of an enum is called. */
const FIRST: Readonly<Record<string, string>> = {
  tracingServiceName: 'APP_LABEL_AND_NAMESPACE',
  controlPlaneAuthPolicy: 'NONE',
  interceptionMode: 'REDIRECT',
};

export const DEFAULT_PROXY_CONFIG: Body = {
  configPath: './etc/istio/proxy',
  binaryPath: '/usr/local/bin/envoy',
  serviceCluster: 'istio-proxy',
  drainDuration: '45s',
  terminationDrainDuration: '5s',
  proxyAdminPort: 15000,
  controlPlaneAuthPolicy: 'MUTUAL_TLS',
  discoveryAddress: 'istiod.istio-system.svc:15012',
  statNameLength: 189,
  statusPort: 15020,
  interceptionMode: 'REDIRECT',
};

/** Two ways to say the same thing; setting one unsets the other. */
const CLUSTER_NAMES = ['serviceCluster', 'tracingServiceName'];

/** Fields replace each other whole; only the environment and the headers are merged. */
export function mergeProxyConfig(base: Body, over: Body): Body {
  const given = Object.fromEntries(
    Object.entries(over)
      .filter(([, value]) => value !== null && value !== undefined)
      .map(([name, value]) => [PROXY_CONFIG_FIELDS.has(camelCase(name)) ? camelCase(name) : name, value]),
  );
  const named = CLUSTER_NAMES.find((name) => given[name] !== undefined);
  const kept = named ? Object.fromEntries(Object.entries(base).filter(([name]) => !CLUSTER_NAMES.includes(name))) : base;
  const merged: Record<string, unknown> = { ...kept, ...given };
  for (const field of ['proxyMetadata', 'proxyHeaders']) {
    if (isBody(base[field]) && isBody(given[field])) merged[field] = { ...base[field], ...given[field] };
  }
  return merged;
}

/** @param text of the annotation `proxy.istio.io/config` */
export function parseProxyConfig(text: string): Body {
  try {
    const parsed = parseYaml(text);
    if (parsed === undefined) return {};
    if (isBody(parsed)) return parsed;
  } catch (error) {
    if (!(error instanceof YamlProblem)) throw error;
  }
  throw new InjectProblem('invalid-annotation', 'The annotation "proxy.istio.io/config" is no YAML mapping of the fields of ProxyConfig.');
}

/** @param spec of a ProxyConfig resource, which has three of the fields, one under another name */
export function proxyConfigOf(spec: Body): Body {
  const environment = stringMapAt(spec, 'environmentVariables');
  return {
    ...(spec['concurrency'] === undefined ? {} : { concurrency: spec['concurrency'] }),
    ...(Object.keys(environment).length > 0 ? { proxyMetadata: environment } : {}),
    ...(isBody(spec['image']) ? { image: objectAt(spec, 'image') } : {}),
  };
}

/** What differs from the defaults, as JSON: the rest the proxy knows itself. */
export function proxyConfigJson(config: Body): string {
  const parts: string[] = [];
  const names = [...PROXY_CONFIG_FIELDS.keys(), ...Object.keys(config).filter((name) => !PROXY_CONFIG_FIELDS.has(name))];
  for (const name of names) {
    const value = config[name];
    if (value === undefined || value === null || isZero(name, value) || isDefault(name, value)) continue;
    parts.push(`${JSON.stringify(name)}:${goJson(PROXY_CONFIG_FIELDS.get(name) === 'number' ? Number(value) : value)}`);
  }
  return `{${parts.join(',')}}`;
}

/** Of fields that have no presence. */
function isZero(name: string, value: unknown): boolean {
  switch (PROXY_CONFIG_FIELDS.get(name)) {
    case 'text':
      return value === '';
    case 'number':
      return Number(value) === 0;
    case 'enum':
      return value === FIRST[name] || value === 0;
    case 'texts':
      return isBody(value) && Object.keys(value).length === 0;
    case 'list':
      return Array.isArray(value) && value.length === 0;
    default:
      return false;
  }
}

function isDefault(name: string, value: unknown): boolean {
  const known = DEFAULT_PROXY_CONFIG[name];
  if (known === undefined) return false;
  if (name.endsWith('Duration')) return typeof value === 'string' && parseDuration(value) === parseDuration(String(known));
  return PROXY_CONFIG_FIELDS.get(name) === 'number' ? Number(value) === known : isSame(value, known);
}
