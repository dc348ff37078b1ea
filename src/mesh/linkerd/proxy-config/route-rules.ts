/** What routes match and do, in words: those of the Gateway API and Linkerd's own, and service profiles. */
import { itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import type { Parent } from './parent.ts';

export interface RouteRule {
  readonly name?: string | undefined;
  /** `/api* GET x-user=jason`; one of them is enough. */
  readonly matches: readonly string[];
  /** With weights in percent where there are several. */
  readonly backends: readonly (Parent & { readonly weight?: number | undefined })[];
  /** `timeout 2s`, `retries 3 of 5xx`, `redirect`. */
  readonly extras: readonly string[];
}

export function rulesOf(route: Resource, parent: Parent): { readonly hostnames: readonly string[]; readonly rules: readonly RouteRule[] } {
  const isGrpc = route.kind.endsWith('/GRPCRoute');
  const annotated = annotationExtras(route);
  return {
    hostnames: stringsAt(route.body, 'spec', 'hostnames').map(({ value }) => value),
    rules: itemsAt(route.body, 'spec', 'rules').map(({ item }) => {
      const matches = itemsAt(item, 'matches').map((match) => (isGrpc ? grpcText(match.item) : httpText(match.item)));
      return {
        name: stringAt(item, 'name'),
        matches: matches.length > 0 ? matches : [isStream(route) ? 'connections' : '/*'],
        // A route of a Server says what is served, and one without backends leaves requests to its parent.
        backends: backendsOf(item, route.namespace, parent),
        extras: [...filterTexts(item), ...timeoutTexts(item), ...annotated],
      };
    }),
  };
}

/** Routes that are about connections. */
export const isStream = ({ kind }: Pick<Resource, 'kind'>): boolean => /\/T(?:LS|CP)Route$/.test(kind);

function httpText(match: Body): string {
  const path = objectAt(match, 'path');
  const value = stringAt(path, 'value') ?? '/';
  const type = stringAt(path, 'type') ?? 'PathPrefix';
  const text = type === 'PathPrefix' ? `${value}*` : value;
  const query = itemsAt(match, 'queryParams').map(({ item }) => `?${pairText(item)}`);
  return [text, ...(stringAt(match, 'method') ? [stringAt(match, 'method') ?? ''] : []), ...headerTexts(match), ...query].join(' ');
}

function grpcText(match: Body): string {
  const method = objectAt(match, 'method');
  return [`/${stringAt(method, 'service') ?? '*'}/${stringAt(method, 'method') ?? '*'}`, ...headerTexts(match)].join(' ');
}

const headerTexts = (match: Body): readonly string[] => itemsAt(match, 'headers').map(({ item }) => pairText(item));
const pairText = (item: Body): string =>
  `${stringAt(item, 'name') ?? ''}${stringAt(item, 'type') === 'RegularExpression' ? '~' : '='}${stringAt(item, 'value') ?? ''}`;

function backendsOf(rule: Body, namespace: string, parent: Parent): RouteRule['backends'] {
  const refs = itemsAt(rule, 'backendRefs').map(({ item }) => item);
  if (refs.length === 0) return parent.kind === 'Service' ? [parent] : [];
  const total = refs.reduce((sum, ref) => sum + (numberAt(ref, 'weight') ?? 1), 0);
  return refs.map((ref) => ({
    ...{ kind: stringAt(ref, 'kind') ?? 'Service', namespace: stringAt(ref, 'namespace') ?? namespace, name: stringAt(ref, 'name') ?? '' },
    ...(numberAt(ref, 'port') === undefined ? {} : { port: numberAt(ref, 'port') }),
    ...(refs.length > 1 && total > 0 ? { weight: Math.round(((numberAt(ref, 'weight') ?? 1) / total) * 1000) / 10 } : {}),
  }));
}

const FILTERS: Readonly<Record<string, string>> = {
  RequestRedirect: 'redirect',
  RequestHeaderModifier: 'changes request headers',
  ResponseHeaderModifier: 'changes response headers',
  URLRewrite: 'rewrite',
  RequestMirror: 'mirror',
};

const filterTexts = (rule: Body): readonly string[] =>
  itemsAt(rule, 'filters').map(({ item }) => FILTERS[stringAt(item, 'type') ?? ''] ?? stringAt(item, 'type') ?? 'filter');

const timeoutTexts = (rule: Body): readonly string[] =>
  (['request', 'backendRequest'] as const).flatMap((name) => {
    const value = stringAt(rule, 'timeouts', name);
    return value === undefined ? [] : [`${name === 'request' ? 'timeout' : 'timeout of each try'} ${value}`];
  });

/** Retries and timeouts by annotations of the route. */
function annotationExtras({ annotations }: Resource): readonly string[] {
  const of = (name: string): string | undefined => annotations[name];
  const [http, grpc, limit, each] = ['http', 'grpc', 'limit', 'timeout'].map((name) => of(`retry.linkerd.io/${name}`));
  const conditions = [http, grpc].filter((text) => text !== undefined);
  const retries = conditions.length > 0 ? [`retries ${limit ?? 1} of ${conditions.join(',')}${each ? ` after ${each}` : ''}`] : [];
  const timeouts = (['request', 'response', 'idle'] as const).flatMap((name) => {
    const value = of(`timeout.linkerd.io/${name}`);
    return value === undefined ? [] : [`${name} timeout ${value}`];
  });
  return [...retries, ...timeouts];
}

/** The Service that a profile is of, by its name: `web.shop.svc.cluster.local`. */
export function profileService({ name }: Resource): { readonly namespace: string; readonly name: string } | undefined {
  const [service, namespace, svc] = name.split('.');
  return service && namespace && svc === 'svc' ? { name: service, namespace } : undefined;
}

export function profileRules(profile: Resource, parent: Parent): readonly RouteRule[] {
  const overrides = itemsAt(profile.body, 'spec', 'dstOverrides').map(({ item }) => item);
  const total = overrides.reduce((sum, each) => sum + weightOf(each), 0);
  const backends = overrides.length === 0 ? [parent] : overrides.map((each) => overrideOf(each, total));
  return itemsAt(profile.body, 'spec', 'routes').map(({ item }) => ({
    name: stringAt(item, 'name'),
    matches: [conditionText(objectAt(item, 'condition'))],
    backends,
    extras: [
      ...(item['isRetryable'] === true ? ['retried'] : []),
      ...(stringAt(item, 'timeout') === undefined ? [] : [`timeout ${stringAt(item, 'timeout')}`]),
    ],
  }));
}

/** Whole numbers, or texts such as `500m`. */
const weightOf = (override: Body): number => {
  const text = String(override['weight'] ?? '0');
  return text.endsWith('m') ? Number(text.slice(0, -1)) / 1000 : Number(text);
};

function overrideOf(override: Body, total: number): RouteRule['backends'][number] {
  const authority = stringAt(override, 'authority') ?? '';
  const [host = '', port] = authority.split(':');
  const [name = '', namespace = ''] = host.split('.');
  return {
    kind: 'Service',
    namespace,
    name,
    ...(port === undefined ? {} : { port: Number(port) }),
    weight: total > 0 ? Math.round((weightOf(override) / total) * 1000) / 10 : 0,
  };
}

/** Paths and methods are expressions; `all`, `any` and `not` put conditions together. */
function conditionText(condition: Body): string {
  const several = (name: string, word: string): readonly string[] => {
    const inner = itemsAt(condition, name).map(({ item }) => conditionText(item));
    return inner.length > 0 ? [`(${inner.join(word)})`] : [];
  };
  const not = Object.keys(objectAt(condition, 'not')).length > 0 ? [`not ${conditionText(objectAt(condition, 'not'))}`] : [];
  const parts = [
    ...(stringAt(condition, 'pathRegex') === undefined ? [] : [`${stringAt(condition, 'pathRegex')}`]),
    ...(stringAt(condition, 'method') === undefined ? [] : [`${stringAt(condition, 'method')}`]),
    ...several('all', ' and '),
    ...several('any', ' or '),
    ...not,
  ];
  return parts.length > 0 ? parts.join(' ') : '/*';
}
