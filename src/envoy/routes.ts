/** Route configurations, a row for each route. */
import type { RouteRow } from '../model/proxy-config.ts';
import type { Body } from '../model/resource.ts';
import type { Entry } from './config-dump.ts';
import { body, field, flag, items, number, text, texts, typeOf } from './fields.ts';
import { filterStateText, headerText, metadataText, valueText } from './match-text.ts';
import { type Condition, conditionsText, leavesOf } from './matcher.ts';
import { istioConfig } from './names.ts';

export function routeRows({ resource, state, version, updatedAt, error }: Entry): readonly RouteRow[] {
  const name = text(resource, 'name') ?? '';
  return items(resource, 'virtual_hosts').flatMap((host): readonly RouteRow[] => {
    const common = { state, version, updatedAt, error, name, virtualHost: text(host, 'name') ?? '', domains: texts(host, 'domains') };
    const routes = routesOf(host);
    // A host without routes answers 404 to everything.
    if (routes.length === 0) {
      const path = { kind: 'any', value: '/' } as const;
      return [{ ...common, match: '/*', path, methods: [], destinations: [], instead: '404', extras: [], from: istioConfig(host) }];
    }
    const forAll = { ALL: ['only over TLS'], EXTERNAL_ONLY: ['from outside only over TLS'] }[text(host, 'require_tls') ?? ''] ?? [];
    return routes.map(({ route, conditions }) => {
      const { extras, ...action } = actionOf(route);
      const matched = matchOf(body(route, 'match'));
      const match = conditions.length === 0 ? matched.match : `${matched.match} where ${conditionsText(conditions)}`;
      return { ...common, ...matched, match, ...action, extras: [...extras, ...forAll], from: istioConfig(route) ?? istioConfig(host) };
    });
  });
}

interface FoundRoute {
  readonly route: Body;
  /** Of the tree that leads to it. */
  readonly conditions: readonly Condition[];
}

/** A host has a list of routes, or a tree with routes and lists of them as leaves. */
function routesOf(host: unknown): readonly FoundRoute[] {
  const tree = body(host, 'matcher');
  if (!tree) return items(host, 'routes').map((route) => ({ route, conditions: [] }));
  return leavesOf(tree).flatMap(({ conditions, action }) =>
    (typeOf(action).endsWith('.RouteList') ? items(action, 'routes') : [action]).map((route) => ({ route, conditions })),
  );
}

/** Routes that stand in a listener, as the listener shows them: `/healthz/ready*`. */
export const inlineMatches = (routeConfig: unknown): readonly string[] =>
  items(routeConfig, 'virtual_hosts').flatMap((host) => routesOf(host).map(({ route }) => matchOf(body(route, 'match')).match));

function matchOf(match: unknown): Pick<RouteRow, 'match' | 'path' | 'methods'> {
  const path = pathOf(match);
  const headers = items(match, 'headers');
  const methodHeader = headers.find((header) => text(header, 'name') === ':method' && !flag(header, 'invert_match'));
  const methods = body(match, 'connect_matcher') ? ['CONNECT'] : methodHeader ? methodsOf(methodHeader) : [];
  const others = headers.filter((header) => header !== methodHeader || methods.length === 0).map(headerText);
  const query = items(match, 'query_parameters').map((each) => `?${text(each, 'name')}${valueText(body(each, 'string_match'))}`);
  const more = [
    ...(field(match, 'case_sensitive') === false ? ['in any case'] : []),
    ...(body(match, 'grpc') ? ['gRPC'] : []),
    ...items(match, 'dynamic_metadata').map(metadataText),
    ...items(match, 'filter_state').map(filterStateText),
    ...tlsTexts(body(match, 'tls_context')),
    ...shareTexts(body(match, 'runtime_fraction', 'default_value')),
  ];
  return { match: [pathText(path), ...methods, ...others, ...query, ...more].join(' '), path, methods };
}

const tlsTexts = (tls: unknown): readonly string[] =>
  (['presented', 'validated'] as const).flatMap((each) => {
    const wanted = field(tls, each);
    return typeof wanted === 'boolean' ? [`${wanted ? '' : 'no '}client certificate ${each}`] : [];
  });

/** `10%`; nothing where no share is told. */
function shareTexts(fraction: unknown): readonly string[] {
  if (fraction === undefined) return [];
  const of = { TEN_THOUSAND: 10_000, MILLION: 1_000_000 }[text(fraction, 'denominator') ?? ''] ?? 100;
  return [`${((number(fraction, 'numerator') ?? 0) / of) * 100}%`];
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
      cluster: clusterText(each, 'name') ?? '-',
      weight: total === 0 ? 0 : Math.round(((number(each, 'weight') ?? 0) / total) * 1000) / 10,
    }));
  }
  const cluster = clusterText(action, 'cluster');
  return cluster === undefined ? [] : [{ cluster }];
}

/** A cluster by its name, by the header that names it, or by the plugin that chooses it. */
function clusterText(from: unknown, nameField: string): string | undefined {
  const name = text(from, nameField);
  if (name !== undefined) return name;
  const header = text(from, 'cluster_header');
  if (header !== undefined) return `by header ${header}`;
  const plugin = text(from, 'cluster_specifier_plugin') ?? text(from, 'inline_cluster_specifier_plugin', 'extension', 'name');
  return plugin === undefined ? undefined : `by plugin ${plugin}`;
}

function redirectText(redirect: unknown): string {
  const scheme = flag(redirect, 'https_redirect') ? 'https' : text(redirect, 'scheme_redirect');
  const host = text(redirect, 'host_redirect');
  const port = number(redirect, 'port_redirect');
  const regex = text(redirect, 'regex_rewrite', 'substitution');
  const path = text(redirect, 'path_redirect') ?? text(redirect, 'prefix_rewrite') ?? regex;
  const place = `${scheme === undefined ? '' : `${scheme}://`}${host ?? ''}${port === undefined || port === 0 ? '' : `:${port}`}${path ?? ''}`;
  const code =
    { FOUND: '302', SEE_OTHER: '303', TEMPORARY_REDIRECT: '307', PERMANENT_REDIRECT: '308' }[text(redirect, 'response_code') ?? ''] ??
    '301';
  return `${code} ${place === '' ? 'redirect' : place}`;
}

/** What is done besides, as far as it is no default of Istio's. */
function extrasOf(action: unknown, route: unknown): readonly string[] {
  const timeout = durationText(text(action, 'timeout'));
  const retries = number(action, 'retry_policy', 'num_retries');
  const rewrite =
    text(action, 'prefix_rewrite') ??
    text(action, 'path_rewrite') ??
    text(action, 'path_rewrite_policy', 'typed_config', 'path_template_rewrite');
  const regex = text(action, 'regex_rewrite', 'substitution');
  const mirrors = items(action, 'request_mirror_policies').map((each) =>
    ['mirror', clusterText(each, 'cluster') ?? '-', ...shareTexts(body(each, 'runtime_fraction', 'default_value'))].join(' '),
  );
  const fault = field(route, 'typed_per_filter_config', 'envoy.filters.http.fault');
  return [
    ...(timeout === undefined || timeout === '0s' ? [] : [`timeout ${timeout}`]),
    ...(retries === undefined ? [] : [`retries ${retries}`]),
    ...(rewrite === undefined ? [] : [`rewrite ${rewrite}`]),
    ...(regex === undefined ? [] : [`rewrite by expression to ${regex}`]),
    ...hostTexts(action),
    ...mirrors,
    ...(fault === undefined ? [] : ['fault']),
  ];
}

function hostTexts(action: unknown): readonly string[] {
  const [literal, header] = [text(action, 'host_rewrite_literal'), text(action, 'host_rewrite_header')];
  const regex = text(action, 'host_rewrite_path_regex', 'substitution');
  return [
    ...(literal === undefined ? [] : [`host ${literal}`]),
    ...(header === undefined ? [] : [`host by header ${header}`]),
    ...(regex === undefined ? [] : [`host by expression to ${regex}`]),
    ...(flag(action, 'auto_host_rewrite') ? ['host of the endpoint'] : []),
  ];
}

/** `2.5s` of what Envoy writes as `2.500s`. */
const durationText = (duration: string | undefined): string | undefined => duration?.replace(/(\.\d*?)0+s$/, '$1s').replace(/\.s$/, 's');
