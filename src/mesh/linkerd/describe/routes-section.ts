/** What clients do with requests for the service: its profile, and routes whose parent it is. */
import { itemsAt, numberAt, stringAt } from '../../../model/body.ts';
import type { Fact, Section } from '../../../model/describe.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { named } from '../../describe/common.ts';
import { GRPC_ROUTE, HTTP_ROUTES, SERVICE_PROFILE } from '../kinds.ts';
import type { Scene } from './scene.ts';

export function routesSection(scene: Scene): Section {
  const { services, resources } = scene;
  const profiles = services.flatMap((service) =>
    resources
      .all(SERVICE_PROFILE)
      .filter(({ name }) => name === `${service.name}.${service.namespace}.svc.${resources.settings.clusterDomain}`),
  );
  const routes = [...HTTP_ROUTES, GRPC_ROUTE]
    .flatMap((kind) => resources.all(kind))
    .filter((route) => services.some((service) => isParent(route, service)));
  return {
    id: 'routes',
    title: 'Routes',
    facts: [...profiles.map(profileFact), ...routes.map((route) => routeFact(route, profiles.length > 0)), ...annotationFacts(services)],
  };
}

const isParent = (route: Resource, service: Resource): boolean =>
  itemsAt(route.body, 'spec', 'parentRefs').some(
    ({ item }) =>
      stringAt(item, 'kind') === 'Service' &&
      stringAt(item, 'name') === service.name &&
      (stringAt(item, 'namespace') ?? route.namespace) === service.namespace,
  );

function profileFact(profile: Resource): Fact {
  const routes = itemsAt(profile.body, 'spec', 'routes').map(({ item }) => item);
  const splits = itemsAt(profile.body, 'spec', 'dstOverrides').map(
    ({ item }) => `${stringAt(item, 'authority') ?? ''} ${numberAt(item, 'weight') ?? stringAt(item, 'weight') ?? ''}`,
  );
  return {
    subject: `ServiceProfile ${profile.namespace}/${profile.name}`,
    value: count(routes.length, 'route'),
    from: [named(profile)],
    details: [
      ...routes.slice(0, 6).map((route) => profileRouteText(route)),
      ...(routes.length > 6 ? [`and ${routes.length - 6} more`] : []),
      ...(splits.length === 0 ? [] : [`split: ${splits.join(', ')}`]),
    ],
  };
}

function profileRouteText(route: Body): string {
  const timeout = stringAt(route, 'timeout');
  const extras = [...(route['isRetryable'] === true ? ['retried'] : []), ...(timeout === undefined ? [] : [`timeout ${timeout}`])];
  return `${stringAt(route, 'name') ?? ''}${extras.length === 0 ? '' : `: ${extras.join(', ')}`}`;
}

/** Of a route in another namespace only clients of that namespace take notice. */
function routeFact(route: Resource, isShadowed: boolean): Fact {
  const parents = itemsAt(route.body, 'spec', 'parentRefs').map(
    ({ item }) =>
      `Service ${stringAt(item, 'namespace') ?? route.namespace}/${stringAt(item, 'name')}${numberAt(item, 'port') === undefined ? '' : `:${numberAt(item, 'port')}`}`,
  );
  const kind = route.kind.slice(route.kind.indexOf('/') + 1);
  return {
    subject: `${kind} ${route.namespace}/${route.name}`,
    value: `at ${parents.join(', ')}`,
    from: [named(route)],
    details: [
      ...itemsAt(route.body, 'spec', 'rules').map(({ item }) => `${matchesText(item)} → ${backendsText(item)}`),
      ...(isShadowed ? ['without effect as long as the ServiceProfile exists'] : []),
    ],
  };
}

function matchesText(rule: Body): string {
  const matches = itemsAt(rule, 'matches').map(({ item }) => {
    const path = stringAt(item, 'path', 'value');
    const isPrefix = (stringAt(item, 'path', 'type') ?? 'PathPrefix') === 'PathPrefix';
    const [service, call] = [stringAt(item, 'method', 'service'), stringAt(item, 'method', 'method')];
    return [
      ...(path === undefined ? [] : [isPrefix ? `${path}*` : path]),
      ...(typeof item['method'] === 'string' ? [item['method']] : []),
      ...(service === undefined && call === undefined ? [] : [`/${service ?? '*'}/${call ?? '*'}`]),
      ...itemsAt(item, 'headers').map(({ item: header }) => `${stringAt(header, 'name')}=${stringAt(header, 'value')}`),
    ].join(' ');
  });
  return matches.length === 0 || matches.includes('') ? 'everything' : matches.join(', or ');
}

function backendsText(rule: Body): string {
  const backends = itemsAt(rule, 'backendRefs').map(({ item }) => item);
  const weightOf = (backend: Body): number => numberAt(backend, 'weight') ?? 1;
  const total = backends.reduce((sum, each) => sum + weightOf(each), 0);
  if (backends.length === 0) return 'the service itself';
  return backends
    .map(
      (each) =>
        `${stringAt(each, 'name')}:${numberAt(each, 'port') ?? ''}${backends.length > 1 && total > 0 ? ` ${Math.round((weightOf(each) / total) * 100)}%` : ''}`,
    )
    .join(', ');
}

/** `retry.linkerd.io/http`, `timeout.linkerd.io/request`, `balancer.linkerd.io/failure-accrual`. */
const CLIENT_SETTINGS = /^(?:retry|timeout|balancer)\.(?:alpha\.)?linkerd\.io\//;

const annotationFacts = (services: readonly Resource[]): readonly Fact[] =>
  services.flatMap((service) => {
    const settings = Object.entries(service.annotations).filter(([key]) => CLIENT_SETTINGS.test(key));
    return settings.map(([key, value]) => ({ subject: key.slice(0, key.indexOf('.')), value: `${key}: ${value}`, from: [named(service)] }));
  });
