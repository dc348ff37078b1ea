/** AuthorizationPolicies: whether a proxy lets a request in, and the rules that tell it so. */
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { KubeObject } from '../store/object.ts';
import { concerns, type MeshProxy } from './proxy.ts';
import type { MeshView } from './view.ts';

export interface Asked {
  /** `cluster.local/ns/bookinfo/sa/bookinfo-reviews`; undefined for a client without a certificate of the mesh. */
  readonly principal: string | undefined;
  readonly method: string;
  readonly path: string;
  readonly host: string;
  readonly port: number;
}

const actionOf = (policy: KubeObject): string => stringAt(policy, 'spec', 'action') ?? 'ALLOW';

const policiesFor = (proxy: MeshProxy, view: MeshView, action: string): readonly KubeObject[] =>
  view.configuration('AuthorizationPolicy').filter((policy) => actionOf(policy) === action && concerns(policy, proxy));

/** Policies that deny come first; where any allows, one of them must. */
export function isAllowed(asked: Asked, proxy: MeshProxy, view: MeshView): boolean {
  const matches = (policy: KubeObject): boolean => itemsAt(policy, 'spec', 'rules').some(({ item }) => ruleMatches(item, asked));
  const allowing = policiesFor(proxy, view, 'ALLOW');
  return !policiesFor(proxy, view, 'DENY').some(matches) && (allowing.length === 0 || allowing.some(matches));
}

/** Each field by the name of the one that excludes: `notPaths` of `paths`. */
const excluding = (field: string): string => `not${field.charAt(0).toUpperCase()}${field.slice(1)}`;

function ruleMatches(rule: object, { principal = '', method, path, host, port }: Asked): boolean {
  const namespace = /\/ns\/([^/]+)\//.exec(principal)?.[1] ?? '';
  const source = { principals: principal, namespaces: namespace };
  const operation = { methods: method, paths: path.split('?')[0] ?? path, hosts: host, ports: String(port) };
  const fits = (where: object, values: Readonly<Record<string, string>>): boolean =>
    Object.entries(values).every(([field, value]) => {
      const wanted = stringsAt(where, field).map((each) => each.value);
      const unwanted = stringsAt(where, excluding(field)).map((each) => each.value);
      return (wanted.length === 0 || wanted.some((each) => textFits(each, value))) && !unwanted.some((each) => textFits(each, value));
    });
  const [from, to] = [itemsAt(rule, 'from'), itemsAt(rule, 'to')];
  return (
    (from.length === 0 || from.some(({ item }) => fits(objectAt(item, 'source'), source))) &&
    (to.length === 0 || to.some(({ item }) => fits(objectAt(item, 'operation'), operation)))
  );
}

/** `*` is anything that is there. */
function textFits(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.endsWith('*')) return value.startsWith(pattern.slice(0, -1));
  return pattern.startsWith('*') ? value.endsWith(pattern.slice(1)) : value === pattern;
}

/** What each action's RBAC filter holds. */
export function rbacRules(proxy: MeshProxy, view: MeshView): readonly object[] {
  return ['DENY', 'ALLOW'].flatMap((action) => {
    const own = policiesFor(proxy, view, action);
    if (own.length === 0) return [];
    const entries = own.flatMap((policy) =>
      itemsAt(policy, 'spec', 'rules').map(
        ({ item }, index) =>
          [`ns[${policy.metadata.namespace}]-policy[${policy.metadata.name}]-rule[${index}]`, envoyPolicy(item)] as const,
      ),
    );
    return [
      {
        rules: { ...(action === 'DENY' ? { action } : {}), policies: Object.fromEntries(entries) },
        shadow_rules_stat_prefix: `istio_dry_run_${action.toLowerCase()}_`,
      },
    ];
  });
}

function envoyPolicy(rule: object): object {
  const sources = itemsAt(rule, 'from').map(({ item }) =>
    all('ids', [
      ...either('ids', valuesOf(item, 'source', 'principals').map(principal)),
      ...either('ids', valuesOf(item, 'source', 'namespaces').map(namespacePrincipal)),
    ]),
  );
  const operations = itemsAt(rule, 'to').map(({ item }) =>
    all('rules', [
      ...either(
        'rules',
        valuesOf(item, 'operation', 'hosts').map((value) => header(':authority', value)),
      ),
      ...either(
        'rules',
        valuesOf(item, 'operation', 'methods').map((value) => header(':method', value)),
      ),
      ...either(
        'rules',
        valuesOf(item, 'operation', 'paths').map((value) => ({ url_path: { path: textMatch(value) } })),
      ),
      ...either(
        'rules',
        valuesOf(item, 'operation', 'ports').map((value) => ({ destination_port: Number(value) })),
      ),
    ]),
  );
  return {
    permissions: operations.length > 0 ? operations : [all('rules', [])],
    principals: sources.length > 0 ? sources : [all('ids', [])],
  };
}

const valuesOf = (item: object, part: string, field: string): readonly string[] => stringsAt(item, part, field).map(({ value }) => value);

const all = (name: 'ids' | 'rules', parts: readonly object[]): object => ({
  [`and_${name}`]: { [name]: parts.length > 0 ? parts : [{ any: true }] },
});

const either = (name: 'ids' | 'rules', parts: readonly object[]): readonly object[] =>
  parts.length > 0 ? [{ [`or_${name}`]: { [name]: parts } }] : [];

const header = (name: string, value: string): object => ({ header: { name, string_match: textMatch(value) } });

const principal = (value: string): object => ({
  authenticated: { principal_name: textMatch(value.startsWith('*') ? value : `spiffe://${value}`) },
});

const namespacePrincipal = (value: string): object => ({
  authenticated: { principal_name: { safe_regex: { regex: `.*/ns/${value}/.*` } } },
});

function textMatch(pattern: string): object {
  if (pattern === '*') return { safe_regex: { regex: '.+' } };
  if (pattern.endsWith('*')) return { prefix: pattern.slice(0, -1) };
  return pattern.startsWith('*') ? { suffix: pattern.slice(1) } : { exact: pattern };
}
