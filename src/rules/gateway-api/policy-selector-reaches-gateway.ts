import { AUTHORIZATION_POLICY, KUBERNETES_GATEWAY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN } from '../../mesh/istio/kinds.ts';
import { DEFAULT_ROOT_NAMESPACE } from '../../mesh/istio/mesh-config.ts';
import { GATEWAY_CLASS, GATEWAY_NAME } from '../../mesh/istio/policy-targets.ts';
import { has, stringAt, stringMapAt } from '../../model/body.ts';
import type { FieldEdit } from '../../model/field-edit.ts';
import { formatLabels, labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Kind, Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS, workloads } from '../../model/workloads.ts';

const POLICIES: readonly Kind[] = [AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN];

const MANAGED_BY = 'gateway.istio.io/managed';
const WAYPOINT_CLASS = 'istio-waypoint';
/** Classes for whose Gateways istiod makes the pods. */
const ISTIO_CLASSES: ReadonlySet<string> = new Set(['istio', WAYPOINT_CLASS]);

/** istiod attaches policies to Gateway API gateways by targetRefs; a waypoint never looks at selectors, other gateways only as long as a flag allows it. */
export const policySelectorReachesGateway: Rule = {
  meta: {
    id: 'gateway-api/policy-selector-reaches-gateway',
    aliases: ['IST0166'],
    analyzers: ['k8sgateway.SelectorAnalyzer'],
    severity: 'warning',
    fixable: true,
    summary: 'Policies for Gateway API gateways name them by targetRefs, not by a selector.',
    why: 'A waypoint ignores a policy with a selector, and so does any Gateway API gateway once istiod runs with ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY=false.',
    inputs: [...POLICIES, KUBERNETES_GATEWAY, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0166/',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-admin, namespace: shop }
spec:
  selector: { matchLabels: { gateway.networking.k8s.io/gateway-name: storefront } }
  action: DENY
  rules: [{ to: [{ operation: { paths: [/admin*] } }] }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  gatewayClassName: istio
  listeners: [{ name: http, port: 80, protocol: HTTP }]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: deny-admin, namespace: shop }
spec:
  targetRefs: [{ group: gateway.networking.k8s.io, kind: Gateway, name: storefront }]
  action: DENY
  rules: [{ to: [{ operation: { paths: [/admin*] } }] }]
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  gatewayClassName: istio
  listeners: [{ name: http, port: 80, protocol: HTTP }]
`,
    differs:
      "Honours targetRefs as well as targetRef, leaves a selector without labels alone, since it means the whole namespace, and finds a Gateway's pods also where only the Gateway is in the input.",
  },
  *check(resources) {
    const gateways = gatewayPods(resources);
    // A policy there selects pods of every namespace, and attaches to Gateways of its own only.
    const rootNamespace = resources.settings.rootNamespace ?? DEFAULT_ROOT_NAMESPACE;
    for (const kind of POLICIES) {
      for (const policy of resources.all(kind)) {
        const selector = stringMapAt(policy.body, 'spec', 'selector', 'matchLabels');
        if (Object.keys(selector).length === 0 || hasTarget(policy)) continue;
        const reached = (gateways.get(policy.namespace) ?? []).filter((pod) => labelsMatch(selector, pod));
        for (const name of new Set(reached.map((pod) => pod[GATEWAY_NAME] ?? ''))) {
          const waypoint = reached.some((pod) => pod[GATEWAY_NAME] === name && isWaypoint(pod));
          yield {
            at: policy,
            path: ['spec', 'selector'],
            message: waypoint
              ? `Selector "${formatLabels(selector)}" matches waypoint "${name}", but waypoints ignore policies with a selector.`
              : `Selector "${formatLabels(selector)}" matches Gateway API gateway "${name}", to which policies are attached by targetRefs; with ENABLE_SELECTOR_BASED_K8S_GATEWAY_POLICY=false istiod ignores this one.`,
            fix: `Replace the selector by targetRefs that name Gateway "${name}".`,
            edits: waypoint || policy.namespace === rootNamespace ? undefined : asTarget(selector, name),
          };
        }
      }
    }
  },
};

/** A selector for the pods of the Gateway and of nothing else. A waypoint ignores it, and would begin to do what it says. */
function asTarget(selector: Labels, name: string): readonly FieldEdit[] | undefined {
  if (selector[GATEWAY_NAME] !== name || Object.keys(selector).length > 1) return undefined;
  const target = { group: 'gateway.networking.k8s.io', kind: 'Gateway', name };
  return [{ is: 'move', path: ['spec', 'selector'], to: ['spec', 'targetRefs'], value: [target] }];
}

type Labels = Readonly<Record<string, string>>;

/** Namespace → labels of the pods of its Gateway API gateways, those included that istiod is going to make. */
function gatewayPods(resources: ResourceSet): ReadonlyMap<string, readonly Labels[]> {
  const pods = new Map<string, Labels[]>();
  const add = (namespace: string, labels: Labels): void => void getOrInsert(pods, namespace, () => []).push(labels);
  for (const workload of resources.derive(workloads).all) {
    if (workload.labels[GATEWAY_NAME] !== undefined) add(workload.namespace, workload.labels);
  }
  for (const gateway of resources.all(KUBERNETES_GATEWAY)) {
    const gatewayClass = stringAt(gateway.body, 'spec', 'gatewayClassName') ?? '';
    if (!ISTIO_CLASSES.has(gatewayClass)) continue;
    const own = stringMapAt(gateway.body, 'spec', 'infrastructure', 'labels');
    add(gateway.namespace, { ...own, [GATEWAY_NAME]: gateway.name, [GATEWAY_CLASS]: gatewayClass });
  }
  return pods;
}

function isWaypoint(pod: Labels): boolean {
  return pod[GATEWAY_CLASS] === WAYPOINT_CLASS || pod[MANAGED_BY] === 'istio.io-mesh-controller';
}

function hasTarget({ body }: Resource): boolean {
  return has(body, 'spec', 'targetRef') || has(body, 'spec', 'targetRefs', 0);
}
