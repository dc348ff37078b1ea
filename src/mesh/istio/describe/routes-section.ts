/** Routes by which requests come to the service, or are sent elsewhere: of VirtualServices and of the Gateway API. */
import { itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { destinationsOf } from '../destinations.ts';
import { fullHost, hostCovers } from '../hosts.ts';
import { GRPC_ROUTE, HTTP_ROUTE, VIRTUAL_SERVICE } from '../kinds.ts';
import type { RegistryEntry } from '../registry.ts';
import { boundTo, hostsOf, MESH, ROUTE_PROTOCOLS } from '../virtual-service.ts';
import { actionText, backendText, matchText, routeMatchText } from './route-text.ts';
import { named, type Scene, subjectOf, subsetsOf } from './scene.ts';

export function routesSection(scene: Scene): Section {
  const { resources, entries } = scene;
  const virtualServices = resources.all(VIRTUAL_SERVICE).filter((route) => entries.some((entry) => concerns(route, entry, resources)));
  const routes = [HTTP_ROUTE, GRPC_ROUTE].flatMap((kind) => resources.all(kind)).filter((route) => leadsTo(route, scene));
  return {
    id: 'routes',
    title: 'Routes',
    facts: [...virtualServices.map((route) => virtualServiceFact(route, scene)), ...routes.map(routeFact)],
  };
}

/** True for a route of the host, and for one that leads to it. */
function concerns(route: Resource, { host }: RegistryEntry, { settings }: ResourceSet): boolean {
  const full = (written: string): string => fullHost(written, route.namespace, settings.clusterDomain);
  return (
    hostsOf(route).some(({ value }) => value !== '*' && hostCovers(full(value), host)) ||
    destinationsOf(route).some((each) => full(each.host) === host)
  );
}

function virtualServiceFact(route: Resource, scene: Scene): Fact {
  const bound = [...boundTo(route)].map((key) => (key === MESH ? 'sidecars' : `Gateway ${key}`)).sort();
  const hosts = hostsOf(route).map(({ value }) => value);
  const rules = ROUTE_PROTOCOLS.flatMap((protocol) => itemsAt(route.body, 'spec', protocol).map(({ item }) => item));
  return {
    subject: subjectOf(named(route)),
    value: `${hosts.length === 0 ? 'part of others' : `for ${hosts.join(', ')}`} at ${bound.join(', ')}`,
    from: [named(route)],
    details: [...rules.map((rule) => `${matchText(rule)} → ${actionText(rule)}`), ...missedSubset(route, scene)],
  };
}

/** Nothing reaches a pod whose subset no rule chooses, as long as each rule chooses one. */
function missedSubset(route: Resource, { workload, isService, entries, resources }: Scene): readonly string[] {
  const [entry] = entries;
  if (!workload || isService || !entry) return [];
  const own = destinationsOf(route).filter(
    ({ host, use }) => use === 'route' && fullHost(host, route.namespace, resources.settings.clusterDomain) === entry.host,
  );
  const subsets = subsetsOf(workload, entry, resources);
  const reaches = own.some(({ subset }) => subset === undefined || subsets.includes(subset));
  return own.length === 0 || reaches
    ? []
    : [`no rule leads to these pods, which are of ${subsets.length === 0 ? 'no subset' : `subset ${subsets.join(', ')}`}`];
}

const parentsOf = (route: Resource): readonly Body[] => itemsAt(route.body, 'spec', 'parentRefs').map(({ item }) => item);

const refersTo = (ref: Body, service: Resource, home: string, standard: string): boolean =>
  (stringAt(ref, 'kind') ?? standard) === 'Service' &&
  stringAt(ref, 'name') === service.name &&
  (stringAt(ref, 'namespace') ?? home) === service.namespace;

/** Routes of the service itself, as waypoints and sidecars follow them, and routes whose backend it is. */
function leadsTo(route: Resource, { services }: Scene): boolean {
  const backends = itemsAt(route.body, 'spec', 'rules').flatMap(({ item }) => itemsAt(item, 'backendRefs').map(({ item: each }) => each));
  return services.some(
    (service) =>
      parentsOf(route).some((ref) => refersTo(ref, service, route.namespace, 'Gateway')) ||
      backends.some((ref) => refersTo(ref, service, route.namespace, 'Service')),
  );
}

function routeFact(route: Resource): Fact {
  const parents = parentsOf(route).map(
    (ref) => `${stringAt(ref, 'kind') ?? 'Gateway'} ${stringAt(ref, 'namespace') ?? route.namespace}/${stringAt(ref, 'name')}`,
  );
  const hosts = stringsAt(route.body, 'spec', 'hostnames').map(({ value }) => value);
  return {
    subject: subjectOf(named(route)),
    value: `${hosts.length === 0 ? '' : `for ${hosts.join(', ')} `}at ${parents.join(', ')}`,
    from: [named(route)],
    details: itemsAt(route.body, 'spec', 'rules').map(({ item }) => `${routeMatchText(item)} → ${backendText(item)}`),
  };
}
