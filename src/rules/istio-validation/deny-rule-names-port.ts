import { AUTHORIZATION_POLICY, KUBERNETES_GATEWAY } from '../../mesh/istio/kinds.ts';
import { itemsAt, listAt, stringAt } from '../../model/body.ts';
import type { Body, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { isSet } from './_flaws.ts';
import { withNegation } from './_negations.ts';

/** What is known of a source without requests of HTTP. */
const OF_CONNECTIONS = ['principals', 'namespaces', 'serviceAccounts', 'ipBlocks', 'remoteIpBlocks'].flatMap(withNegation);

export const denyRuleNamesPort: Rule = {
  meta: {
    id: 'istio-validation/deny-rule-names-port',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.AuthorizationPolicy'],
    severity: 'warning',
    summary: 'DENY rules by attributes of HTTP are limited to ports.',
    why: 'On a port that is not HTTP, a DENY rule leaves out what it cannot tell, and so denies every connection.',
    inputs: [AUTHORIZATION_POLICY, KUBERNETES_GATEWAY],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/security/authorization-policy/#Operation',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin] } }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin], ports: ["8080"] } }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: shop }
spec:
  gatewayClassName: istio
  listeners: [{ name: https, port: 443, protocol: HTTPS }]
---
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: public, namespace: shop }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: public }]
  action: DENY
  rules:
    - to: [{ operation: { paths: [/admin] } }]
`,
    differs: 'Silent where the policy is attached to Gateways of the input whose listeners are all HTTP or HTTPS.',
  },
  *check(resources) {
    for (const policy of resources.all(AUTHORIZATION_POLICY)) {
      if (policy.partial || stringAt(policy.body, 'spec', 'action') !== 'DENY' || isForHttpAlone(policy, resources)) continue;
      for (const { item, path } of itemsAt(policy.body, 'spec', 'rules')) {
        if (!isOfHttpAlone(item)) continue;
        yield {
          at: policy,
          path,
          message: 'The rule denies all traffic to TCP ports, because attributes of HTTP are ignored there.',
          fix: 'Add the ports of HTTP to each operation, unless the workload has no other ones.',
        };
      }
    }
  },
};

function isOfHttpAlone(rule: Body): boolean {
  const sources = itemsAt(rule, 'from').filter((from) => isSet(from.item, 'source'));
  const operations = itemsAt(rule, 'to').filter((to) => isSet(to.item, 'operation'));
  if (operations.length > 0)
    return !operations.some((to) => ['ports', 'notPorts'].some((field) => listAt(to.item, 'operation', field).length > 0));
  return sources.length > 0 && !sources.some((from) => OF_CONNECTIONS.some((field) => listAt(from.item, 'source', field).length > 0));
}

/** True when all that the policy is attached to are gateways in the input which serve nothing but HTTP. */
function isForHttpAlone(policy: Resource, resources: ResourceSet): boolean {
  const targets = itemsAt(policy.body, 'spec', 'targetRefs').map(({ item }) => item);
  return (
    targets.length > 0 &&
    targets.every((target) => {
      const gateway =
        stringAt(target, 'kind') === 'Gateway'
          ? resources.get(KUBERNETES_GATEWAY, policy.namespace, stringAt(target, 'name') ?? '')
          : undefined;
      const listeners = gateway ? itemsAt(gateway.body, 'spec', 'listeners') : [];
      return listeners.length > 0 && listeners.every(({ item }) => /^HTTPS?$/.test(stringAt(item, 'protocol') ?? ''));
    })
  );
}
