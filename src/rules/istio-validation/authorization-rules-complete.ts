import { AUTHORIZATION_POLICY } from '../../mesh/istio/kinds.ts';
import { isBody, itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging, under } from './_flaws.ts';

export const authorizationRulesComplete: Rule = {
  meta: {
    id: 'istio-validation/authorization-rules-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.AuthorizationPolicy'],
    severity: 'error',
    summary: 'Rules of an AuthorizationPolicy name sources, operations and conditions that are not empty.',
    why: 'Istiod refuses the AuthorizationPolicy, so that nothing enforces it.',
    inputs: [AUTHORIZATION_POLICY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  rules:
    - from: [{ source: {} }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  rules:
    - from: [{ source: { namespaces: [shop] } }]
    - {}
`,
  },
  check: judging(AUTHORIZATION_POLICY, flawsOf),
};

const EMPTY_SOURCE = 'Name who may call, such as by namespaces; for anybody remove from.';
const EMPTY_OPERATION = 'Name what may be called, such as by paths; for anything remove to.';

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const [index, rule] of listAt(body, 'spec', 'rules').entries()) {
    const path = ['spec', 'rules', index];
    yield* under(path, parts(rule, 'from', 'source', EMPTY_SOURCE));
    yield* under(path, parts(rule, 'to', 'operation', EMPTY_OPERATION));
    for (const when of itemsAt(rule, 'when')) yield* under([...path, ...when.path], ofCondition(when.item));
  }
}

/** Elements of from and to, which match nothing when they say nothing. */
function* parts(rule: unknown, field: string, inner: string, fix: string): Iterable<Flaw> {
  for (const [index, part] of listAt(rule, field).entries()) {
    const matches = objectAt(part, inner);
    if (Object.keys(matches).some((each) => listAt(matches, each).length > 0)) continue;
    yield {
      path: [field, index, ...(isBody(part) && inner in part ? [inner] : [])],
      message: `An element of ${field} has an empty ${inner}.`,
      fix,
    };
  }
}

function* ofCondition(condition: Body): Iterable<Flaw> {
  const key = stringAt(condition, 'key');
  if (key === '')
    yield { path: ['key'], message: 'The key of a condition is empty.', fix: 'Name an attribute, such as "request.headers[x-user]".' };
  if (!key || listAt(condition, 'values').length + listAt(condition, 'notValues').length > 0) return;
  yield {
    path: ['key'],
    message: `The condition on "${key}" has neither values nor notValues.`,
    fix: 'Add the values; "*" stands for any that is not empty.',
  };
}
