import type { Resource } from '../../model/resource.ts';
import type { SidecarMesh } from '../checks/sidecar-mesh.ts';

export const MONITORED_BY = 'openservicemesh.io/monitored-by';
export const INJECTION = 'openservicemesh.io/sidecar-injection';

const PARTS: readonly (string | undefined)[] = ['osm-controller', 'osm-injector', 'osm-bootstrap'];
const WEBHOOKS: readonly string[] = ['osm-inject.k8s.io', 'osm-validator.k8s.io', 'osm-control-plane-validator.k8s.io'];

export const isController = ({ labels }: Resource): boolean => labels['app'] === 'osm-controller';

export const osmMesh: SidecarMesh = {
  id: 'osm',
  title: 'Open Service Mesh',
  docs: {
    install: 'https://docs.openservicemesh.io/docs/getting_started/setup_osm/',
    injection: 'https://docs.openservicemesh.io/docs/guides/app_onboarding/sidecar_injection/',
    proxies: 'https://docs.openservicemesh.io/docs/guides/troubleshooting/',
  },
  evidence: { groups: ['.openservicemesh.io'], keys: ['openservicemesh.io/'] },
  isCore: isController,
  isPart: ({ labels }) => PARTS.includes(labels['app']),
  sign: 'labelled "app=osm-controller"',
  isWebhook: (name) => WEBHOOKS.includes(name),
  webhookServer: {
    name: "OSM's control plane",
    hint: 'osm-injector and osm-controller write the bundles when they start: restart both.',
  },
  isSidecar: (container, pod) => container['name'] === 'envoy' && pod.labels['osm-proxy-uuid'] !== undefined,
  marks: ({ labels }) => labels[MONITORED_BY] !== undefined,
  // The webhook is asked about monitored namespaces only; there the pod's own annotation wins.
  injects: async () => (pod, namespace) => wishOf(pod) ?? wishOf(namespace) ?? false,
};

function wishOf({ annotations }: Resource): boolean | undefined {
  const value = annotations[INJECTION]?.toLowerCase();
  return value === undefined ? undefined : ['enabled', 'yes', 'true'].includes(value);
}
