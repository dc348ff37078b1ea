/** Filters of a chain, with what RBAC and JWT ask for in words. */
import type { FilterRow } from '../model/proxy-config.ts';
import { body, field, flag, items, number, text, texts, typeOf } from './fields.ts';
import { filterStateText, headerText, metadataText, rangeText, valueText } from './match-text.ts';
import { conditionsText, leavesOf } from './matcher.ts';

/** A network filter; those of HTTP inside follow it. */
export function filterRows(filter: unknown): readonly FilterRow[] {
  const config = body(filter, 'typed_config');
  const own = filterRow(filter);
  return [own, ...items(config, 'http_filters').map(filterRow)];
}

function filterRow(filter: unknown): FilterRow {
  const name = text(filter, 'name') ?? '';
  const delivered = texts(filter, 'config_discovery', 'type_urls').map((url) => url.replace(/^.*\//, ''));
  if (delivered.length > 0) return deliveredRow(name, delivered);
  const config = body(filter, 'typed_config');
  const type = typeOf(config);
  const kind = type.split('.').at(-1) ?? '';
  if (kind === 'HttpConnectionManager') return { name, title: 'HTTP', details: [] };
  if (kind === 'TcpProxy') return { name, title: 'TCP', details: [] };
  if (RBAC.test(type)) return rbacRow(name, config);
  if (kind === 'JwtAuthentication') return { name, title: 'JWT', details: jwtDetails(config) };
  return { name, title: name.replace(/^envoy\.filters\.(?:http|network|listener|udp_listener)\./, ''), details: [] };
}

const RBAC = /\.rbac\.v\d\.RBAC$/;

/** One whose configuration comes on its own, by ECDS; the listener tells its type alone. */
function deliveredRow(name: string, types: readonly string[]): FilterRow {
  const title = types.some((type) => RBAC.test(type))
    ? 'RBAC by ECDS'
    : types.some((type) => type.endsWith('.JwtAuthentication'))
      ? 'JWT by ECDS'
      : name;
  return { name, title, details: types.map((type) => `delivered by ECDS: ${type}`) };
}

function rbacRow(name: string, config: unknown): FilterRow {
  const [rules, shadow] = [body(config, 'rules'), body(config, 'shadow_rules')];
  const [tree, shadowTree] = [body(config, 'matcher'), body(config, 'shadow_matcher')];
  const action = (from: unknown): string => text(from, 'action') ?? 'ALLOW';
  const details = [...policies(rules, ''), ...leaves(tree, ''), ...policies(shadow, 'dry run: '), ...leaves(shadowTree, 'dry run: ')];
  const title = rules
    ? ` ${action(rules)}`
    : tree
      ? ' by conditions'
      : shadow
        ? ` dry run ${action(shadow)}`
        : shadowTree
          ? ' dry run by conditions'
          : ' without rules';
  // Without rules nothing is refused; with rules that allow and no policy nothing passes.
  const isClosed = rules !== undefined && action(rules) === 'ALLOW' && Object.keys(body(rules, 'policies') ?? {}).length === 0;
  return { name, title: `RBAC${title}`, details: [...(isClosed ? ['nothing matches'] : []), ...details] };
}

/** `DENY others: anything else`, as a tree has it. */
function leaves(tree: unknown, before: string): readonly string[] {
  return leavesOf(tree).map(({ conditions, action }) => {
    const told = conditions.length === 0 ? 'anything else' : conditionsText(conditions);
    return `${before}${text(action, 'action') ?? 'ALLOW'} ${text(action, 'name') ?? ''}: ${told}`;
  });
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
    if (range) return rangeText(range);
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
  if (ip) return rangeText(ip);
  const ports = body(permission, 'destination_port_range');
  // The end is the first port that is no part of it.
  if (ports) return `ports ${number(ports, 'start') ?? 0} to ${(number(ports, 'end') ?? 0) - 1}`;
  const server = body(permission, 'requested_server_name');
  if (server) return `SNI${valueText(server)}`;
  return matcherText(permission);
}

/** What permissions and principals have in common. */
function matcherText(matcher: unknown): string {
  const path = body(matcher, 'url_path', 'path');
  if (path) return `path${valueText(path)}`;
  const template = text(matcher, 'uri_template', 'typed_config', 'path_template');
  if (template !== undefined) return `path=${template}`;
  const header = body(matcher, 'header');
  if (header) return headerText(header).replace(/^!/, 'not ');
  const sourced = body(matcher, 'sourced_metadata');
  const metadata = body(matcher, 'metadata') ?? body(sourced, 'metadata_matcher');
  if (metadata) return metadataText({ ...metadata, invert: flag(metadata, 'invert') || flag(sourced, 'invert_match') });
  const state = body(matcher, 'filter_state');
  if (state) return filterStateText(state);
  const extension = typeOf(body(matcher, 'custom', 'typed_config') ?? body(matcher, 'matcher', 'typed_config'));
  return extension.split('.').at(-1) || Object.keys((matcher ?? {}) as object).join(',') || 'unknown';
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
