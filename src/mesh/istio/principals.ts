/**
 * What an AuthorizationPolicy says about the identity of clients, which they prove by the
 * certificate of their mutual TLS connection.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source
 */
import { itemsAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';

type Attribute = 'principal' | 'namespace' | 'serviceAccount' | 'trustDomain';

export interface IdentityMatch {
  readonly attribute: Attribute;
  /** True when the values are those that must not be. */
  readonly negated: boolean;
  /** The field or the condition as its author knows it: `notPrincipals`, `source.principal`. */
  readonly name: string;
  /** The list of values. */
  readonly path: FieldPath;
  readonly values: readonly { readonly value: string; readonly path: FieldPath }[];
}

const SOURCE_FIELDS: readonly (readonly [field: string, attribute: Attribute, negated: boolean])[] = [
  ['principals', 'principal', false],
  ['notPrincipals', 'principal', true],
  ['namespaces', 'namespace', false],
  ['notNamespaces', 'namespace', true],
  ['serviceAccounts', 'serviceAccount', false],
  ['notServiceAccounts', 'serviceAccount', true],
  ['trustDomains', 'trustDomain', false],
  ['notTrustDomains', 'trustDomain', true],
];

const CONDITION_KEYS: ReadonlyMap<string, Attribute> = new Map([
  ['source.principal', 'principal'],
  ['source.namespace', 'namespace'],
  ['source.serviceAccount', 'serviceAccount'],
  ['source.trustDomain', 'trustDomain'],
]);

/** Every list of a policy that matches clients by identity, and is not empty. */
export function identityMatches({ body }: Resource): readonly IdentityMatch[] {
  const found: IdentityMatch[] = [];
  const add = (attribute: Attribute, negated: boolean, name: string, path: FieldPath): void => {
    const values = stringsAt(body, ...path);
    if (values.length > 0) found.push({ attribute, negated, name, path, values });
  };
  for (const rule of itemsAt(body, 'spec', 'rules')) {
    for (const { item, path } of itemsAt(rule.item, 'from')) {
      for (const [field, attribute, negated] of SOURCE_FIELDS) {
        if (field in objectAt(item, 'source')) add(attribute, negated, field, [...rule.path, ...path, 'source', field]);
      }
    }
    for (const { item, path } of itemsAt(rule.item, 'when')) {
      const key = stringAt(item, 'key') ?? '';
      const attribute = CONDITION_KEYS.get(key);
      if (!attribute) continue;
      add(attribute, false, key, [...rule.path, ...path, 'values']);
      add(attribute, true, key, [...rule.path, ...path, 'notValues']);
    }
  }
  return found;
}

export interface ServiceAccountRef {
  /** Undefined where the policy leaves it open. */
  readonly trustDomain: string | undefined;
  readonly namespace: string;
  readonly name: string;
}

/** The service account of a principal `cluster.local/ns/shop/sa/cart`; undefined for patterns and for any other form. */
export function serviceAccountOfPrincipal(principal: string): ServiceAccountRef | undefined {
  const [, trustDomain, namespace, name] = /^([^/*]+)\/ns\/([^/*]+)\/sa\/([^/*]+)$/.exec(principal) ?? [];
  return trustDomain && namespace && name ? { trustDomain, namespace, name } : undefined;
}

/** The service account of `shop/cart`, or of `cart` for one of the policy's own namespace. */
export function serviceAccountOfSource(source: string, ownNamespace: string): ServiceAccountRef | undefined {
  const [, namespace = ownNamespace, name] = /^(?:([^/*]+)\/)?([^/*]+)$/.exec(source) ?? [];
  return name ? { trustDomain: undefined, namespace, name } : undefined;
}
