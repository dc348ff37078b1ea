/** What Linkerd's webhooks make of pods, as functions from pod to pod. */
import { itemsAt, listAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import { sha256 } from '../../text/hash.ts';
import type { Labels } from '../scenarios/_objects.ts';
import type { Fields, KubeObject } from '../store/object.ts';
import { CONTROL_NAMESPACE, CREATED_BY, identityName, VIZ_NAMESPACE } from './names.ts';
import { DEFAULT_SETTINGS, initContainer, PROXY_VOLUMES, type ProxySettings, proxyContainer } from './proxy-container.ts';

const INJECT = 'linkerd.io/inject';
const CONFIG = 'config.linkerd.io/';
const OPAQUE = `${CONFIG}opaque-ports`;
const PROXY = 'linkerd-proxy';

/** Containers that show that somebody captures the pod's traffic already. */
const SIDECARS = new Set([PROXY, 'linkerd-init', 'istio-proxy', 'istio-init']);

export interface Injection {
  /** PEM, as the ConfigMap of the trust roots has it. */
  readonly trustAnchors: string;
  /** Of the pod's namespace. */
  readonly inherited: Labels;
  /** Overrides the version of the control plane. */
  readonly version?: string;
}

/** Why a pod is left alone, in the injector's words for its metrics. */
export function skipReason(pod: KubeObject, inherited: Labels): string | undefined {
  const { annotations = {} } = pod.metadata;
  const own = annotations[INJECT];
  const asked = own ?? inherited[INJECT];
  if (objectAt(pod, 'spec')['hostNetwork'] === true) return 'host_network_enabled';
  if (containersOf(pod).some(({ item }) => SIDECARS.has(String(item['name'])))) return 'sidecar_already_exists';
  if (asked === 'disabled') return 'injection_disable_annotation_present';
  if (asked === undefined) return 'injection_enable_annotation_absent';
  if (asked === 'enabled' || asked === 'ingress') return undefined;
  return own === undefined ? 'invalid_inject_annotation_at_ns' : 'invalid_inject_annotation_at_workload';
}

/** The pod with a proxy; one that is left alone gets the annotation of its opaque ports at most. */
export function withProxy(pod: KubeObject, { trustAnchors, inherited, version }: Injection): KubeObject {
  const { metadata } = pod;
  const annotations: Labels = { ...inheritedBy(inherited), ...metadata.annotations };
  const ports = itemsAt(pod, 'spec', 'containers').flatMap(({ item }) =>
    itemsAt(item, 'ports').flatMap((port) => numberAt(port.item, 'containerPort') ?? []),
  );
  if (skipReason(pod, inherited) !== undefined) return withOpaque(pod, ports, inherited);
  const settings: ProxySettings = {
    ...DEFAULT_SETTINGS,
    ...settingsFrom(annotations),
    ...{ inboundPorts: ports, trustAnchors: `${trustAnchors.trim()}\n` },
    ...(version === undefined ? {} : { version }),
  };
  const spec = objectAt(pod, 'spec');
  return {
    ...pod,
    metadata: {
      ...metadata,
      annotations: {
        ...annotations,
        ...withOpaque(pod, ports, inherited).metadata.annotations,
        ...CREATED_BY,
        'linkerd.io/proxy-version': settings.version,
        'linkerd.io/trust-root-sha256': sha256(settings.trustAnchors ?? ''),
      },
      labels: {
        ...metadata.labels,
        'linkerd.io/control-plane-ns': CONTROL_NAMESPACE,
        ...ownerLabel(pod),
        'linkerd.io/workload-ns': metadata.namespace ?? 'default',
      },
    },
    spec: {
      ...spec,
      initContainers: [initContainer(settings), proxyContainer(settings), ...listAt(spec, 'initContainers')],
      volumes: [...PROXY_VOLUMES, ...listAt(spec, 'volumes')],
    },
  };
}

const TAP_ENABLED = 'viz.linkerd.io/tap-enabled';
const TAP_DISABLED = 'viz.linkerd.io/disable-tap';

/** The pod with a proxy that may be tapped, which is the second webhook's work. */
export function withTap(pod: KubeObject, inherited: Labels): KubeObject {
  const { annotations = {} } = pod.metadata;
  if (annotations[TAP_ENABLED] === 'true' || annotations[TAP_DISABLED] === 'true' || inherited[TAP_DISABLED] === 'true') return pod;
  const variable = { name: 'LINKERD2_PROXY_TAP_SVC_NAME', value: identityName('tap', VIZ_NAMESPACE) };
  const add = (containers: readonly unknown[]): readonly unknown[] =>
    containers.map((each) => (stringAt(each, 'name') === PROXY ? { ...(each as Fields), env: [...listAt(each, 'env'), variable] } : each));
  const spec = objectAt(pod, 'spec');
  if (!containersOf(pod).some(({ item }) => item['name'] === PROXY)) return pod;
  return {
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...annotations, [TAP_ENABLED]: 'true' } },
    spec: { ...spec, containers: add(listAt(spec, 'containers')), initContainers: add(listAt(spec, 'initContainers')) },
  };
}

/** A Service with the opaque ports of its namespace, or those of the default list that it has. */
export function withOpaquePorts(service: KubeObject, inherited: Labels): KubeObject {
  const ports = itemsAt(service, 'spec', 'ports').flatMap(({ item }) => numberAt(item, 'port') ?? []);
  return withOpaque(service, ports, inherited);
}

function withOpaque(object: KubeObject, ports: readonly number[], inherited: Labels): KubeObject {
  const { metadata } = object;
  const opaque = metadata.annotations?.[OPAQUE] ?? inherited[OPAQUE] ?? portsAmong(DEFAULT_SETTINGS.opaquePorts, ports);
  return opaque === '' ? object : { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, [OPAQUE]: opaque } } };
}

const containersOf = (pod: KubeObject): ReturnType<typeof itemsAt> => [
  ...itemsAt(pod, 'spec', 'containers'),
  ...itemsAt(pod, 'spec', 'initContainers'),
];

const portsAmong = (listed: string, ports: readonly number[]): string =>
  listed
    .split(',')
    .filter((port) => ports.includes(Number(port)))
    .join(',');

/** Annotations of a namespace that its pods inherit, and what becomes of each in the proxy. */
const SETTINGS: Readonly<Record<string, (value: string) => Partial<ProxySettings>>> = {
  [`${CONFIG}default-inbound-policy`]: (inboundPolicy) => ({ inboundPolicy }),
  [OPAQUE]: (opaquePorts) => ({ opaquePorts }),
  [`${CONFIG}proxy-admin-shutdown`]: (value) => ({ hasShutdown: value === 'enabled' }),
  [`${CONFIG}proxy-log-level`]: (logLevel) => ({ logLevel }),
  [`${CONFIG}proxy-version`]: (version) => ({ version }),
  [`${CONFIG}skip-inbound-ports`]: (skipInboundPorts) => ({ skipInboundPorts }),
  [`${CONFIG}skip-outbound-ports`]: (skipOutboundPorts) => ({ skipOutboundPorts }),
};

const QUANTITIES = [
  ['requests', 'cpu', 'proxy-cpu-request'],
  ['requests', 'memory', 'proxy-memory-request'],
  ['limits', 'cpu', 'proxy-cpu-limit'],
  ['limits', 'memory', 'proxy-memory-limit'],
] as const;

function inheritedBy(namespace: Labels): Labels {
  const names = [INJECT, ...Object.keys(SETTINGS), ...QUANTITIES.map(([, , name]) => `${CONFIG}${name}`)];
  return Object.fromEntries(names.flatMap((name) => (namespace[name] === undefined ? [] : [[name, namespace[name] as string]])));
}

function settingsFrom(annotations: Labels): Partial<ProxySettings> {
  const given = Object.entries(SETTINGS).flatMap(([name, read]) => (annotations[name] === undefined ? [] : [read(annotations[name])]));
  const resources: Record<string, Record<string, string>> = {};
  for (const [section, resource, name] of QUANTITIES) {
    const value = annotations[`${CONFIG}${name}`];
    if (value !== undefined) resources[section] = { ...resources[section], [resource]: value };
  }
  return Object.assign({ resources }, ...given);
}

/** `linkerd.io/proxy-deployment: web`: the workload that the pod's owner belongs to. */
function ownerLabel({ metadata }: KubeObject): Labels {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller === true);
  if (!owner) return {};
  const hash = metadata.labels?.['pod-template-hash'];
  const isOfDeployment = owner.kind === 'ReplicaSet' && hash !== undefined && owner.name.endsWith(`-${hash}`);
  const [kind, name] = isOfDeployment ? ['deployment', owner.name.slice(0, -hash.length - 1)] : [owner.kind.toLowerCase(), owner.name];
  return { [`linkerd.io/proxy-${kind}`]: name };
}
