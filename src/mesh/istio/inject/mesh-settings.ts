/**
 * The mesh configuration that injection reads, over Istio's defaults.
 * @see https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/
 */
import { isBody, listAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { camelCase, type MessageFields } from './message.ts';
import { DEFAULT_PROXY_CONFIG, mergeProxyConfig } from './proxy-config.ts';

/** Those of which templates are known to ask. */
export const MESH_CONFIG_FIELDS: MessageFields = new Map([
  ['proxyListenPort', 'number'],
  ['proxyInboundListenPort', 'number'],
  ['proxyHttpPort', 'number'],
  ['connectTimeout', 'message'],
  ['ingressClass', 'text'],
  ['ingressService', 'text'],
  ['ingressControllerMode', 'enum'],
  ['ingressSelector', 'text'],
  ['enableTracing', 'flag'],
  ['accessLogFile', 'text'],
  ['accessLogFormat', 'text'],
  ['accessLogEncoding', 'enum'],
  ['enableEnvoyAccessLogService', 'flag'],
  ['defaultConfig', 'message'],
  ['outboundTrafficPolicy', 'message'],
  ['inboundTrafficPolicy', 'message'],
  ['enableAutoMtls', 'message'],
  ['trustDomain', 'text'],
  ['trustDomainAliases', 'list'],
  ['rootNamespace', 'text'],
  ['enablePrometheusMerge', 'message'],
  ['extensionProviders', 'list'],
]);

const DEFAULTS: Body = {
  enableTracing: true,
  accessLogEncoding: 'TEXT',
  ingressService: 'istio-ingressgateway',
  ingressControllerMode: 'STRICT',
  ingressClass: 'istio',
  trustDomain: 'cluster.local',
  enableAutoMtls: true,
  outboundTrafficPolicy: { mode: 'ALLOW_ANY' },
  inboundTrafficPolicy: { mode: 'PASSTHROUGH' },
  rootNamespace: 'istio-system',
  proxyListenPort: 15001,
  proxyInboundListenPort: 15006,
  connectTimeout: '10s',
  enablePrometheusMerge: true,
  defaultConfig: DEFAULT_PROXY_CONFIG,
};

export interface MeshSettings {
  /** All of it, with the defaults. */
  readonly body: Body;
  readonly proxyConfig: Body;
  readonly rootNamespace: string;
  readonly statusPort: number;
  readonly mergesPrometheus: boolean;
  readonly inboundMode: 'localhost' | 'passthrough';
  /** Some tracing provider wants OpenTelemetry's attributes of services. */
  readonly enrichesServices: boolean;
}

/** @param given as the ConfigMap or the file has it */
export function meshSettings(given: Body): MeshSettings {
  const named = Object.fromEntries(
    Object.entries(given)
      .filter(([, value]) => value !== null)
      .map(([name, value]) => [MESH_CONFIG_FIELDS.has(camelCase(name)) ? camelCase(name) : name, value]),
  );
  const proxyConfig = mergeProxyConfig(DEFAULT_PROXY_CONFIG, objectAt(named, 'defaultConfig'));
  const body: Body = { ...DEFAULTS, ...named, defaultConfig: proxyConfig };
  return {
    body,
    proxyConfig,
    rootNamespace: stringAt(body, 'rootNamespace') ?? 'istio-system',
    statusPort: Number(proxyConfig['statusPort'] ?? 0),
    mergesPrometheus: body['enablePrometheusMerge'] !== false,
    inboundMode: stringAt(body, 'inboundTrafficPolicy', 'mode') === 'LOCALHOST' ? 'localhost' : 'passthrough',
    enrichesServices: listAt(body, 'extensionProviders').some(
      (provider) => isBody(provider) && stringAt(provider, 'opentelemetry', 'serviceAttributeEnrichment') === 'OTEL_SEMANTIC_CONVENTIONS',
    ),
  };
}
