/**
 * What can be said of a proxy: by an annotation of the workload or its namespace, by a flag, and by a value of the
 * control plane's chart. One row each.
 * @see https://linkerd.io/2/reference/proxy-configuration/
 */
import type { FieldPath } from '../../../model/resource.ts';
import { boolean, cpuRatio, duration, integer, oneOf, onOff, port, quantity, type Reading, text } from './readings.ts';

export interface Option {
  readonly annotation: string;
  readonly path: FieldPath;
  readonly reading: Reading;
  /** Name of the flag, with its argument unless it is a switch. */
  readonly flag?: readonly [name: string, argument: string | undefined, description: string];
  /** The injector reads it on workloads only. */
  readonly isOwn?: true;
  /** Where the number of cores that a quantity asks for is kept besides. */
  readonly cores?: FieldPath;
}

const CONFIG = 'config.linkerd.io/';
const ALPHA = 'config.alpha.linkerd.io/';
const BETA = 'config.beta.linkerd.io/';

const ENABLE_DEBUG = `${CONFIG}enable-debug-sidecar`;
export const ADDITIONAL_ENV = `${CONFIG}proxy-additional-env`;
export const OPAQUE_PORTS = `${CONFIG}opaque-ports`;
export const POD_INBOUND_PORTS = `${CONFIG}pod-inbound-ports`;

const POLICIES = ['all-unauthenticated', 'all-authenticated', 'cluster-unauthenticated', 'cluster-authenticated', 'deny', 'audit'];
const NATIVE: FieldPath = ['proxy', 'nativeSidecar'];
const WORKERS: FieldPath = ['proxy', 'runtime', 'workers'];
const RESOURCES: FieldPath = ['proxy', 'resources'];

/** Of rows with the same path the last one that is given wins. */
export const OPTIONS: readonly Option[] = [
  {
    annotation: `${CONFIG}proxy-image`,
    path: ['proxy', 'image', 'name'],
    reading: text,
    flag: ['proxy-image', '<name>', 'image of the proxy'],
  },
  {
    annotation: `${CONFIG}proxy-version`,
    path: ['proxy', 'image', 'version'],
    reading: text,
    flag: ['proxy-version', '<tag>', 'tag of the image of the proxy'],
  },
  {
    annotation: `${CONFIG}image-pull-policy`,
    path: ['proxy', 'image', 'pullPolicy'],
    reading: oneOf('Always', 'IfNotPresent', 'Never'),
    flag: ['image-pull-policy', '<policy>', 'when the image is pulled'],
  },
  {
    annotation: `${CONFIG}control-port`,
    path: ['proxy', 'ports', 'control'],
    reading: port,
    flag: ['control-port', '<port>', 'port of the proxy for taps'],
  },
  {
    annotation: `${CONFIG}inbound-port`,
    path: ['proxy', 'ports', 'inbound'],
    reading: port,
    flag: ['inbound-port', '<port>', 'port of the proxy for requests to the workload'],
  },
  {
    annotation: `${CONFIG}admin-port`,
    path: ['proxy', 'ports', 'admin'],
    reading: port,
    flag: ['admin-port', '<port>', 'port of the proxy for metrics and probes'],
  },
  {
    annotation: `${CONFIG}outbound-port`,
    path: ['proxy', 'ports', 'outbound'],
    reading: port,
    flag: ['outbound-port', '<port>', 'port of the proxy for requests of the workload'],
  },
  {
    annotation: `${CONFIG}proxy-admin-shutdown`,
    path: ['proxy', 'enableShutdownEndpoint'],
    reading: onOff,
  },
  {
    annotation: `${CONFIG}proxy-log-level`,
    path: ['proxy', 'logLevel'],
    reading: text,
    flag: ['proxy-log-level', '<level>', 'log level of the proxy'],
  },
  { annotation: `${CONFIG}proxy-log-http-headers`, path: ['proxy', 'logHTTPHeaders'], reading: oneOf('insecure', 'off', '') },
  { annotation: `${CONFIG}proxy-log-format`, path: ['proxy', 'logFormat'], reading: text },
  {
    annotation: `${CONFIG}proxy-require-identity-inbound-ports`,
    path: ['proxy', 'requireIdentityOnInboundPorts'],
    reading: text,
    flag: ['require-identity-on-inbound-ports', '<ports>', 'ports on which only meshed clients are let in'],
  },
  { annotation: `${CONFIG}proxy-metrics-hostname-labels`, path: ['proxy', 'metrics', 'hostnameLabels'], reading: boolean },
  { annotation: `${CONFIG}proxy-outbound-connect-timeout`, path: ['proxy', 'outboundConnectTimeout'], reading: duration('ms') },
  { annotation: `${CONFIG}proxy-inbound-connect-timeout`, path: ['proxy', 'inboundConnectTimeout'], reading: duration('ms') },
  {
    annotation: `${CONFIG}proxy-outbound-discovery-cache-unused-timeout`,
    path: ['proxy', 'outboundDiscoveryCacheUnusedTimeout'],
    reading: duration('s'),
  },
  {
    annotation: `${CONFIG}proxy-inbound-discovery-cache-unused-timeout`,
    path: ['proxy', 'inboundDiscoveryCacheUnusedTimeout'],
    reading: duration('s'),
  },
  {
    annotation: `${CONFIG}proxy-disable-outbound-protocol-detect-timeout`,
    path: ['proxy', 'disableOutboundProtocolDetectTimeout'],
    reading: boolean,
  },
  {
    annotation: `${CONFIG}proxy-disable-inbound-protocol-detect-timeout`,
    path: ['proxy', 'disableInboundProtocolDetectTimeout'],
    reading: boolean,
  },
  { annotation: `${CONFIG}shutdown-grace-period`, path: ['proxy', 'shutdownGracePeriod'], reading: duration('ms') },
  { annotation: `${CONFIG}enable-gateway`, path: ['proxy', 'isGateway'], reading: boolean, isOwn: true },
  {
    annotation: `${ALPHA}proxy-wait-before-exit-seconds`,
    path: ['proxy', 'waitBeforeExitSeconds'],
    reading: integer,
    flag: ['wait-before-exit-seconds', '<seconds>', 'how long the proxy outlives the order to stop'],
  },
  { annotation: `${ALPHA}proxy-enable-native-sidecar`, path: NATIVE, reading: boolean },
  { annotation: `${BETA}proxy-enable-native-sidecar`, path: NATIVE, reading: boolean, isOwn: true },
  {
    annotation: `${CONFIG}proxy-enable-native-sidecar`,
    path: NATIVE,
    reading: boolean,
    flag: ['native-sidecar', undefined, 'make the proxy an init container that keeps running'],
  },
  {
    annotation: `${CONFIG}proxy-cpu-request`,
    path: [...RESOURCES, 'cpu', 'request'],
    reading: quantity,
    cores: [...WORKERS, 'minimum'],
    flag: ['proxy-cpu-request', '<quantity>', 'cores that the proxy requests'],
  },
  {
    annotation: `${CONFIG}proxy-cpu-limit`,
    path: [...RESOURCES, 'cpu', 'limit'],
    reading: quantity,
    cores: [...WORKERS, 'maximum'],
    flag: ['proxy-cpu-limit', '<quantity>', 'cores that the proxy may use'],
  },
  { annotation: `${CONFIG}proxy-cpu-ratio-limit`, path: [...WORKERS, 'maximumCPURatio'], reading: cpuRatio, isOwn: true },
  {
    annotation: `${CONFIG}proxy-memory-request`,
    path: [...RESOURCES, 'memory', 'request'],
    reading: quantity,
    flag: ['proxy-memory-request', '<quantity>', 'memory that the proxy requests'],
  },
  {
    annotation: `${CONFIG}proxy-memory-limit`,
    path: [...RESOURCES, 'memory', 'limit'],
    reading: quantity,
    flag: ['proxy-memory-limit', '<quantity>', 'memory that the proxy may use'],
  },
  { annotation: `${CONFIG}proxy-ephemeral-storage-request`, path: [...RESOURCES, 'ephemeral-storage', 'request'], reading: quantity },
  { annotation: `${CONFIG}proxy-ephemeral-storage-limit`, path: [...RESOURCES, 'ephemeral-storage', 'limit'], reading: quantity },
  { annotation: `${CONFIG}proxy-uid`, path: ['proxy', 'uid'], reading: integer, flag: ['proxy-uid', '<uid>', 'user of the proxy'] },
  { annotation: `${CONFIG}proxy-gid`, path: ['proxy', 'gid'], reading: integer, flag: ['proxy-gid', '<gid>', 'group of the proxy'] },
  {
    annotation: `${CONFIG}enable-external-profiles`,
    path: ['proxy', 'enableExternalProfiles'],
    reading: boolean,
    flag: ['enable-external-profiles', undefined, 'look up profiles of services outside the cluster'],
  },
  {
    annotation: `${CONFIG}skip-inbound-ports`,
    path: ['proxyInit', 'ignoreInboundPorts'],
    reading: text,
    flag: ['skip-inbound-ports', '<ports>', 'ports of the workload that bypass the proxy'],
  },
  {
    annotation: `${CONFIG}skip-outbound-ports`,
    path: ['proxyInit', 'ignoreOutboundPorts'],
    reading: text,
    flag: ['skip-outbound-ports', '<ports>', 'ports of others that the workload reaches past the proxy'],
  },
  { annotation: `${CONFIG}skip-subnets`, path: ['proxyInit', 'skipSubnets'], reading: text },
  {
    annotation: OPAQUE_PORTS,
    path: ['proxy', 'opaquePorts'],
    reading: text,
    flag: ['opaque-ports', '<ports>', 'ports whose protocol is not looked for'],
  },
  { annotation: `${CONFIG}debug-image`, path: ['debugContainer', 'image', 'name'], reading: text, isOwn: true },
  { annotation: `${CONFIG}debug-image-version`, path: ['debugContainer', 'image', 'version'], reading: text, isOwn: true },
  { annotation: `${CONFIG}debug-image-pull-policy`, path: ['debugContainer', 'image', 'pullPolicy'], reading: text, isOwn: true },
  { annotation: `${CONFIG}proxy-await`, path: ['proxy', 'await'], reading: onOff },
  {
    annotation: `${CONFIG}default-inbound-policy`,
    path: ['proxy', 'defaultInboundPolicy'],
    reading: oneOf(...POLICIES),
    flag: ['default-inbound-policy', '<policy>', 'who is let in where no policy says so'],
  },
  {
    annotation: `${CONFIG}access-log`,
    path: ['proxy', 'accessLog'],
    reading: text,
    flag: ['access-log', '<format>', '"apache" or "json"'],
  },
  {
    annotation: ENABLE_DEBUG,
    path: ['debug'],
    reading: boolean,
    flag: ['enable-debug-sidecar', undefined, 'add the debug container'],
  },
  {
    annotation: `${CONFIG}close-wait-timeout`,
    path: ['proxyInit', 'closeWaitTimeoutSecs'],
    reading: duration(''),
    isOwn: true,
    flag: ['close-wait-timeout', '<duration>', 'nf_conntrack_tcp_timeout_close_wait of the pod'],
  },
];
