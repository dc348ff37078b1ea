/** Route configurations, a row for each route. */
import type { RouteRow } from '../model/proxy-config.ts';
import type { Entry } from './config-dump.ts';
import { body, field, flag, items, number, text, texts } from './fields.ts';
import { istioConfig } from './names.ts';

export function routeRows({ resource, state, version, updatedAt, error }: Entry): readonly RouteRow[] {
  const name = text(resource, 'name') ?? '';
  return items(resource, 'virtual_hosts').flatMap((host): readonly RouteRow[] => {
    const common = { state, version, updatedAt, error, name, virtualHost: text(host, 'name') ?? '', domains: texts(host, 'domains') };
    const routes = items(host, 'routes');
    // A host without routes answers 404 to everything.
    if (routes.length === 0) {
      const path = { kind: 'any', value: '/' } as const;
      return [{ ...common, match: '/*', path, methods: [], destinations: [], instead: '404', extras: [], from: istioConfig(host) }];
    }
    return routes.map((route) => ({
      ...common,
      ...matchOf(body(route, 'match')),
      ...actionOf(route),
      from: istioConfig(route) ?? istioConfig(host),
    }));
  });
}

/** Routes that stand in a listener, as the listener shows them: `/healthz/ready*`. */
export const inlineMatches = (routeConfig: unknown): readonly string[] =>
  items(routeConfig, 'virtual_hosts').flatMap((host) => items(host, 'routes').map((route) => matchOf(body(route, 'match')).match));

function matchOf(match: unknown): Pick<RouteRow, 'match' | 'path' | 'methods'> {
  const path = pathOf(match);
  const headers = items(match, 'headers');
  const methodHeader = headers.find((header) => text(header, 'name') === ':method' && !flag(header, 'invert_match'));
  const methods = methodHeader ? methodsOf(methodHeader) : [];
  const others = headers.filter((header) => header !== methodHeader || methods.length === 0).map(headerText);
  const query = items(match, 'query_parameters').map((each) => `?${text(each, 'name')}${valueText(body(each, 'string_match'))}`);
  const grpc = body(match, 'grpc') ? ['gRPC'] : [];
  return { match: [pathText(path), ...methods, ...others, ...query, ...grpc].join(' '), path, methods };
}

function pathOf(match: unknown): RouteRow['path'] {
  const [prefix, exact] = [text(match, 'prefix'), text(match, 'path')];
  const regex = text(match, 'safe_regex', 'regex');
  const separated = text(match, 'path_separated_prefix');
  const template = text(match, 'path_match_policy', 'typed_config', 'path_template');
  if (exact !== undefined) return { kind: 'exact', value: exact };
  if (regex !== undefined) return { kind: 'regex', value: regex };
  if (separated !== undefined) return { kind: 'prefix', value: `${separated}/` };
  if (template !== undefined) return { kind: 'template', value: template };
  return prefix === undefined ? { kind: 'any', value: '/' } : { kind: 'prefix', value: prefix };
}

/** `/api*`, `PathPrefix:/api` for one that ends at a slash, `/login` exactly, and expressions as they are. */
function pathText({ kind, value }: RouteRow['path']): string {
  if (kind === 'any') return '/*';
  if (kind !== 'prefix') return value;
  return value.endsWith('/') && value !== '/' ? `PathPrefix:${value.slice(0, -1)}` : `${value}*`;
}

const methodsOf = (header: unknown): readonly string[] => {
  const exact = text(header, 'string_match', 'exact') ?? text(header, 'exact_match');
  if (exact !== undefined) return [exact];
  const regex = text(header, 'string_match', 'safe_regex', 'regex') ?? text(header, 'safe_regex_match', 'regex') ?? '';
  return /^[A-Z]+(?:\|[A-Z]+)*$/.test(regex) ? regex.split('|') : [];
};

function headerText(header: unknown): string {
  const name = text(header, 'name') ?? '';
  const inverted = flag(header, 'invert_match') ? '!' : '';
  if (field(header, 'present_match') === false) return `!${name}`;
  const range = body(header, 'range_match');
  if (range) return `${inverted}${name}=${number(range, 'start') ?? 0}..${number(range, 'end') ?? 0}`;
  // Older dumps have the kinds of matches beside the name.
  const old = {
    exact: text(header, 'exact_match'),
    prefix: text(header, 'prefix_match'),
    suffix: text(header, 'suffix_match'),
    contains: text(header, 'contains_match'),
  };
  const match = body(header, 'string_match') ?? { ...old, safe_regex: body(header, 'safe_regex_match') };
  return `${inverted}${name}${valueText(match)}`;
}

/** `=jason`, `=ja*`, `~ja.*` for an expression; empty when it only has to be there. */
export function valueText(match: unknown): string {
  const [exact, prefix, suffix] = [text(match, 'exact'), text(match, 'prefix'), text(match, 'suffix')];
  const [contains, regex] = [text(match, 'contains'), text(match, 'safe_regex', 'regex')];
  if (exact !== undefined) return `=${exact}`;
  if (prefix !== undefined) return `=${prefix}*`;
  if (suffix !== undefined) return `=*${suffix}`;
  if (contains !== undefined) return `=*${contains}*`;
  return regex === undefined ? '' : `~${regex}`;
}

function actionOf(route: unknown): Pick<RouteRow, 'destinations' | 'instead' | 'extras' | 'routeName'> {
  const routeName = text(route, 'name');
  const redirect = body(route, 'redirect');
  if (redirect) return { destinations: [], instead: redirectText(redirect), extras: [], routeName };
  const direct = body(route, 'direct_response');
  if (direct) return { destinations: [], instead: String(number(direct, 'status') ?? 200), extras: [], routeName };
  const action = body(route, 'route');
  return { destinations: destinationsOf(action), instead: action ? undefined : '-', extras: extrasOf(action, route), routeName };
}

function destinationsOf(action: unknown): RouteRow['destinations'] {
  const weighted = items(action, 'weighted_clusters', 'clusters');
  if (weighted.length > 0) {
    const total = weighted.reduce((sum, each) => sum + (number(each, 'weight') ?? 0), 0);
    return weighted.map((each) => ({
      cluster: text(each, 'name') ?? text(each, 'cluster_header') ?? '-',
      weight: total === 0 ? 0 : Math.round(((number(each, 'weight') ?? 0) / total) * 1000) / 10,
    }));
  }
  const header = text(action, 'cluster_header');
  const cluster = text(action, 'cluster') ?? (header === undefined ? undefined : `by header ${header}`);
  return cluster === undefined ? [] : [{ cluster }];
}

function redirectText(redirect: unknown): string {
  const scheme = flag(redirect, 'https_redirect') ? 'https' : text(redirect, 'scheme_redirect');
  const host = text(redirect, 'host_redirect');
  const port = number(redirect, 'port_redirect');
  const path = text(redirect, 'path_redirect') ?? text(redirect, 'prefix_rewrite');
  const place = `${scheme === undefined ? '' : `${scheme}://`}${host ?? ''}${port === undefined || port === 0 ? '' : `:${port}`}${path ?? ''}`;
  const code =
    { FOUND: '302', SEE_OTHER: '303', TEMPORARY_REDIRECT: '307', PERMANENT_REDIRECT: '308' }[text(redirect, 'response_code') ?? ''] ??
    '301';
  return `${code} ${place === '' ? 'redirect' : place}`;
}

/** What is done besides, as far as it is no default of Istio's. */
function extrasOf(action: unknown, route: unknown): readonly string[] {
  const timeout = text(action, 'timeout');
  const retries = number(action, 'retry_policy', 'num_retries');
  const rewrite = text(action, 'prefix_rewrite') ?? text(action, 'path_rewrite');
  const regex = text(action, 'regex_rewrite', 'substitution');
  const host = text(action, 'host_rewrite_literal');
  const mirrors = items(action, 'request_mirror_policies').map((each) => `mirror ${text(each, 'cluster') ?? '-'}`);
  const fault = field(route, 'typed_per_filter_config', 'envoy.filters.http.fault');
  return [
    ...(timeout === undefined || timeout === '0s' ? [] : [`timeout ${timeout}`]),
    ...(retries === undefined ? [] : [`retries ${retries}`]),
    ...(rewrite === undefined ? [] : [`rewrite ${rewrite}`]),
    ...(regex === undefined ? [] : [`rewrite by expression to ${regex}`]),
    ...(host === undefined ? [] : [`host ${host}`]),
    ...mirrors,
    ...(fault === undefined ? [] : ['fault']),
  ];
}
