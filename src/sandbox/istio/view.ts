/** What istiod knows of the cluster: services with their endpoints, and the configuration of the mesh. */
import { itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Kind } from '../../model/resource.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  readonly targetPort: number;
  readonly protocol: 'http' | 'tcp';
}

export interface MeshService {
  readonly name: string;
  readonly namespace: string;
  /** `reviews.bookinfo.svc.cluster.local`. */
  readonly host: string;
  readonly clusterIp: string;
  readonly ports: readonly ServicePort[];
  /** Ready pods. */
  readonly pods: readonly KubeObject[];
}

export interface MeshView {
  readonly services: readonly MeshService[];
  readonly configuration: (kind: string) => readonly KubeObject[];
  /** The DestinationRule for a host. */
  destinationRule(host: string): KubeObject | undefined;
}

const DOMAIN = 'svc.cluster.local';
const HTTP = /^(?:https?2?|grpc|http2)(?:-|$)/;

const GROUPS: Readonly<Record<string, string>> = {
  VirtualService: 'networking.istio.io',
  DestinationRule: 'networking.istio.io',
  Gateway: 'networking.istio.io',
  EnvoyFilter: 'networking.istio.io',
  PeerAuthentication: 'security.istio.io',
  AuthorizationPolicy: 'security.istio.io',
};

/** Names of hosts as configuration writes them: short ones mean the namespace of the object. */
export const fullHost = (host: string, namespace: string): string =>
  host.includes('.') || host === '*' ? host : `${host}.${namespace}.${DOMAIN}`;

/** The kinds that a change of makes istiod push. */
export const RELEVANT: ReadonlySet<string> = new Set([
  ...Object.entries(GROUPS).map(([kind, group]) => `${group}/${kind}`),
  ...['core/Service', 'core/Endpoints', 'core/Pod'],
]);

/** @param asKnown what is known of an object; undefined for those that are left out */
export function viewOf(store: Store, asKnown: (object: KubeObject) => KubeObject | undefined = (object) => object): MeshView {
  const lists = new Map<string, readonly KubeObject[]>();
  const configuration = (kind: string): readonly KubeObject[] => {
    const found = lists.get(kind) ?? store.list(`${GROUPS[kind]}/${kind}` as Kind).flatMap((object) => asKnown(object) ?? []);
    lists.set(kind, found);
    return found;
  };
  return {
    services: store
      .list('core/Service')
      .flatMap((object) => asKnown(object) ?? [])
      .map((service) => serviceOf(store, service)),
    configuration,
    destinationRule: (host) =>
      configuration('DestinationRule').find(
        (rule) => fullHost(stringAt(rule, 'spec', 'host') ?? '', rule.metadata.namespace ?? '') === host,
      ),
  };
}

function serviceOf(store: Store, service: KubeObject): MeshService {
  const { name, namespace = '' } = service.metadata;
  const subsets = itemsAt(store.get('core/Endpoints', namespace, name), 'subsets').map(({ item }) => item);
  const targets = subsets.flatMap((subset) => itemsAt(subset, 'ports')).map(({ item }) => item);
  return {
    ...{ name, namespace, host: `${name}.${namespace}.${DOMAIN}` },
    clusterIp: stringAt(service, 'spec', 'clusterIP') ?? '',
    ports: itemsAt(service, 'spec', 'ports').map(({ item }) => {
      const port = numberAt(item, 'port') ?? 0;
      const portName = stringAt(item, 'name') ?? '';
      const target = targets.find((each) => (each['name'] ?? '') === portName);
      const protocol = HTTP.test(stringAt(item, 'appProtocol') ?? portName) && !portName.startsWith('https') ? 'http' : 'tcp';
      return { name: portName, port, targetPort: numberAt(target, 'port') ?? numberAt(item, 'targetPort') ?? port, protocol };
    }),
    pods: subsets
      .flatMap((subset) => itemsAt(subset, 'addresses'))
      .flatMap(({ item }) => store.get('core/Pod', namespace, stringAt(item, 'targetRef', 'name') ?? '') ?? []),
  };
}

/** `/apis/networking.istio.io/v1/namespaces/bookinfo/virtual-service/reviews`, as istiod writes it into the metadata of what an object led to. */
function configPath(object: KubeObject): string {
  const kind = object.kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
  return `/apis/${object.apiVersion}/namespaces/${object.metadata.namespace}/${kind}/${object.metadata.name}`;
}

export const istioMetadata = (object: KubeObject | undefined, more: object = {}): object => ({
  filter_metadata: { istio: { ...(object ? { config: configPath(object) } : {}), ...more } },
});

/** The names of a DestinationRule's subsets with their labels. */
export const subsetsOf = (
  rule: KubeObject | undefined,
): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] =>
  itemsAt(rule, 'spec', 'subsets').map(({ item }) => ({
    name: stringAt(item, 'name') ?? '',
    labels: objectAt(item, 'labels') as Readonly<Record<string, string>>,
  }));

export const hostsOf = (object: KubeObject): readonly string[] => stringsAt(object, 'spec', 'hosts').map(({ value }) => value);
