import { CONFIG_MAP, GATEWAY, MESH_CONFIG, REQUEST_AUTHENTICATION, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { meshConfig } from '../../mesh/istio/mesh-config.ts';
import { GATEWAY_NAME } from '../../mesh/istio/policy-targets.ts';
import { isTokenClaim } from '../../mesh/istio/token-claims.ts';
import { gatewaysOf } from '../../mesh/istio/virtual-service.ts';
import { selectorOf } from '../../mesh/istio/workload-policies.ts';
import { itemsAt, objectAt, stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { quotedList } from '../../text/words.ts';

export const jwtClaimsAreAuthenticated: Rule = {
  meta: {
    id: 'istio-routing/jwt-claims-are-authenticated',
    aliases: ['IST0149'],
    analyzers: ['virtualservice.JWTClaimRouteAnalyzer'],
    severity: 'error',
    summary: 'Gateways that route by claims of a token have a RequestAuthentication that validates the token.',
    why: 'Claims exist only in tokens that the gateway has validated. Without that the match never holds, and requests take another route or get 404.',
    inputs: [VIRTUAL_SERVICE, GATEWAY, REQUEST_AUTHENTICATION, MESH_CONFIG, CONFIG_MAP, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0149/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: beta, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - match:
        - headers:
            "@request.auth.claims.groups": { exact: testers }
      route:
        - destination: { host: beta }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: gateway, namespace: ingress }
spec:
  template:
    metadata:
      labels: { app: gateway }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: beta, namespace: shop }
spec:
  hosts: [shop.example.com]
  gateways: [ingress/public]
  http:
    - match:
        - headers:
            "@request.auth.claims.groups": { exact: testers }
      route:
        - destination: { host: beta }
---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: public, namespace: ingress }
spec:
  selector: { app: gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: gateway, namespace: ingress }
spec:
  template:
    metadata:
      labels: { app: gateway }
---
apiVersion: security.istio.io/v1
kind: RequestAuthentication
metadata: { name: customers, namespace: ingress }
spec:
  selector:
    matchLabels: { app: gateway }
  jwtRules:
    - issuer: https://accounts.example.com
`,
    differs:
      'One finding per gateway instead of one per pod; the root namespace is read from the mesh configuration, and a RequestAuthentication with targetRefs holds only for the gateways that it names.',
  },
  *check(resources) {
    const pods = resources.derive(workloads);
    const { rootNamespace } = resources.derive(meshConfig);
    const isAuthenticated = (workload: Workload): boolean =>
      [...new Set([rootNamespace, workload.namespace])].some((namespace) =>
        resources.inNamespace(REQUEST_AUTHENTICATION, namespace).some((policy) => selects(policy, workload)),
      );
    const openAt = new Map<Resource, readonly Workload[]>();
    const openPods = (gateway: Resource): readonly Workload[] =>
      getOrInsert(openAt, gateway, () =>
        pods.selectedBy(stringMapAt(gateway.body, 'spec', 'selector')).filter((pod) => !isAuthenticated(pod)),
      );
    for (const route of resources.all(VIRTUAL_SERVICE)) {
      const claim = firstClaim(route);
      if (!claim) continue;
      for (const reference of gatewaysOf(route)) {
        const gateway = resources.get(GATEWAY, reference.namespace, reference.name);
        if (!gateway) continue;
        const open = openPods(gateway);
        if (open.length === 0) continue;
        yield {
          at: route,
          path: claim.path,
          part: 'key',
          message: `The route matches by "${claim.key}", but no RequestAuthentication validates tokens at ${inWords(open)}, which gateway "${reference.written}" selects.`,
          fix: 'Add a RequestAuthentication that selects these pods to their namespace.',
          related: [gateway],
          absent: REQUEST_AUTHENTICATION,
        };
      }
    }
  },
};

/** The first match by a claim; one missing policy is the reason for all of them. */
function firstClaim(route: Resource): { readonly key: string; readonly path: FieldPath } | undefined {
  for (const rule of itemsAt(route.body, 'spec', 'http')) {
    for (const match of itemsAt(rule.item, 'match')) {
      for (const field of ['headers', 'withoutHeaders']) {
        const key = Object.keys(objectAt(match.item, field)).find(isTokenClaim);
        if (key !== undefined) return { key, path: [...rule.path, ...match.path, field, key] };
      }
    }
  }
  return undefined;
}

function selects(policy: Resource, workload: Workload): boolean {
  const single = objectAt(policy.body, 'spec', 'targetRef');
  const targets = [
    ...itemsAt(policy.body, 'spec', 'targetRefs').map(({ item }) => item),
    ...(Object.keys(single).length > 0 ? [single] : []),
  ];
  if (targets.length === 0) return labelsMatch(selectorOf(policy), workload.labels);
  if (policy.namespace !== workload.namespace) return false;
  return targets.some((target) => stringAt(target, 'kind') === 'Gateway' && stringAt(target, 'name') === workload.labels[GATEWAY_NAME]);
}

function inWords(open: readonly Workload[]): string {
  // An assumed pod is the one of every default installation; nobody knows it by the name given here.
  if (open.every(({ resource }) => resource.assumed)) return `the default ingress gateway of namespace "${open[0]?.namespace ?? ''}"`;
  return `the pods of ${quotedList(open.map(({ namespace, name }) => `${namespace}/${name}`))}`;
}
