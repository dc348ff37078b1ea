/** Filters of a chain, with what RBAC and JWT ask for in words. */
import type { FilterRow } from '../model/proxy-config.ts';
import { body, field, flag, items, number, text, texts, typeOf } from './fields.ts';
import { valueText } from './routes.ts';

/** A network filter; those of HTTP inside follow it. */
export function filterRows(filter: unknown): readonly FilterRow[] {
  const config = body(filter, 'typed_config');
  const own = filterRow(filter);
  return [own, ...items(config, 'http_filters').map(filterRow)];
}

function filterRow(filter: unknown): FilterRow {
  const name = text(filter, 'name') ?? '';
  const config = body(filter, 'typed_config');
  const type = typeOf(config);
  const kind = type.split('.').at(-1) ?? '';
  if (kind === 'HttpConnectionManager') return { name, title: 'HTTP', details: [] };
  if (kind === 'TcpProxy') return { name, title: 'TCP', details: [] };
  if (/\.rbac\.v\d\.RBAC$/.test(type)) return rbacRow(name, config);
  if (kind === 'JwtAuthentication') return { name, title: 'JWT', details: jwtDetails(config) };
  return { name, title: name.replace(/^envoy\.filters\.(?:http|network|listener)\./, ''), details: [] };
}

function rbacRow(name: string, config: unknown): FilterRow {
  const rules = body(config, 'rules');
  const shadow = body(config, 'shadow_rules');
  const action = (from: unknown): string => text(from, 'action') ?? 'ALLOW';
  const details = [...policies(rules, ''), ...policies(shadow, 'dry run: ')];
  // Without rules nothing is refused; with rules that allow and no policy nothing passes.
  const isClosed = rules !== undefined && action(rules) === 'ALLOW' && details.length === 0;
  return { name, title: `RBAC ${rules ? action(rules) : `dry run ${action(shadow)}`}`, details: isClosed ? ['nothing matches'] : details };
}

function policies(rules: unknown, before: string): readonly string[] {
  return Object.entries(body(rules, 'policies') ?? {}).map(([name, policy]) => {
    const from = items(policy, 'principals').map(principalText).join(' or ');
    const to = items(policy, 'permissions').map(permissionText).join(' or ');
    return `${before}${name}: from ${from === '' ? 'nobody' : from} to ${to === '' ? 'nothing' : to}`;
  });
}

const joined = (parts: readonly string[], word: string): string => {
  const told = parts.filter((part) => part !== 'any');
  if (told.length === 0) return 'any';
  return told.length === 1 ? (told[0] ?? '') : `(${told.join(` ${word} `)})`;
};

function principalText(principal: unknown): string {
  if (flag(principal, 'any')) return 'any';
  const and = body(principal, 'and_ids');
  if (and) return joined(items(and, 'ids').map(principalText), 'and');
  const or = body(principal, 'or_ids');
  if (or) return items(or, 'ids').some((each) => flag(each, 'any')) ? 'any' : joined(items(or, 'ids').map(principalText), 'or');
  const not = body(principal, 'not_id');
  if (not) return `not ${principalText(not)}`;
  const authenticated = body(principal, 'authenticated');
  if (authenticated) {
    const name = valueText(body(authenticated, 'principal_name')).replace(/^=/, '');
    return name === '' ? 'any authenticated' : name;
  }
  for (const kind of ['direct_remote_ip', 'remote_ip', 'source_ip']) {
    const range = body(principal, kind);
    if (range) return `${text(range, 'address_prefix') ?? ''}/${number(range, 'prefix_len') ?? 0}`;
  }
  return matcherText(principal);
}

function permissionText(permission: unknown): string {
  if (flag(permission, 'any')) return 'any';
  const and = body(permission, 'and_rules');
  if (and) return joined(items(and, 'rules').map(permissionText), 'and');
  const or = body(permission, 'or_rules');
  if (or) return items(or, 'rules').some((each) => flag(each, 'any')) ? 'any' : joined(items(or, 'rules').map(permissionText), 'or');
  const not = body(permission, 'not_rule');
  if (not) return `not ${permissionText(not)}`;
  const port = number(permission, 'destination_port');
  if (port !== undefined) return `port ${port}`;
  const ip = body(permission, 'destination_ip');
  if (ip) return `${text(ip, 'address_prefix') ?? ''}/${number(ip, 'prefix_len') ?? 0}`;
  const server = body(permission, 'requested_server_name');
  if (server) return `SNI${valueText(server)}`;
  return matcherText(permission);
}

/** What permissions and principals have in common. */
function matcherText(matcher: unknown): string {
  const path = body(matcher, 'url_path', 'path');
  if (path) return `path${valueText(path)}`;
  const header = body(matcher, 'header');
  if (header) {
    const name = text(header, 'name') ?? '';
    const value = valueText(body(header, 'string_match') ?? { exact: text(header, 'exact_match'), prefix: text(header, 'prefix_match') });
    return `${flag(header, 'invert_match') ? 'not ' : ''}${name}${value}`;
  }
  const metadata = body(matcher, 'metadata') ?? body(matcher, 'sourced_metadata', 'metadata_matcher');
  if (metadata) {
    const keys = items(metadata, 'path').flatMap((each) => text(each, 'key') ?? []);
    return `${keys.join('.')}${valueText(body(metadata, 'value', 'string_match'))}`;
  }
  const state = body(matcher, 'filter_state');
  if (state) return `${text(state, 'key') ?? 'filter state'}${valueText(body(state, 'string_match'))}`;
  return Object.keys((matcher ?? {}) as object).join(',') || 'unknown';
}

function jwtDetails(config: unknown): readonly string[] {
  return Object.values(body(config, 'providers') ?? {}).map((provider) => {
    const audiences = texts(provider, 'audiences');
    const keys = body(provider, 'remote_jwks')
      ? (text(provider, 'remote_jwks', 'http_uri', 'uri') ?? 'remote')
      : 'given in the configuration';
    const forwards = field(provider, 'forward') === true ? ', token forwarded' : '';
    return `issuer ${text(provider, 'issuer') ?? 'any'}, audiences ${audiences.length === 0 ? 'any' : audiences.join(' ')}, keys ${keys}${forwards}`;
  });
}
