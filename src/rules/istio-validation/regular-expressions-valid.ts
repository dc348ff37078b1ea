import { ENVOY_FILTER, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { expressionProblem, LONGEST_EXPRESSION, syntaxProblem } from './_expressions.ts';
import { type Flaw, judging } from './_flaws.ts';
import { matchesOf, textMatchesOf } from './_matches.ts';

export const regularExpressionsValid: Rule = {
  meta: {
    id: 'istio-validation/regular-expressions-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService', 'schema.ValidationAnalyzer.EnvoyFilter'],
    severity: 'error',
    summary: 'Regular expressions follow the syntax of RE2.',
    why: 'Istiod refuses the object, so that it never takes effect. RE2 has no lookahead and no backreferences.',
    inputs: [VIRTUAL_SERVICE, ENVOY_FILTER],
    meshes: ['istio'],
    source: 'https://github.com/google/re2/wiki/Syntax',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - uri: { regex: "/(?!admin).*" }
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews]
  http:
    - match:
        - uri: { regex: "/(?:api|v[0-9]+)/.*" }
      route:
        - destination: { host: reviews }
`,
  },
  check: judging([VIRTUAL_SERVICE, ENVOY_FILTER], flawsOf),
};

interface Source {
  readonly text: string;
  readonly path: FieldPath;
}

function* flawsOf({ kind, body }: Resource): Iterable<Flaw> {
  for (const { text, path } of kind === VIRTUAL_SERVICE ? ofVirtualService(body) : ofEnvoyFilter(body)) {
    // What is longer is ignored for a version of proxies, and not looked at: a rule of its own says so.
    const isIgnored = kind === ENVOY_FILTER && text.length > LONGEST_EXPRESSION;
    const problem = isIgnored ? undefined : kind === ENVOY_FILTER ? syntaxProblem(text) : expressionProblem(text);
    if (problem)
      yield {
        path,
        message: `"${shortened(text)}" is not a regular expression of RE2: ${problem}.`,
        fix: 'Write it in the syntax of RE2.',
      };
  }
}

const SHOWN = 120;
const shortened = (text: string): string => (text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);

function* ofVirtualService(body: Body): Iterable<Source> {
  for (const { protocol, item, path } of matchesOf(body)) {
    if (protocol === 'http') for (const text of textMatchesOf(item)) yield* at(text.match, [...path, ...text.path], 'regex');
  }
  for (const { item, path } of itemsAt(body, 'spec', 'http')) {
    yield* at(item, path, 'rewrite', 'uriRegexRewrite', 'match');
    for (const origin of itemsAt(item, 'corsPolicy', 'allowOrigins')) yield* at(origin.item, [...path, ...origin.path], 'regex');
  }
}

function* ofEnvoyFilter(body: Body): Iterable<Source> {
  for (const { item, path } of itemsAt(body, 'spec', 'configPatches')) {
    // istiod looks at nothing of a patch for waypoints.
    if (stringAt(item, 'match', 'context') !== 'WAYPOINT') yield* at(item, path, 'match', 'proxy', 'proxyVersion');
  }
}

/** The expression in a field; an empty one is none, except where a comparison needs it. */
function* at(owner: Body, path: FieldPath, ...field: readonly string[]): Iterable<Source> {
  const text = stringAt(owner, ...field);
  if (text) yield { text, path: [...path, ...field] };
}
