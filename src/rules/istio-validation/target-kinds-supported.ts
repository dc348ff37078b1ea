import { AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, TRAFFIC_EXTENSION, WASM_PLUGIN } from '../../mesh/istio/kinds.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const targetKindsSupported: Rule = {
  meta: {
    id: 'istio-validation/target-kinds-supported',
    aliases: ['IST0106'],
    analyzers: [
      'schema.ValidationAnalyzer.AuthorizationPolicy',
      'schema.ValidationAnalyzer.RequestAuthentication',
      'schema.ValidationAnalyzer.Telemetry',
      'schema.ValidationAnalyzer.WasmPlugin',
      'schema.ValidationAnalyzer.TrafficExtension',
    ],
    severity: 'error',
    summary: 'Policies are attached to Gateways, GatewayClasses, Services or ServiceEntries.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: [AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN, TRAFFIC_EXTENSION],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/type/workload-selector/#PolicyTargetReference',
    since: '0.1.0',
    bad: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  targetRefs:
    - { group: apps, kind: Deployment, name: reviews }
  rules: [{}]
`,
    good: `
apiVersion: security.istio.io/v1
kind: AuthorizationPolicy
metadata: { name: reviews, namespace: shop }
spec:
  targetRefs:
    - { group: gateway.networking.k8s.io, kind: Gateway, name: waypoint }
    - { kind: Service, name: reviews }
  rules: [{}]
`,
  },
  check: judging([AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION, TELEMETRY, WASM_PLUGIN, TRAFFIC_EXTENSION], flawsOf),
};

const GROUP = /^$|^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;
const KIND = /^[a-zA-Z]([-a-zA-Z0-9]*[a-zA-Z0-9])?$/;

/** As group and kind; without a group the core group is meant. */
const TARGETS: ReadonlySet<string> = new Set([
  '/Service',
  'core/Service',
  'networking.istio.io/ServiceEntry',
  'gateway.networking.k8s.io/Gateway',
  'gateway.networking.k8s.io/GatewayClass',
]);

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const single = objectAt(body, 'spec', 'targetRef');
  const references = [...itemsAt(body, 'spec', 'targetRefs'), ...('kind' in single ? [{ item: single, path: ['spec', 'targetRef'] }] : [])];
  for (const { item, path } of references) {
    const [group, kind] = [stringAt(item, 'group') ?? '', stringAt(item, 'kind')];
    // What cannot be a group or kind at all, the schema says.
    if (kind === undefined || !GROUP.test(group) || !KIND.test(kind) || TARGETS.has(`${group}/${kind}`)) continue;
    yield {
      path: [...path, 'kind'],
      message: `Policies cannot be attached to kind "${kind}" ${group === '' ? 'without a group' : `of group "${group}"`}.`,
      fix: 'Name a Gateway or GatewayClass of group "gateway.networking.k8s.io", a ServiceEntry of "networking.istio.io", or a Service without a group.',
    };
  }
}
