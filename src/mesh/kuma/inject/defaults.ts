/**
 * What Kuma's control plane gives to proxies when nobody says otherwise, in the shape of its own configuration below
 * `runtime.kubernetes.injector`, and besides it what it says elsewhere.
 * @see https://kuma.io/docs/latest/reference/kuma-cp/
 */
import type { Body } from '../../../model/resource.ts';

const SMALL = { requests: { cpu: '20m', memory: '20M' }, limits: { cpu: '0', memory: '50M' } };

export const DEFAULTS: Body = {
  cniEnabled: false,
  applicationProbeProxyPort: 9001,
  sidecarContainer: {
    redirectPortInbound: 15006,
    redirectPortOutbound: 15001,
    uid: 5678,
    gid: 5678,
    drainTime: '30s',
    envVars: {},
    waitForDataplaneReady: false,
    readinessProbe: { initialDelaySeconds: 1, timeoutSeconds: 3, periodSeconds: 5, successThreshold: 1, failureThreshold: 12 },
    livenessProbe: { initialDelaySeconds: 60, timeoutSeconds: 3, periodSeconds: 5, failureThreshold: 12 },
    startupProbe: { initialDelaySeconds: 1, timeoutSeconds: 3, periodSeconds: 5, failureThreshold: 12 },
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '0', memory: '512Mi' } },
  },
  initContainer: { resources: SMALL },
  validationContainer: { resources: SMALL },
  containerPatches: [],
  sidecarTraffic: { excludeInboundPorts: [], excludeOutboundPorts: [], excludeInboundIPs: [], excludeOutboundIPs: [] },
  exceptions: { labels: { 'openshift.io/build.name': '*', 'openshift.io/deployer-pod-for.name': '*' } },
  builtinDNS: { enabled: true, port: 15053 },
  transparentProxyConfigMap: 'kuma-transparent-proxy-config',
  otelPipeEnabled: true,
  spire: { enabled: false, mountPath: '/run/spire/sockets' },
  // Of `bootstrapServer.params`.
  adminPort: 9901,
  envoyAdminUnixSocket: true,
  readinessPort: 9902,
  // The control plane asks for native sidecars of every API server that has them, which is from 1.29 on.
  nativeSidecar: true,
};

/** How traffic is redirected, before the ConfigMap of the control plane has its say. */
export const REDIRECTION_DEFAULTS: Body = {
  kumaDPUser: '',
  ipFamilyMode: 'dualstack',
  redirect: {
    inbound: { enabled: true, port: 15006 },
    outbound: { enabled: true, port: 15001 },
    dns: { enabled: false, port: 15053, captureAll: false, skipConntrackZoneSplit: false, resolvConfigPath: '/etc/resolv.conf' },
  },
  log: { enabled: false, level: 7 },
  wait: 5,
  waitInterval: 0,
  retry: { maxRetries: 4, sleepBetweenRetries: '2s' },
};
