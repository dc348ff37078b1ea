import { AUTHORIZATION_POLICY, NAMESPACE } from '../../mesh/istio/kinds.ts';
import { identityMatches } from '../../mesh/istio/principals.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Rule } from '../../model/rule.ts';
import { nameGlob } from '../../text/glob.ts';
import { nearest } from '../../text/nearest.ts';
import { knownNamespaces, NAMESPACE_EVIDENCE } from './_identities.ts';

/** Istio allows `*` anywhere in a source namespace. */
export const sourceNamespaceExists: Rule = {
  meta: {
    id: 'istio-security/source-namespace-exists',
    aliases: ['IST0101', 'KIA0101'],
    analyzers: ['auth.AuthorizationPoliciesAnalyzer'],
    severity: 'error',
    summary: 'Every namespace that an AuthorizationPolicy expects clients from exists.',
    why: 'The entry matches no client: an ALLOW policy keeps out who was meant to get in, a DENY policy lets in who was meant to stay out.',
    inputs: [AUTHORIZATION_POLICY, ...NAMESPACE_EVIDENCE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0101/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  rules:
    - from:
        - source: { namespaces: [fontend] }
---
apiVersion: v1
kind: Namespace
metadata: { name: frontend }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  rules:
    - from:
        - source: { namespaces: [frontend] }
---
apiVersion: v1
kind: Namespace
metadata: { name: frontend }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`,
    differs:
      'Conditions on "source.namespace" are checked too. The namespace of a workload exists although no Namespace object says so. Names are compared exactly, as Istio does, not regardless of case.',
  },
  *check(resources) {
    const namespaces = resources.derive(knownNamespaces);
    const patterns = new Map<string, boolean>();
    const exists = (pattern: string): boolean => {
      if (!pattern.includes('*')) return namespaces.has(pattern);
      return getOrInsert(patterns, pattern, () => anyMatches(pattern, namespaces));
    };
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      for (const { attribute, negated, values } of identityMatches(policy)) {
        if (attribute !== 'namespace') continue;
        for (const { value, path } of values) {
          if (exists(value)) continue;
          const isPattern = value.includes('*');
          const similar = isPattern ? undefined : nearest(value, namespaces);
          yield {
            at: policy,
            path,
            message: `${isPattern ? `No namespace matches "${value}"` : `Namespace "${value}" does not exist`}, so this ${negated ? 'excludes' : 'matches'} no client.`,
            fix: similar ? `Did you mean "${similar}"?` : 'Correct the name, or remove the entry.',
            absent: NAMESPACE,
          };
        }
      }
    }
  },
};

function anyMatches(pattern: string, names: ReadonlySet<string>): boolean {
  const matches = nameGlob(pattern);
  return pattern === '*' || [...names].some(matches);
}
