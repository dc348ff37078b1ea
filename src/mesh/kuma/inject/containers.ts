/** The proxy, and what sends traffic to it or looks whether the CNI plugin did. */
import { at, has, itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';
import { parseQuantity } from '../../../text/quantity.ts';
import type { Annotations } from './annotations.ts';
import type { Configuration } from './configuration.ts';
import { environment, hasSpire } from './environment.ts';
import { ADMIN_PORT, INIT, REDIRECTION_MAP, SIDECAR, VALIDATION } from './keys.ts';

const BASE = '/tmp/transparent-proxy/base';
const CUSTOM = '/tmp/transparent-proxy/custom';
const TOKEN = '/var/run/secrets/kubernetes.io/serviceaccount';

export interface Pod {
  readonly configuration: Configuration;
  readonly annotations: Annotations;
  /** Without the proxy. */
  readonly spec: Body;
  readonly mesh: string;
}

export function sidecar(pod: Pod): Body {
  const { configuration, annotations, spec, mesh } = pod;
  const settings = objectAt(configuration.injector, 'sidecarContainer');
  const isNative = configuration.injector['nativeSidecar'] === true;
  const port = readinessPort(configuration, annotations);
  const waits = annotations.isOn('kuma.io/wait-for-dataplane-ready', settings['waitForDataplaneReady'] === true);
  const concurrency = annotations.number('kuma.io/sidecar-proxy-concurrency') ?? cores(settings);
  const start = { exec: { command: ['kuma-dp', 'wait', '--url', `http://localhost:${port}/ready`] } };
  return {
    name: SIDECAR,
    image: settings['image'],
    imagePullPolicy: 'IfNotPresent',
    args: [
      'run',
      '--log-level=info',
      ...(concurrency > 0 ? [`--concurrency=${concurrency}`] : []),
      ...configured(annotations, '--transparent-proxy-config'),
    ],
    env: environment(configuration, annotations, mesh),
    // Native sidecars have a startup probe in the place of the hook.
    ...(isNative
      ? { restartPolicy: 'Always', lifecycle: { preStop: { exec: { command: ['killall', '-USR2', 'kuma-dp'] } } } }
      : waits && { lifecycle: { postStart: start } }),
    livenessProbe: probe(settings, 'livenessProbe', port),
    readinessProbe: probe(settings, 'readinessProbe', port),
    ...(isNative && { startupProbe: probe(settings, 'startupProbe', port) }),
    // What the pod as a whole may use bounds the proxy already.
    resources: has(spec, 'resources') ? {} : sidecarResources(settings),
    securityContext: {
      ...unprivileged(settings),
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [...mounts(annotations, 'kuma-sidecar-tmp'), ...identityMounts(pod)],
  };
}

const unprivileged = (settings: Body): Body => ({
  runAsUser: settings['uid'],
  runAsGroup: settings['gid'],
  capabilities: { drop: ['ALL'] },
});

/** With the admin interface on a Unix socket somebody else has to tell the kubelet that the proxy is ready. */
function readinessPort({ injector }: Configuration, annotations: Annotations): number {
  if (injector['envoyAdminUnixSocket'] === true) return Number(injector['readinessPort']);
  return annotations.number(ADMIN_PORT) || Number(injector['adminPort']);
}

/** As many worker threads as cores, two at least; 0 where the cores are not limited. */
function cores(settings: Body): number {
  const limit = parseQuantity(String(at(settings, ['resources', 'limits', 'cpu']) ?? '0')) ?? 0;
  return limit === 0 ? 0 : Math.max(Math.floor(limit), 2);
}

function configured({ text }: Annotations, flag: string): readonly string[] {
  return [`${flag}=${BASE}/config.yaml`, ...(text(REDIRECTION_MAP) ? [`${flag}=${CUSTOM}/config.yaml`] : [])];
}

/** A number that is zero is left out, as it is when the API server shows the probe. */
function probe(settings: Body, name: string, port: number): Body {
  const timing = Object.entries({ successThreshold: 1, ...objectAt(settings, name) }).filter(([, value]) => value !== 0);
  return { httpGet: { path: '/ready', port }, ...Object.fromEntries(timing) };
}

function sidecarResources(settings: Body): Body {
  const { limits, requests } = resources(settings);
  return { limits: { ...limits, 'ephemeral-storage': '1G' }, requests: { ...requests, 'ephemeral-storage': '50M' } };
}

function resources(settings: Body): { readonly limits: Body; readonly requests: Body } {
  const side = (name: string): Body => {
    const entries = Object.entries(objectAt(settings, 'resources', name)).map(([key, value]) => [key, String(value)] as const);
    // No limit of cores is written as a limit of none.
    return Object.fromEntries(entries.filter(([key, value]) => name !== 'limits' || key !== 'cpu' || parseQuantity(value) !== 0));
  };
  return { limits: side('limits'), requests: side('requests') };
}

function mounts({ text }: Annotations, tmp: string): readonly Body[] {
  return [
    { name: tmp, mountPath: '/tmp' },
    { name: 'transparent-proxy-base', mountPath: BASE, readOnly: true },
    ...(text(REDIRECTION_MAP) ? [{ name: 'transparent-proxy-custom', mountPath: CUSTOM, readOnly: true }] : []),
  ];
}

export const TOKEN_VOLUME = 'kuma.io/service-account-token-volume';

/** Of the volume that an annotation names, else as the first container has it that has it at all. */
function identityMounts({ configuration, annotations, spec }: Pod): readonly Body[] {
  const named = annotations.text(TOKEN_VOLUME);
  if (named !== undefined) return [{ name: named, mountPath: TOKEN, readOnly: true }];
  const token = itemsAt(spec, 'containers')
    .flatMap(({ item }) => itemsAt(item, 'volumeMounts'))
    .find(({ item }) => item['mountPath'] === TOKEN)?.item;
  const socket = { name: 'kuma-spire-agent-socket', mountPath: stringAt(configuration.injector, 'spire', 'mountPath'), readOnly: true };
  return [...(hasSpire(configuration, annotations) ? [socket] : []), ...(token ? [token] : [])];
}

/** Puts the rules of iptables into the pod's network. */
export function initContainer({ configuration, annotations }: Pod): Body {
  const settings = objectAt(configuration.injector, 'initContainer');
  return {
    name: INIT,
    image: settings['image'],
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/kumactl', 'install', 'transparent-proxy'],
    args: configured(annotations, '--config'),
    // The file by which iptables locks has to be writable.
    env: [{ name: 'XTABLES_LOCKFILE', value: '/tmp/xtables.lock' }],
    resources: resources(settings),
    securityContext: {
      runAsUser: 0,
      runAsGroup: 0,
      capabilities: { add: ['NET_ADMIN', 'NET_RAW'], drop: ['ALL'] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: mounts(annotations, 'kuma-init-tmp'),
  };
}

/** With the CNI plugin the rules are there before the pod starts, or the pod must not start. */
export function validationContainer({ configuration: { injector }, annotations }: Pod): Body {
  return {
    name: VALIDATION,
    image: at(injector, ['initContainer', 'image']),
    imagePullPolicy: 'IfNotPresent',
    command: ['/usr/bin/kumactl', 'install', 'transparent-proxy-validator'],
    args: ['--config-file=/tmp/.kumactl', ...configured(annotations, '--transparent-proxy-config')],
    resources: resources(objectAt(injector, 'validationContainer')),
    securityContext: {
      ...unprivileged(objectAt(injector, 'sidecarContainer')),
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
    },
    volumeMounts: mounts(annotations, 'kuma-sidecar-tmp'),
  };
}

/** The user whose traffic is not redirected, because it is the proxy's. */
export const proxyUser = ({ injector }: Configuration): number => numberAt(injector, 'sidecarContainer', 'uid') ?? 5678;
