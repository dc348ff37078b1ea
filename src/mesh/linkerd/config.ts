/** The values that a control plane was installed with, as its ConfigMap `linkerd-config` keeps them. */
import { booleanAt, isBody, numberAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import { parseYamlValue } from '../../text/yaml.ts';

export interface LinkerdConfig {
  readonly version: string | undefined;
  /** What new pods get. */
  readonly proxyVersion: string | undefined;
  /** CIDRs, as written. */
  readonly clusterNetworks: readonly string[];
  readonly trustDomain: string;
  /** Who keeps the issuer's certificate: `linkerd.io/tls`, or `kubernetes.io/tls` for cert-manager and the like. */
  readonly issuerScheme: string;
  readonly usesCni: boolean;
  readonly isHighlyAvailable: boolean;
  readonly hasHeartbeat: boolean;
  readonly initRunsAsRoot: boolean;
  readonly mountsOwnToken: boolean;
  readonly defaultInboundPolicy: string;
  /** Ports and ranges, comma-separated. */
  readonly opaquePorts: string;
}

const NETWORKS = '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8';

/** @returns undefined when the ConfigMap holds no values that can be read */
export function readConfig(configMap: Resource | undefined): LinkerdConfig | undefined {
  const values = parseYamlValue(stringAt(configMap?.body, 'data', 'values') ?? '');
  if (!isBody(values)) return undefined;
  const version = stringAt(values, 'linkerdVersion');
  return {
    version,
    proxyVersion: stringAt(values, 'proxy', 'image', 'version') || version,
    clusterNetworks: listed(stringAt(values, 'clusterNetworks') ?? NETWORKS),
    trustDomain: stringAt(values, 'identityTrustDomain') || stringAt(values, 'clusterDomain') || 'cluster.local',
    issuerScheme: stringAt(values, 'identity', 'issuer', 'scheme') || 'linkerd.io/tls',
    usesCni: booleanAt(values, 'cniEnabled') === true,
    isHighlyAvailable: booleanAt(values, 'highAvailability') === true || (numberAt(values, 'controllerReplicas') ?? 1) > 1,
    hasHeartbeat: booleanAt(values, 'disableHeartBeat') !== true,
    initRunsAsRoot: booleanAt(values, 'proxyInit', 'runAsRoot') === true,
    mountsOwnToken: booleanAt(values, 'identity', 'serviceAccountTokenProjection') !== false,
    defaultInboundPolicy: stringAt(values, 'proxy', 'defaultInboundPolicy') || 'all-unauthenticated',
    opaquePorts: stringAt(values, 'proxy', 'opaquePorts') ?? DEFAULT_OPAQUE_PORTS,
  };
}

/** Protocols whose servers speak first: SMTP, MySQL, Galera, PostgreSQL, Redis, Elasticsearch, Memcached. */
export const DEFAULT_OPAQUE_PORTS = '25,587,3306,4444,5432,6379,9300,11211';

const listed = (text: string): readonly string[] =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
