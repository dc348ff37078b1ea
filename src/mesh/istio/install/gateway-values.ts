/** What is particular to the chart "gateway". */
import type { Values } from '../../../model/install.ts';

/** Its schema refuses every other key, so that values meant for all charts reach it only when it knows them. */
const KNOWN_KEYS: ReadonlySet<string> = new Set([
  'additionalContainers',
  'affinity',
  'annotations',
  'autoscaling',
  'compatibilityVersion',
  'containerSecurityContext',
  'defaultRevision',
  'dnsConfig',
  'dnsPolicy',
  'enabled',
  'env',
  'envVarFrom',
  'global',
  'imagePullPolicy',
  'imagePullSecrets',
  'initContainers',
  'kind',
  'labels',
  'lifecycle',
  'minReadySeconds',
  'name',
  'networkGateway',
  'networkGatewayPorts',
  'nodeSelector',
  'pilot',
  'platform',
  'podAnnotations',
  'podDisruptionBudget',
  'priorityClassName',
  'profile',
  'rbac',
  'readinessProbe',
  'replicaCount',
  'resources',
  'revision',
  'runAsRoot',
  'securityContext',
  'service',
  'serviceAccount',
  'strategy',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
  'unprivilegedPort',
  'volumeMounts',
  'volumes',
]);

export const isGatewayKey = (key: string): boolean => KNOWN_KEYS.has(key);

/** The chart's own profile "demo" speaks to the former gateway charts only, whose keys were others. */
const SMALL: Values = { autoscaling: { enabled: false }, resources: { requests: { cpu: '10m', memory: '40Mi' } } };

const port = (name: string, number: number, targetPort = number): Values => ({ name, port: number, protocol: 'TCP', targetPort });

/** Istio's tasks use the ports for plain TCP and for passing TLS through. */
const DEMO_PORTS = [port('status-port', 15021), port('http2', 80, 8080), port('https', 443, 8443), port('tcp', 31400), port('tls', 15443)];

/** @param kind the component that the gateway is, or is a copy of */
export function gatewayValues(kind: string, profile: string): Values {
  const small = profile === 'demo' ? SMALL : {};
  if (kind === 'istio-egressgateway') return { ...small, service: { type: 'ClusterIP' } };
  return profile === 'demo' ? { ...small, service: { ports: DEMO_PORTS } } : {};
}
