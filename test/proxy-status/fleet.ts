/** A mesh of many proxies under several istiods, each of which knows its share of them. */
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { programsOf } from '../checks/programs.ts';

const HOUR_MS = 3_600_000;
const PER_NAMESPACE = 250;
const TYPES = ['cluster.v3.Cluster', 'listener.v3.Listener', 'route.v3.RouteConfiguration', 'endpoint.v3.ClusterLoadAssignment'];

/** As the injector leaves a pod, in size too. */
function pod(namespace: string, name: string, image: string, labels: object, container: string): object {
  const env = Array.from({ length: 24 }, (_, index) => ({
    name: `ISTIO_META_SETTING_${index}`,
    value: `value of setting ${index} of ${name}`,
  }));
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace,
      labels,
      annotations: { 'sidecar.istio.io/status': '{"initContainers":["istio-init"],"containers":["istio-proxy"]}' },
    },
    spec: {
      containers: [
        { name: 'app', image: 'app:1', ports: [{ containerPort: 8080 }] },
        { name: container, image, args: ['proxy', 'sidecar'], env },
      ],
    },
  };
}

const istiodPod = (index: number): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: `istiod-${index}`, namespace: 'istio-system', labels: { app: 'istiod', 'istio.io/rev': 'default' } },
  spec: { containers: [{ name: 'discovery', image: 'pilot:1.30.0', ports: [{ containerPort: 15_014 }] }] },
});

const nameOf = (index: number): string => `web-${String(index).padStart(5, '0')}`;
const namespaceOf = (index: number): string => `team-${Math.floor(index / PER_NAMESPACE)}`;

/** @param stale how many of them have not acknowledged their clusters for an hour */
export function fleet({
  proxies,
  istiods,
  stale = 0,
}: {
  readonly proxies: number;
  readonly istiods: number;
  readonly stale?: number;
}): SandboxOptions {
  const indexes = Array.from({ length: proxies }, (_, index) => index);
  const namespaces = [...new Set(indexes.map(namespaceOf))];
  const namespace = (name: string): object => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'istio-injection': 'enabled' } },
  });
  const page = (istiod: number, now: number): string =>
    JSON.stringify(
      indexes
        .filter((index) => index % istiods === istiod)
        .map((index) => ({
          ...{ cluster_id: 'Kubernetes', proxy: `${nameOf(index)}.${namespaceOf(index)}`, proxy_type: 'sidecar', istio_version: '1.30.0' },
          resources: Object.fromEntries(
            TYPES.map((type, place) => [
              `type.googleapis.com/envoy.config.${type}`,
              { sent: 'n2', acked: place === 0 && index < stale ? 'n1' : 'n2', sentTime: new Date(now - HOUR_MS).toISOString() },
            ]),
          ),
        })),
    );
  const answers = Object.fromEntries(
    Array.from({ length: istiods }, (_, istiod) => [
      [`istiod-${istiod}:15014 /version`, () => '1.30.0-0123456789abcdef-Clean'],
      [`istiod-${istiod}:15014 /debug/syncz`, ({ now }: { now(): number }) => page(istiod, now())],
    ]).flat(),
  );
  return {
    objects: [
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } },
      ...namespaces.map(namespace),
      ...Array.from({ length: istiods }, (_, index) => istiodPod(index)),
      ...indexes.map((index) => pod(namespaceOf(index), nameOf(index), 'proxyv2:1.30.0', { app: 'web' }, 'istio-proxy')),
    ],
    podStartMs: 0,
    programs: programsOf(answers),
  };
}
