/** Consul on Kubernetes, as far as its injector makes a mesh of it. Servers alone are a catalog and no mesh. */
import { itemsAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { templateContainers } from '../checks/images.ts';
import { corePlanes, type SidecarMesh } from '../checks/sidecar-mesh.ts';

export const INJECT = 'consul.hashicorp.com/connect-inject';
const PARTS: readonly (string | undefined)[] = ['connect-injector', 'webhook-cert-manager'];

/** Namespaces that the injector passes over whatever its settings are. */
export const NEVER: readonly string[] = ['kube-system', 'kube-public'];

/** Annotations of gateways, and of pods that were injected by a version with other sidecars. */
export const PASSED_OVER: readonly string[] = ['consul.hashicorp.com/gateway-kind', 'consul.hashicorp.com/connect-inject-status'];

export const isInjector = ({ labels }: Resource): boolean => labels['component'] === 'connect-injector';

/** Of the chart, whatever the release and its parts are called. */
export const isOfChart = ({ labels }: Resource): boolean => labels['chart'] === 'consul-helm' || labels['app'] === 'consul';

export const consulMesh: SidecarMesh = {
  id: 'consul',
  title: 'Consul',
  docs: {
    install: 'https://developer.hashicorp.com/consul/docs/k8s/installation/install',
    injection: 'https://developer.hashicorp.com/consul/docs/k8s/connect',
    proxies: 'https://developer.hashicorp.com/consul/docs/k8s/connect',
  },
  evidence: {
    groups: ['consul.hashicorp.com', 'mesh.consul.hashicorp.com', 'auth.consul.hashicorp.com'],
    keys: ['consul.hashicorp.com/'],
    // Services are synced to the catalog of Consul servers that no mesh belongs to, and servers are restarted by their checksum.
    unrelated: [
      'consul.hashicorp.com/config-checksum',
      'consul.hashicorp.com/service-name',
      'consul.hashicorp.com/service-port',
      'consul.hashicorp.com/service-sync',
      'consul.hashicorp.com/service-tags',
    ],
  },
  isCore: isInjector,
  isPart: (resource) => PARTS.includes(resource.labels['component']),
  sign: 'labelled "component=connect-injector"',
  isWebhook: (name) => name.endsWith('.consul.hashicorp.com'),
  webhookServer: {
    name: 'the connect-injector',
    hint: 'The webhook-cert-manager writes the bundle: restart it, and look in its log if that does not help.',
  },
  isSidecar: ({ name }) => name === 'consul-dataplane' || (typeof name === 'string' && name.startsWith('consul-dataplane-')),
  // Which pods are injected is said on the pods, or once for all of them in the injector's own settings.
  marks: () => false,
  injects: async (facts) => {
    const settings = await injectorSettings(facts);
    return (pod, { name }) => {
      if (NEVER.includes(name) || settings.denied.includes(name)) return false;
      if (PASSED_OVER.some((key) => pod.annotations[key] !== undefined)) return false;
      if (settings.allowed.length > 0 && !settings.allowed.includes('*') && !settings.allowed.includes(name)) return false;
      return isTrue(pod.annotations[INJECT]) ?? settings.byDefault;
    };
  },
};

export interface InjectorSettings {
  readonly byDefault: boolean;
  /** Namespaces; empty: all. */
  readonly allowed: readonly string[];
  readonly denied: readonly string[];
  /** The image of new sidecars. */
  readonly image: string | undefined;
}

/** As its chart writes them into the command of its Deployment. */
export async function injectorSettings(facts: Facts): Promise<InjectorSettings> {
  const [injector] = await corePlanes(consulMesh, facts);
  return settingsOf(injector);
}

export function settingsOf(injector: Resource | undefined): InjectorSettings {
  const words = (injector ? templateContainers(injector) : [])
    .flatMap((container) => [...stringsAt(container, 'command'), ...stringsAt(container, 'args')])
    .map(({ value }) => value)
    .join(' ');
  const valuesOf = (flag: string): readonly string[] =>
    [...words.matchAll(new RegExp(`(?:^|\\s)-{1,2}${flag}=("?)([^\\s"]*)\\1`, 'g'))].map(([, , value]) => value ?? '');
  return {
    byDefault: valuesOf('default-inject').at(-1) === 'true',
    allowed: valuesOf('allow-k8s-namespace'),
    denied: valuesOf('deny-k8s-namespace'),
    image: valuesOf('consul-dataplane-image').at(-1),
  };
}

/** The spellings of Go's ParseBool; undefined for none of them, which the injector refuses. */
export function isTrue(value: string | undefined): boolean | undefined {
  if (value === undefined) return undefined;
  if (/^(?:1|t|T|true|TRUE|True)$/.test(value)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(value) ? false : undefined;
}

/** The key of a Secret that a volume takes first; `tls.crt` when it names none. */
export function firstKeyOf(workload: Resource, volume: string): string {
  const volumes = itemsAt(workload.body, 'spec', 'template', 'spec', 'volumes');
  return stringAt(volumes.find(({ item }) => item['name'] === volume)?.item, 'secret', 'items', 0, 'key') ?? 'tls.crt';
}
