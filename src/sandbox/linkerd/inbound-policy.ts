/** What a pod's proxy lets in on a port: the policy controller's answer from the objects of the cluster, applied to one request. */

import { type Authorization, POLICY_KINDS, type PortPolicy, portPolicies, ROUTES } from '../../mesh/linkerd/proxy-config/authorizations.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import { resourceOf } from '../../model/resource-of.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { CLUSTER_NETWORKS, CONTROL_NAMESPACE, INBOUND_POLICY, TRUST_DOMAIN } from './names.ts';
import { identityOf, proxyOf } from './pods.ts';

interface Meta {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

export interface Verdict {
  readonly server: Meta;
  /** The one that a request of that path takes; undefined when there are routes and none takes it. */
  readonly route: Meta | undefined;
  /** Undefined when nothing lets the request in. */
  readonly authorization: Meta | undefined;
}

export function inboundVerdict(store: Store, pod: KubeObject, port: number, path: string, source: KubeObject | undefined): Verdict {
  const policy = policyOf(store, pod, port);
  const route = policy && routeOf(store, policy, path);
  const candidates = (policy?.authorizations ?? []).filter((each) => appliesTo(each, route, path));
  const authorization = candidates.find((each) => letsIn(each, source));
  const { server, policy: name = INBOUND_POLICY } = policy ?? {};
  const isLost = route === undefined && (policy?.routes ?? []).length > 0;
  return {
    server: server ? { group: 'policy.linkerd.io', kind: 'server', name: server.name } : { group: '', kind: 'default', name },
    route: route ?? (isLost ? undefined : { group: '', kind: 'default', name: authorization?.name === 'probe' ? 'probe' : 'default' }),
    authorization: isLost || !authorization ? undefined : metaOf(authorization),
  };
}

function policyOf(store: Store, pod: KubeObject, port: number): PortPolicy | undefined {
  const { namespace = '' } = pod.metadata;
  const own = (kind: Kind): readonly Resource[] => store.list(kind, namespace).map(asResource);
  const objects = {
    servers: own(POLICY_KINDS.server),
    serverAuthorizations: own(POLICY_KINDS.serverAuthorization),
    policies: own(POLICY_KINDS.policy),
    rateLimits: own(POLICY_KINDS.rateLimit),
    routes: ROUTES.flatMap(own),
    meshTls: store.list(POLICY_KINDS.meshTls).map(asResource),
    networks: store.list(POLICY_KINDS.network).map(asResource),
  };
  const defaults = {
    ...{ suffix: `${CONTROL_NAMESPACE}.${TRUST_DOMAIN}`, policy: INBOUND_POLICY, opaquePorts: undefined, seen: [port] },
    clusterNetworks: CLUSTER_NETWORKS.split(','),
  };
  return portPolicies(asResource(pod), objects, defaults).find((each) => each.port === port);
}

const asResource = (object: KubeObject): Resource =>
  resourceOf(object as never, object.metadata.name, { clusterScoped: false, namespace: '', namespaceGiven: true });

/** Of routes that objects make: the first with a path that fits. */
function routeOf(store: Store, { routes }: PortPolicy, path: string): Meta | undefined {
  for (const { kind, namespace, name } of routes) {
    const found = ROUTES.filter((each) => each.endsWith(`/${kind}`)).flatMap((each) => store.get(each, namespace, name) ?? []);
    const fits = found.some((route) =>
      itemsAt(route, 'spec', 'rules').some(({ item }) => {
        const matches = itemsAt(item, 'matches');
        return matches.length === 0 || matches.some((match) => path.startsWith(stringAt(match.item, 'path', 'value') ?? '/'));
      }),
    );
    if (fits) return { group: 'policy.linkerd.io', kind, name };
  }
  return undefined;
}

function appliesTo(authorization: Authorization, route: Meta | undefined, path: string): boolean {
  if (authorization.ignored !== undefined) return false;
  if (authorization.route && authorization.route.name !== route?.name) return false;
  return authorization.paths === undefined || authorization.paths.includes(path);
}

/** Every address of a sandbox is one of the cluster's networks. */
function letsIn({ authentication, identities }: Authorization, source: KubeObject | undefined): boolean {
  if (authentication === 'none') return true;
  if (!source || !proxyOf(source)) return false;
  const identity = identityOf(source);
  return (
    authentication === 'tls' ||
    identities.some((each) => each === '*' || each === identity || (each.startsWith('*.') && identity.endsWith(each.slice(1))))
  );
}

const metaOf = ({ kind, name }: Authorization): Meta =>
  kind === 'default' ? { group: '', kind, name } : { group: 'policy.linkerd.io', kind: kind.toLowerCase(), name };
