import { itemsAt, listAt } from '../../../model/body.ts';
import type { Trouble } from '../../../model/describe.ts';
import { friendlyName, quotedRef, type Resource } from '../../../model/resource.ts';
import { oldestFirst } from '../age.ts';
import { hostCovers } from '../hosts.ts';
import { VIRTUAL_SERVICE } from '../kinds.ts';
import { handlingOf, protocolNamed, servicePortProtocol } from '../protocol.ts';
import { type RegistryEntry, registry } from '../registry.ts';
import { meshRoutes, sidecarScopes } from '../sidecar-scope.ts';
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
  const routes = meshRoutes(resources).filter((route) => isVisible(route.scope, workload.namespace) && hasRoutes(route.resource));
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
  const hostsOf = (route: Resource): readonly string[] => byRoute.get(route)?.hosts ?? [];
  return (
    inOrder.find((route) => hostsOf(route).includes(entry.host)) ??
    inOrder.find((route) => hostsOf(route).some((host) => hostCovers(host, entry.host)))
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

/** Rules that only hand on to another VirtualService leave no trace of their own. */
const hasRoutes = ({ body }: Resource): boolean => itemsAt(body, 'spec', 'http').some(({ item }) => item['delegate'] === undefined);

const ofGateways = ({ gateways, resources }: AskedEnvoy): readonly Resource[] => [
  ...new Set(
    gateways
      .flatMap((gateway) => boundRoutes(gateway, resources))
      .filter((route) => route.kind === VIRTUAL_SERVICE && hasRoutes(route) && listAt(route.body, 'spec', 'hosts').length > 0),
  ),
];
