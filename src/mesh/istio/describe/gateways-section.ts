/** Where the service can be reached from outside; of a gateway, what it serves. */
import { itemsAt, listAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import { friendlyName, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { destinationsOf } from '../destinations.ts';
import { findGateway } from '../gateway-hosts.ts';
import { gatewayWorkloads } from '../gateway-workloads.ts';
import { fullHost } from '../hosts.ts';
import { GATEWAY, GRPC_ROUTE, HTTP_ROUTE, KUBERNETES_GATEWAY, SERVICE, VIRTUAL_SERVICE } from '../kinds.ts';
import { boundTo, gatewaysOf, hostsOf } from '../virtual-service.ts';
import { gatewayOfPod, isWaypointGateway, waypointOf } from '../waypoints.ts';
import { serviceTypeText } from './ports-section.ts';
import { named, type Scene, subjectOf } from './scene.ts';

export function gatewaysSection(scene: Scene): Section {
  const isGateway = scene.isGateway || scene.target.kind === KUBERNETES_GATEWAY;
  return {
    id: 'gateways',
    title: isGateway ? 'Gateways that it serves' : 'Reached from outside',
    facts: isGateway ? servedBy(scene) : exposures(scene),
  };
}

/** Gateways whose selector matches the pods; of the Gateway API the one that they were made for. */
export function gatewaysOfPods({ target, workload, resources }: Scene): readonly Resource[] {
  if (!workload) return target.kind === KUBERNETES_GATEWAY ? [target] : [];
  const name = gatewayOfPod(workload.labels);
  const own = name === undefined ? undefined : resources.get(KUBERNETES_GATEWAY, workload.namespace, name);
  const known = resources.derive(gatewayWorkloads);
  return [...(own ? [own] : []), ...resources.all(GATEWAY).filter((gateway) => known.of(gateway).includes(workload))];
}

function servedBy(scene: Scene): readonly Fact[] {
  const { resources } = scene;
  return gatewaysOfPods(scene).map((gateway) => ({
    subject: subjectOf(named(gateway)),
    value: isWaypointGateway(gateway) ? usersText(gateway, resources) : boundText(gateway, resources),
    from: [named(gateway), ...boundRoutes(gateway, resources).map(named)],
    details: serversOf(gateway),
  }));
}

/** More services than this are counted. */
const MOST_USERS = 8;

function usersText(gateway: Resource, resources: ResourceSet): string {
  const users = resources.all(SERVICE).filter((service) => {
    const used = waypointOf(service, service.labels, 'service', resources);
    return used?.gateway === gateway && service.name !== gateway.name;
  });
  const more = users.length - MOST_USERS;
  const names = users.slice(0, MOST_USERS).map(({ namespace, name }) => `${namespace}/${name}`);
  return users.length === 0
    ? 'a waypoint that no service asks for'
    : `the waypoint of ${names.join(', ')}${more > 0 ? ` and ${more} more services` : ''}`;
}

function boundText(gateway: Resource, resources: ResourceSet): string {
  const routes = boundRoutes(gateway, resources);
  return routes.length === 0 ? 'no route is bound to it' : routes.map(friendlyName).join(', ');
}

/** VirtualServices, and routes of the Gateway API, that name it. */
export function boundRoutes(gateway: Resource, resources: ResourceSet): readonly Resource[] {
  const key = `${gateway.namespace}/${gateway.name}`;
  const virtual = resources.all(VIRTUAL_SERVICE).filter((route) => boundTo(route).has(key));
  if (gateway.kind !== KUBERNETES_GATEWAY) return virtual;
  const routes = [HTTP_ROUTE, GRPC_ROUTE].flatMap((kind) => resources.all(kind)).filter((route) => parentGateways(route).includes(key));
  return [...virtual, ...routes];
}

const parentGateways = (route: Resource): readonly string[] =>
  itemsAt(route.body, 'spec', 'parentRefs').flatMap(({ item }) =>
    (stringAt(item, 'kind') ?? 'Gateway') === 'Gateway'
      ? [`${stringAt(item, 'namespace') ?? route.namespace}/${stringAt(item, 'name')}`]
      : [],
  );

/** `443 HTTPS shop.example.com, certificate shop-tls`. */
function serversOf(gateway: Resource): readonly string[] {
  if (gateway.kind === KUBERNETES_GATEWAY) {
    return itemsAt(gateway.body, 'spec', 'listeners').map(({ item }) => {
      const secrets = itemsAt(item, 'tls', 'certificateRefs').flatMap(({ item: ref }) => stringAt(ref, 'name') ?? []);
      return `${numberAt(item, 'port') ?? 0} ${stringAt(item, 'protocol') ?? ''} ${stringAt(item, 'hostname') ?? '*'}${secrets.length === 0 ? '' : `, certificate ${secrets.join(', ')}`}`;
    });
  }
  return itemsAt(gateway.body, 'spec', 'servers').map(({ item }) => {
    const hosts = stringsAt(item, 'hosts').map(({ value }) => value);
    const tls = objectAt(item, 'tls');
    const credential = stringAt(tls, 'credentialName');
    const mode = stringAt(tls, 'mode');
    const redirects = tls['httpsRedirect'] === true ? ', redirects to HTTPS' : '';
    return `${numberAt(item, 'port', 'number') ?? 0} ${stringAt(item, 'port', 'protocol') ?? ''} ${hosts.join(', ')}${mode === undefined ? '' : `, TLS ${mode}`}${credential === undefined ? '' : `, certificate ${credential}`}${redirects}`;
  });
}

/** True for a route that sends requests to the service. */
export function leadsTo(route: Resource, { entries, services, resources }: Scene): boolean {
  if (route.kind === VIRTUAL_SERVICE) {
    const hosts = new Set(entries.map(({ host }) => host));
    return destinationsOf(route).some(({ host }) => hosts.has(fullHost(host, route.namespace, resources.settings.clusterDomain)));
  }
  const backends = itemsAt(route.body, 'spec', 'rules').flatMap(({ item }) => itemsAt(item, 'backendRefs').map((each) => each.item));
  return backends.some((ref) =>
    services.some(
      (service) => stringAt(ref, 'name') === service.name && (stringAt(ref, 'namespace') ?? route.namespace) === service.namespace,
    ),
  );
}

/** Routes of gateways that lead to the service. */
function exposures(scene: Scene): readonly Fact[] {
  const { resources } = scene;
  const leading = [VIRTUAL_SERVICE, HTTP_ROUTE, GRPC_ROUTE].flatMap((kind) => resources.all(kind)).filter((route) => leadsTo(route, scene));
  const bound = leading.flatMap((route) => gatewayKeys(route).map(([namespace, name]) => ({ route, namespace, name })));
  return bound.map(({ route, namespace, name }) => {
    const gateway = findGateway(resources, namespace, name);
    return {
      subject: `Gateway ${namespace}/${name}`,
      value: gateway
        ? `${hostsText(route)} by ${friendlyName(route)}`
        : `${friendlyName(route)} names it, ${resources.whole(GATEWAY) ? 'but it does not exist' : 'and the input does not hold it'}`,
      from: [...(gateway ? [named(gateway)] : []), named(route)],
      details: gateway ? [...serversOf(gateway), ...addressesOf(gateway, resources)] : [],
    };
  });
}

function gatewayKeys(route: Resource): readonly (readonly [namespace: string, name: string])[] {
  if (route.kind === VIRTUAL_SERVICE) return gatewaysOf(route).map(({ namespace, name }) => [namespace, name]);
  return parentGateways(route).map((key) => {
    const [namespace = '', name = ''] = key.split('/');
    return [namespace, name];
  });
}

function hostsText(route: Resource): string {
  const hosts =
    route.kind === VIRTUAL_SERVICE
      ? hostsOf(route).map(({ value }) => value)
      : stringsAt(route.body, 'spec', 'hostnames').map(({ value }) => value);
  return hosts.length === 0 ? 'every host' : hosts.join(', ');
}

function addressesOf(gateway: Resource, resources: ResourceSet): readonly string[] {
  if (gateway.kind === KUBERNETES_GATEWAY) {
    const addresses = listAt(gateway.body, 'status', 'addresses').flatMap((each) => stringAt(each, 'value') ?? []);
    return addresses.length === 0 ? [] : [`at ${addresses.join(', ')}`];
  }
  const { services } = resources.derive(gatewayWorkloads).exposureOf(gateway);
  return services.filter(({ assumed }) => !assumed).map((service) => `through ${friendlyName(service)} (${serviceTypeText(service)})`);
}
