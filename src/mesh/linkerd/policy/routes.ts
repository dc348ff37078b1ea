/** Routes that are attached to a Server: requests that none of them takes are answered with 404. */
import type { AuthzRequest, Truth } from '../../../model/authz.ts';
import { itemsAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { allOf } from '../../../model/truth.ts';
import { GRPC_ROUTE, HTTP_ROUTES } from '../kinds.ts';

/** Where a Server has routes of gRPC, those of HTTP do not count. */
export function routesAt(server: Resource, resources: ResourceSet): readonly Resource[] {
  const isAttached = (route: Resource): boolean =>
    itemsAt(route.body, 'spec', 'parentRefs').some(
      ({ item }) => stringAt(item, 'kind') === 'Server' && stringAt(item, 'name') === server.name,
    );
  const grpc = resources.inNamespace(GRPC_ROUTE, server.namespace).filter(isAttached);
  return grpc.length > 0 ? grpc : HTTP_ROUTES.flatMap((kind) => resources.inNamespace(kind, server.namespace)).filter(isAttached);
}

export interface RouteMatch {
  readonly route: Resource;
  readonly is: Truth;
  /** Options that would decide it. */
  readonly options: readonly string[];
}

/** The routes that take the request, or may; the most specific first. */
export function matchingRoutes(routes: readonly Resource[], request: AuthzRequest): readonly RouteMatch[] {
  const found = routes.flatMap((route) => {
    const hostnames = stringsAt(route.body, 'spec', 'hostnames').map(({ value }) => value);
    return itemsAt(route.body, 'spec', 'rules').flatMap(({ item }) => {
      const matches = itemsAt(item, 'matches').map((each) => each.item);
      return (matches.length === 0 ? [{}] : matches).map((match) => ({
        route,
        weight: weightOf(match),
        parts: [hostFits(hostnames, request), ...partsOf(match, request)],
      }));
    });
  });
  return found
    .map(({ route, weight, parts }) => ({
      route,
      weight,
      is: allOf(parts.map(({ is }) => is)),
      options: parts.filter(({ is }) => is === 'open').map(({ option }) => option),
    }))
    .filter(({ is }) => is !== 'no')
    .sort((left, right) => right.weight - left.weight)
    .map(({ route, is, options }) => ({ route, is, options }));
}

interface Part {
  readonly is: Truth;
  readonly option: string;
}

const part = (value: string | undefined, option: string, fits: (value: string) => boolean): Part => ({
  is: value === undefined ? 'open' : fits(value) ? 'yes' : 'no',
  option,
});

const ALWAYS: Part = { is: 'yes', option: '' };

function hostFits(hostnames: readonly string[], { host }: AuthzRequest): Part {
  if (hostnames.length === 0) return ALWAYS;
  const plain = host?.replace(/:\d+$/, '');
  return part(plain, '--host', (value) =>
    hostnames.some((name) => (name.startsWith('*.') ? value.endsWith(name.slice(1)) : value === name)),
  );
}

function partsOf(match: Body, request: AuthzRequest): readonly Part[] {
  const path = request.path?.replace(/[?#].*$/, '');
  const wanted = stringAt(match, 'path', 'value');
  const headers = itemsAt(match, 'headers').map(({ item }) => {
    const name = (stringAt(item, 'name') ?? '').toLowerCase();
    return part(request.headers.get(name), `--header ${name}=…`, (value) => textFits(item, value));
  });
  const query = itemsAt(match, 'queryParams').map(({ item }) => {
    const name = stringAt(item, 'name') ?? '';
    return part(
      request.path === undefined ? undefined : (new URLSearchParams(request.path.split('?')[1]).get(name) ?? ''),
      '--path',
      (value) => textFits(item, value),
    );
  });
  const method = match['method'];
  const [service, call] = [stringAt(match, 'method', 'service'), stringAt(match, 'method', 'method')];
  return [
    ...(wanted === undefined
      ? []
      : [part(path, '--path', (value) => pathFits(stringAt(match, 'path', 'type') ?? 'PathPrefix', wanted, value))]),
    ...(typeof method === 'string' ? [part(request.method, '--method', (value) => value === method)] : []),
    ...(service === undefined && call === undefined ? [] : [part(path, '--path', (value) => grpcFits(service, call, value))]),
    ...headers,
    ...query,
  ];
}

function textFits(item: Body, value: string): boolean {
  const wanted = stringAt(item, 'value') ?? '';
  return stringAt(item, 'type') === 'RegularExpression' ? expressionFits(wanted, value) : value === wanted;
}

function pathFits(type: string, wanted: string, path: string): boolean {
  if (type === 'Exact') return path === wanted;
  if (type === 'RegularExpression') return expressionFits(wanted, path);
  const prefix = wanted.replace(/\/$/, '');
  return path === prefix || path.startsWith(`${prefix}/`);
}

function grpcFits(service: string | undefined, call: string | undefined, path: string): boolean {
  const [, ownService, ownCall] = path.split('/');
  return (service === undefined || service === ownService) && (call === undefined || call === ownCall);
}

/** Expressions are Rust's; one that JavaScript cannot read fits nothing. */
function expressionFits(expression: string, value: string): boolean {
  try {
    return new RegExp(`^(?:${expression})$`).test(value);
  } catch {
    return false;
  }
}

/** In the order of the Gateway API: exact paths, longer ones, methods, headers, parameters of the query. */
function weightOf(match: Body): number {
  const path = stringAt(match, 'path', 'value') ?? '';
  const isExact = stringAt(match, 'path', 'type') === 'Exact' || stringAt(match, 'method', 'method') !== undefined;
  return (
    (isExact ? 1e9 : 0) +
    path.length * 1e5 +
    (match['method'] === undefined ? 0 : 1e4) +
    itemsAt(match, 'headers').length * 100 +
    itemsAt(match, 'queryParams').length
  );
}
