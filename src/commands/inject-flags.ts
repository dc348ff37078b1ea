/** Flags that `inject` and `uninject` share, and those of single meshes. */
import type { OptionRow } from './define.ts';
import { inputOptions } from './input-options.ts';

export const streamOptions: readonly OptionRow[] = [
  ...inputOptions,
  { flags: '-n, --namespace <namespace>', description: 'namespace of objects that name none' },
  { flags: '--diff', description: 'print what would change instead' },
  {
    flags: '--on-error <what>',
    description: 'fail prints nothing when a document or workload is broken; skip prints those as they are',
    choices: ['fail', 'skip'],
    defaultText: 'fail',
  },
  {
    flags: '--report <format>',
    description: 'what became of each workload: text, json or yaml, on standard error; FORMAT=FILE writes to a file',
    defaultText: 'text',
  },
];

/** As the adapters name them: a declaration loads no adapter, and a test compares the two. */
export const meshFlags: readonly OptionRow[] = [
  {
    flags: '--native-sidecars <when>',
    description: 'Istio: run the proxy as a native sidecar: true, false, or auto, when all nodes have Kubernetes 1.33',
  },
  {
    flags: '--injector-config-map <name>',
    description: "Istio: ConfigMap with the injector's templates and values",
  },
  {
    flags: '--mesh-config-map <name>',
    description: 'Istio: ConfigMap with the mesh configuration',
  },
  {
    flags: '--proxy-image <name>',
    description: 'Linkerd: image of the proxy',
  },
  {
    flags: '--proxy-version <tag>',
    description: 'Linkerd: tag of the image of the proxy',
  },
  {
    flags: '--image-pull-policy <policy>',
    description: 'Linkerd: when the image is pulled',
  },
  {
    flags: '--control-port <port>',
    description: 'Linkerd: port of the proxy for taps',
  },
  {
    flags: '--inbound-port <port>',
    description: 'Linkerd: port of the proxy for requests to the workload',
  },
  {
    flags: '--admin-port <port>',
    description: 'Linkerd: port of the proxy for metrics and probes',
  },
  {
    flags: '--outbound-port <port>',
    description: 'Linkerd: port of the proxy for requests of the workload',
  },
  {
    flags: '--proxy-log-level <level>',
    description: 'Linkerd: log level of the proxy',
  },
  {
    flags: '--require-identity-on-inbound-ports <ports>',
    description: 'Linkerd: ports on which only meshed clients are let in',
  },
  {
    flags: '--wait-before-exit-seconds <seconds>',
    description: 'Linkerd: how long the proxy outlives the order to stop',
  },
  {
    flags: '--native-sidecar',
    description: 'Linkerd: make the proxy an init container that keeps running',
  },
  {
    flags: '--proxy-cpu-request <quantity>',
    description: 'Linkerd: cores that the proxy requests',
  },
  {
    flags: '--proxy-cpu-limit <quantity>',
    description: 'Linkerd: cores that the proxy may use',
  },
  {
    flags: '--proxy-memory-request <quantity>',
    description: 'Linkerd: memory that the proxy requests',
  },
  {
    flags: '--proxy-memory-limit <quantity>',
    description: 'Linkerd: memory that the proxy may use',
  },
  {
    flags: '--proxy-uid <uid>',
    description: 'Linkerd: user of the proxy',
  },
  {
    flags: '--proxy-gid <gid>',
    description: 'Linkerd: group of the proxy',
  },
  {
    flags: '--enable-external-profiles',
    description: 'Linkerd: look up profiles of services outside the cluster',
  },
  {
    flags: '--skip-inbound-ports <ports>',
    description: 'Linkerd: ports of the workload that bypass the proxy',
  },
  {
    flags: '--skip-outbound-ports <ports>',
    description: 'Linkerd: ports of others that the workload reaches past the proxy',
  },
  {
    flags: '--opaque-ports <ports>',
    description: 'Linkerd: ports whose protocol is not looked for',
  },
  {
    flags: '--default-inbound-policy <policy>',
    description: 'Linkerd: who is let in where no policy says so',
  },
  {
    flags: '--access-log <format>',
    description: 'Linkerd: "apache" or "json"',
  },
  {
    flags: '--enable-debug-sidecar',
    description: 'Linkerd: add the debug container',
  },
  {
    flags: '--close-wait-timeout <duration>',
    description: 'Linkerd: nf_conntrack_tcp_timeout_close_wait of the pod',
  },
  {
    flags: '--ingress',
    description: 'Linkerd: let the proxy route by the Host header, for ingress controllers',
  },
  {
    flags: '--registry <name>',
    description: 'Linkerd: registry of the images',
  },
  {
    flags: '--kuma-mesh <name>',
    description: 'Kuma: Mesh that the workloads join',
  },
  {
    flags: '--control-plane-url <url>',
    description: 'Kuma: where proxies find the control plane',
  },
  {
    flags: '--ca-cert <file>',
    description: 'Kuma: certificate, in PEM, by which proxies know the control plane',
  },
  {
    flags: '--container-patches <file>',
    description: 'Kuma: ContainerPatches that workloads ask for',
  },
  {
    flags: '--upstreams <names>',
    description: 'Consul: services, with local ports, that the workload asks',
  },
  {
    flags: '--service-port <port>',
    description: 'Consul: port of the workload that the proxy sends requests to',
  },
  {
    flags: '--connect-service <name>',
    description: 'Consul: name of the service that the workload is',
  },
  {
    flags: '--transparent-proxy <true|false>',
    description: 'Consul: whether all traffic is redirected',
  },
  {
    flags: '--exclude-inbound-ports <ports>',
    description: 'Consul: ports of the workload that bypass the proxy',
  },
  {
    flags: '--exclude-outbound-ports <ports>',
    description: 'Consul: ports of others that are reached past the proxy',
  },
  {
    flags: '--exclude-outbound-cidrs <networks>',
    description: 'Consul: networks that are reached past the proxy',
  },
  {
    flags: '--exclude-uids <uids>',
    description: 'Consul: users whose traffic bypasses the proxy',
  },
  {
    flags: '--osm-mesh <name>',
    description: 'Open Service Mesh: name of the control plane, "osm" unless it was given another',
  },
];
