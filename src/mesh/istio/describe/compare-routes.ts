import { itemsAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Trouble } from '../../../model/describe.ts';
import { labelsMatch } from '../../../model/labels.ts';
import { type Body, friendlyName, quotedRef, type Resource } from '../../../model/resource.ts';
import type { Workload } from '../../../model/workloads.ts';
import { oldestFirst } from '../age.ts';
import { hostsServedTo } from '../gateway-hosts.ts';
import { hostCovers, hostsOverlap } from '../hosts.ts';
import { GATEWAY, VIRTUAL_SERVICE } from '../kinds.ts';
import { handlingOf, protocolNamed, servicePortProtocol } from '../protocol.ts';
import { type RegistryEntry, registry } from '../registry.ts';
import { meshRoutes, sidecarScopes } from '../sidecar-scope.ts';
import { hostsOf, MESH, ruleBoundTo } from '../virtual-service.ts';
import { isVisible } from '../visibility.ts';
import type { AskedEnvoy } from './compare.ts';
import { boundRoutes } from './gateways-section.ts';
import { named } from './scene.ts';

/** VirtualServices that the proxy should follow, and has no route of. */
export function routeTroubles(asked: AskedEnvoy): readonly Trouble[] {
  const { pod, config } = asked;
  const present = new Set(config.routes.flatMap(({ from }) => (from?.kind === 'VirtualService' ? [`${from.namespace}/${from.name}`] : [])));
  const expected = asked.kind === 'sidecar' ? ofMesh(asked) : asked.kind === 'gateway' ? ofGateways(asked) : [];
  return expected
    .filter((route) => !present.has(`${route.namespace}/${route.name}`))
    .map((route) => ({
      id: 'istio/route-missing',
      severity: 'error',
      isDifference: true,
      message: `${friendlyName(route)} applies, but the proxy of ${quotedRef(pod)} has no route that comes from it.`,
      hint: `Requests go as if it were not there. Run "meshctl check --only data-plane" for whether the proxy takes what istiod sends, and "meshctl proxy-config routes ${pod.name} -n ${pod.namespace}" for what it has.`,
      objects: [named(route), named(pod)],
    }));
}

/** Of several for one host the oldest is followed. Only for hosts of HTTP that the proxy knows, since only these have routes. */
function ofMesh({ workload, resources, only }: AskedEnvoy): readonly Resource[] {
  const scope = resources.derive(sidecarScopes).of(workload.namespace, workload.labels);
  const { entries } = resources.derive(registry);
  const candidates = only ?? entries;
  const known = candidates.filter((entry) => scope.lets(entry) && hasHttp(entry));
  const routes = meshRoutes(resources).filter(
    (route) => isVisible(route.scope, workload.namespace) && leavesRoute(route.resource, MESH, workload),
  );
  const byRoute = new Map(routes.map((route) => [route.resource, route]));
  const inOrder = oldestFirst(routes.map(({ resource }) => resource));
  return inOrder.filter((resource) => {
    const route = byRoute.get(resource);
    const own = known.filter((entry) => route?.hosts.some((host) => hostCovers(host, entry.host)));
    // A rule for a host by its very name goes before one with a wildcard.
    return own.some((entry) => firstFor(entry, inOrder, byRoute) === resource);
  });
}

function firstFor(
  entry: RegistryEntry,
  inOrder: readonly Resource[],
  byRoute: ReadonlyMap<Resource, { readonly hosts: readonly string[] }>,
): Resource | undefined {
  const own = (route: Resource): readonly string[] => byRoute.get(route)?.hosts ?? [];
  return (
    inOrder.find((route) => own(route).includes(entry.host)) ??
    inOrder.find((route) => own(route).some((host) => hostCovers(host, entry.host)))
  );
}

function hasHttp({ resource, ports }: RegistryEntry): boolean {
  if (resource.kind === 'core/Service') {
    return itemsAt(resource.body, 'spec', 'ports').some(({ item }) => {
      const protocol = servicePortProtocol(item);
      return protocol === undefined || handlingOf(protocol)?.startsWith('HTTP');
    });
  }
  return ports.some(({ protocol }) => handlingOf(protocolNamed(protocol ?? '') ?? 'TCP')?.startsWith('HTTP'));
}

/** Whether a rule leaves a route in a proxy: one that only hands on to another VirtualService does not, nor one for other clients. */
function leavesRoute(route: Resource, bound: string, { labels, namespace }: Workload): boolean {
  return itemsAt(route.body, 'spec', 'http').some(({ item, path }) => {
    if (item['delegate'] !== undefined || !ruleBoundTo(route, path).has(bound)) return false;
    const matches = itemsAt(item, 'match').map((match) => match.item);
    return (
      matches.length === 0 ||
      matches.some(
        (match) =>
          labelsMatch(stringMapAt(match, 'sourceLabels'), labels) && (stringAt(match, 'sourceNamespace') ?? namespace) === namespace,
      )
    );
  });
}

const ofGateways = ({ gateways, resources, workload }: AskedEnvoy): readonly Resource[] => [
  ...new Set(
    gateways.flatMap((gateway) =>
      boundRoutes(gateway, resources).filter(
        (route) =>
          route.kind === VIRTUAL_SERVICE &&
          leavesRoute(route, `${gateway.namespace}/${gateway.name}`, workload) &&
          hostsOf(route).some(({ value }) => hostsServedTo(ofHttp(gateway), route.namespace).some((served) => hostsOverlap(served, value))),
      ),
    ),
  ),
];

/** The Gateway with those servers alone that look into requests. */
function ofHttp(gateway: Resource): Resource {
  const servers = itemsAt(gateway.body, 'spec', 'servers').flatMap(({ item }) => (looksInside(item) ? [item] : []));
  return gateway.kind === GATEWAY ? { ...gateway, body: { ...gateway.body, spec: { servers } } } : gateway;
}

function looksInside(server: Body): boolean {
  const protocol = stringAt(server, 'port', 'protocol')?.toUpperCase() ?? '';
  const passes = (stringAt(server, 'tls', 'mode') ?? '').endsWith('PASSTHROUGH');
  return ['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'].includes(protocol) || (protocol === 'HTTPS' && !passes);
}
