import { INJECTION_KINDS, isProxyOnly } from '../../mesh/istio/injection.ts';
import { AUTHORIZATION_POLICY, MESH_CONFIG, PEER_AUTHENTICATION } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { type MutualTls, peerAuthentications } from '../../mesh/istio/peer-authentication.ts';
import { type PolicyTarget, policyTargets, TARGET_KINDS } from '../../mesh/istio/policy-targets.ts';
import { describe } from '../../mesh/istio/policy-wording.ts';
import { type IdentityMatch, identityMatches } from '../../mesh/istio/principals.ts';
import { hasTargetRefs, selectorOf } from '../../mesh/istio/workload-policies.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';

/** A client proves its identity by its certificate, which it shows in mutual TLS only. */
export const principalsHaveMtls: Rule = {
  meta: {
    id: 'istio-security/principals-have-mtls',
    aliases: [],
    severity: 'warning',
    summary: 'Workloads whose clients are told apart by identity accept mutual TLS.',
    why: 'Without mutual TLS no client has an identity: what asks for one never matches, and what excludes one excludes nobody.',
    inputs: [AUTHORIZATION_POLICY, PEER_AUTHENTICATION, ...TARGET_KINDS, ...INJECTION_KINDS, MESH_CONFIG],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Source',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  selector:
    matchLabels: { app: cart }
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/frontend]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: DISABLE }
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: from-frontend, namespace: shop }
spec:
  selector:
    matchLabels: { app: cart }
  rules:
    - from:
        - source:
            principals: [cluster.local/ns/shop/sa/frontend]
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata: { name: default, namespace: shop }
spec:
  mtls: { mode: STRICT }
`,
    differs:
      'Other than Kiali: what no PeerAuthentication disables is accepted, as Istio does. The TLS settings of clients in DestinationRules are not looked at.',
  },
  *check(resources) {
    if (resources.all(PEER_AUTHENTICATION).length === 0) return;
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      if (hasTargetRefs(policy)) continue;
      const matches = identityMatches(policy);
      if (matches.length === 0) continue;
      const disabled = disabledAt(policy, resources);
      if (!disabled) continue;
      for (const match of matches) {
        yield {
          at: policy,
          path: match.path,
          message: `${effect(match)} at ${disabled.place}: ${describe(disabled.by)} of namespace "${disabled.by.namespace}" disables mutual TLS there, so clients have no identity.`,
          fix: 'Set the mode to PERMISSIVE or STRICT, or tell clients apart by something else.',
          related: [disabled.by],
        };
      }
    }
  },
};

function effect({ name, negated }: IdentityMatch): string {
  return `"${name}" ${negated ? 'excludes nobody' : 'never matches'}`;
}

interface Disabled {
  readonly place: string;
  readonly by: Resource;
}

function disabledAt(policy: Resource, resources: ResourceSet): Disabled | undefined {
  const selector = selectorOf(policy);
  const { rootNamespace } = resources.derive(meshConfig);
  const isMeshWide = policy.namespace === rootNamespace;
  const targets = resources.derive(policyTargets);
  const modes = resources.derive(peerAuthentications);
  const selected = targets.selectedBy(selector, isMeshWide ? undefined : policy.namespace);
  for (const target of selected) {
    // The modes are remembered, so this order is the quick one for many policies of the same pods.
    const by = disabler(modes.modeFor(target.resource.namespace, target.labels));
    if (by && usesPeerAuthentication(target) && ['sidecar', 'unknown'].includes(targets.dataplane(target)))
      return { place: `${describe(target.resource)}${isMeshWide ? ` of namespace "${target.resource.namespace}"` : ''}`, by };
  }
  if (selected.length > 0) return undefined;
  // Whatever else the workloads carry when they come, they have these labels.
  const by = disabler(modes.modeFor(policy.namespace, selector));
  return by && { place: isMeshWide ? 'workloads of the mesh' : `workloads of namespace "${policy.namespace}"`, by };
}

/** A single port that accepts mutual TLS is reason enough to ask for identities. */
function disabler({ mode, policy, ports }: MutualTls): Resource | undefined {
  return mode === 'DISABLE' && [...ports.values()].every((port) => port === 'DISABLE') ? policy : undefined;
}

/** The servers of gateways set TLS for themselves. */
function usesPeerAuthentication({ workload }: PolicyTarget): boolean {
  return !workload || !isProxyOnly(workload);
}
