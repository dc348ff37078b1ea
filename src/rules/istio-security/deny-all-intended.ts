import { AUTHORIZATION_POLICY, CONFIG_MAP, MESH_CONFIG } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { hasTargetRefs, selectorOf } from '../../mesh/istio/workload-policies.ts';
import { at, itemsAt, listAt, objectAt, stringAt } from '../../model/body.ts';
import { formatLabels } from '../../model/labels.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

/**
 * Whoever is selected by an ALLOW policy is closed to all requests that no such policy allows.
 * Without rules a policy allows nothing; one rule without conditions, `rules: [{}]`, allows everything.
 */
export const denyAllIntended: Rule = {
  meta: {
    id: 'istio-security/deny-all-intended',
    aliases: [],
    severity: 'info',
    summary: 'No AuthorizationPolicy denies all requests by having no rules.',
    why: 'The policy looks empty but denies every request to the workloads that it applies to. That is a good default, if it is meant.',
    inputs: [AUTHORIZATION_POLICY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/concepts/security/#allow-nothing-deny-all-and-allow-all-policy',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector:
    matchLabels: { app: cart }
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: cart, namespace: shop }
spec:
  selector:
    matchLabels: { app: cart }
  rules:
    - {}
`,
  },
  *check(resources) {
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      if (!allowsNothing(policy)) continue;
      const { rootNamespace } = resources.derive(meshConfig);
      yield {
        at: policy,
        path: ['spec'],
        message: `An ALLOW policy without rules denies every request to ${scopeOf(policy, rootNamespace)} that no other policy allows.`,
        fix: 'Leave it if this is meant; "rules: [{}]" allows everything instead.',
      };
    }
  },
};

function allowsNothing(policy: Resource): boolean {
  const action = at(policy.body, ['spec', 'action']);
  if (action !== undefined && action !== null && action !== 'ALLOW') return false;
  const rules = at(policy.body, ['spec', 'rules']);
  if (rules !== undefined && rules !== null && (!Array.isArray(rules) || rules.length > 0)) return false;
  // A trial run is logged, not enforced.
  return policy.annotations['istio.io/dry-run'] !== 'true';
}

function scopeOf(policy: Resource, rootNamespace: string): string {
  if (hasTargetRefs(policy)) return targetsOf(policy);
  const place = policy.namespace === rootNamespace ? 'of the whole mesh' : `of namespace "${policy.namespace}"`;
  const labels = formatLabels(selectorOf(policy));
  return labels ? `workloads with the labels "${labels}" ${place}` : `all workloads ${place}`;
}

function targetsOf({ body }: Resource): string {
  const refs =
    listAt(body, 'spec', 'targetRefs').length > 0
      ? itemsAt(body, 'spec', 'targetRefs').map(({ item }) => item)
      : [objectAt(body, 'spec', 'targetRef')];
  return refs.map((ref) => `${stringAt(ref, 'kind') ?? 'target'} "${stringAt(ref, 'name') ?? ''}"`).join(', ');
}
