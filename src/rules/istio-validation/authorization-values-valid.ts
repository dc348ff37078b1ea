import { AUTHORIZATION_POLICY } from '../../mesh/istio/kinds.ts';
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { attributeCheck, attributeProblem } from './_attributes.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { withNegation } from './_negations.ts';
import { address, filled, pathTemplate, port, serviceAccount, trustDomain, type ValueCheck } from './_request-values.ts';

export const authorizationValuesValid: Rule = {
  meta: {
    id: 'istio-validation/authorization-values-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.AuthorizationPolicy'],
    severity: 'error',
    summary: 'Addresses, ports, paths and names in an AuthorizationPolicy are such that requests can have them.',
    why: 'Istiod refuses the AuthorizationPolicy, so that nothing enforces it.',
    inputs: [AUTHORIZATION_POLICY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/conditions/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  rules:
    - from: [{ source: { ipBlocks: [10.0.0.0/33] } }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  rules:
    - from: [{ source: { ipBlocks: [10.0.0.0/8], serviceAccounts: [shop/web] } }]
      to: [{ operation: { ports: ["8080"], paths: ["/api/{*}/items/{**}"] } }]
      when: [{ key: "request.headers[x-user]", values: ["*"] }]
`,
  },
  check: judging(AUTHORIZATION_POLICY, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const rule of itemsAt(body, 'spec', 'rules')) {
    for (const from of itemsAt(rule.item, 'from'))
      yield* under([...rule.path, ...from.path, 'source'], eachList(objectAt(from.item, 'source'), SOURCE_LISTS));
    for (const to of itemsAt(rule.item, 'to')) {
      yield* under([...rule.path, ...to.path, 'operation'], eachList(objectAt(to.item, 'operation'), OPERATION_LISTS));
    }
    for (const when of itemsAt(rule.item, 'when')) yield* under([...rule.path, ...when.path], ofCondition(when.item));
  }
}

/** Lists of a source or operation with what their values must be; each has a twin that starts with "not". */
type Lists = Readonly<Record<string, ValueCheck>>;

const SOURCE_LISTS: Lists = {
  principals: filled,
  requestPrincipals: filled,
  namespaces: filled,
  serviceAccounts: serviceAccount,
  trustDomains: trustDomain,
  ipBlocks: address,
  remoteIpBlocks: address,
};
const OPERATION_LISTS: Lists = { hosts: filled, ports: port, methods: filled, paths: pathTemplate };

function* eachList(owner: Body, lists: Lists): Iterable<Flaw> {
  for (const [field, check] of Object.entries(lists)) {
    for (const name of withNegation(field)) yield* valuesOf(owner, name, check);
  }
}

function* valuesOf(owner: Body, field: string, check: ValueCheck): Iterable<Flaw> {
  for (const { value, path } of stringsAt(owner, field)) {
    const found = check(value);
    if (found) yield { path, ...found };
  }
}

function* ofCondition(condition: Body): Iterable<Flaw> {
  const key = stringAt(condition, 'key');
  // Without values another rule speaks.
  if (!key || listAt(condition, 'values').length + listAt(condition, 'notValues').length === 0) return;
  const problem = attributeProblem(key);
  if (problem !== undefined) {
    yield {
      path: ['key'],
      message: `"${key}" is not an attribute of requests${problem}.`,
      fix: 'Use one of the keys that Istio documents, such as "request.headers[x-user]" or "source.ip".',
    };
    return;
  }
  for (const field of ['values', 'notValues']) yield* valuesOf(condition, field, attributeCheck(key));
}
