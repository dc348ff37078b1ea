/**
 * What the chart of the control plane gives to proxies when nobody says otherwise. The trust anchors and the
 * version are of an installation and have no default.
 * @see https://github.com/linkerd/linkerd2/blob/main/charts/linkerd-control-plane/values.yaml
 */
import type { Body } from '../../../model/resource.ts';
import { DEFAULT_OPAQUE_PORTS } from '../config.ts';

const KEEP_ALIVE = { server: { http2: { keepAliveInterval: '10s', keepAliveTimeout: '3s' } } };

const UNPRIVILEGED = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  readOnlyRootFilesystem: true,
  runAsGroup: 65534,
  runAsNonRoot: true,
  runAsUser: 65534,
  seccompProfile: { type: 'RuntimeDefault' },
};

export const DEFAULTS: Body = {
  clusterDomain: 'cluster.local',
  clusterNetworks: '10.0.0.0/8,100.64.0.0/10,172.16.0.0/12,192.168.0.0/16,fd00::/8',
  imagePullPolicy: 'IfNotPresent',
  disableIPv6: true,
  cniEnabled: false,
  identity: { serviceAccountTokenProjection: true },
  proxy: {
    enableExternalProfiles: false,
    outboundConnectTimeout: '1000ms',
    inboundConnectTimeout: '100ms',
    outboundDiscoveryCacheUnusedTimeout: '5s',
    inboundDiscoveryCacheUnusedTimeout: '90s',
    disableOutboundProtocolDetectTimeout: false,
    disableInboundProtocolDetectTimeout: false,
    image: { name: 'cr.l5d.io/linkerd/proxy', pullPolicy: '', version: '' },
    enableShutdownEndpoint: false,
    logLevel: 'warn,linkerd=info,hickory=error',
    logFormat: 'plain',
    logHTTPHeaders: 'off',
    ports: { admin: 4191, control: 4190, inbound: 4143, outbound: 4140 },
    runtime: { workers: { minimum: 1 } },
    uid: 2102,
    gid: -1,
    waitBeforeExitSeconds: 0,
    await: true,
    requireIdentityOnInboundPorts: '',
    opaquePorts: DEFAULT_OPAQUE_PORTS,
    shutdownGracePeriod: '',
    accessLog: '',
    defaultInboundPolicy: 'all-unauthenticated',
    nativeSidecar: true,
    livenessProbe: { initialDelaySeconds: 10, timeoutSeconds: 1 },
    readinessProbe: { initialDelaySeconds: 2, timeoutSeconds: 1 },
    startupProbe: { initialDelaySeconds: 0, periodSeconds: 1, failureThreshold: 120 },
    control: { streams: { initialTimeout: '3s', idleTimeout: '5m', lifetime: '1h' } },
    metrics: { hostnameLabels: false },
    tracing: {
      enabled: false,
      traceServiceName: 'linkerd-proxy',
      labels: { 'k8s.pod.ip': '$(_pod_ip)', 'k8s.pod.uid': '$(_pod_uid)', 'k8s.container.name': '$(_pod_containerName)' },
    },
    inbound: KEEP_ALIVE,
    outbound: KEEP_ALIVE,
  },
  proxyInit: {
    iptablesMode: 'nft',
    ignoreInboundPorts: '4567,4568',
    ignoreOutboundPorts: '4567,4568',
    skipSubnets: '',
    closeWaitTimeoutSecs: 0,
    privileged: false,
    runAsRoot: false,
    runAsUser: 65534,
    runAsGroup: 65534,
    xtMountPath: { mountPath: '/run', name: 'linkerd-proxy-init-xtables-lock' },
  },
  networkValidator: { logLevel: 'debug', logFormat: 'plain', timeout: '10s', securityContext: UNPRIVILEGED },
  debugContainer: { image: { name: 'cr.l5d.io/linkerd/debug', pullPolicy: '', version: '' } },
};
