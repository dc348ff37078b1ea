import { DESTINATION_RULE, REQUEST_AUTHENTICATION, SIDECAR, VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { itemsAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { connectionPools } from './_connection-pools.ts';
import { precisionFlaws } from './_durations.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const durationsPrecise: Rule = {
  meta: {
    id: 'istio-validation/durations-precise',
    aliases: ['IST0106'],
    analyzers: [
      'schema.ValidationAnalyzer.VirtualService',
      'schema.ValidationAnalyzer.DestinationRule',
      'schema.ValidationAnalyzer.Sidecar',
      'schema.ValidationAnalyzer.RequestAuthentication',
    ],
    severity: 'error',
    summary: 'Durations are whole milliseconds.',
    why: 'Istiod refuses the object, so that it never takes effect.',
    inputs: [VIRTUAL_SERVICE, DESTINATION_RULE, SIDECAR, REQUEST_AUTHENTICATION],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRoute-timeout',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    connectionPool:
      tcp: { connectTimeout: 1500us }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    connectionPool:
      tcp: { connectTimeout: 1.5s }
`,
  },
  check: judging([VIRTUAL_SERVICE, DESTINATION_RULE, SIDECAR, REQUEST_AUTHENTICATION], flawsOf),
};

const IN_POOL: readonly FieldPath[] = [
  ['http', 'idleTimeout'],
  ['http', 'http2KeepAlive', 'interval'],
  ['http', 'http2KeepAlive', 'timeout'],
  ['tcp', 'connectTimeout'],
  ['tcp', 'maxConnectionDuration'],
  ['tcp', 'idleTimeout'],
  ['tcp', 'tcpKeepalive', 'time'],
  ['tcp', 'tcpKeepalive', 'interval'],
];

const IN_POLICY: readonly FieldPath[] = [
  ['outlierDetection', 'interval'],
  ['outlierDetection', 'baseEjectionTime'],
  ['loadBalancer', 'warmup', 'duration'],
];

const IN_ROUTE: readonly FieldPath[] = [
  ['timeout'],
  ['retries', 'perTryTimeout'],
  ['retries', 'backoff'],
  ['fault', 'delay', 'fixedDelay'],
  ['corsPolicy', 'maxAge'],
];

function* flawsOf(resource: Resource): Iterable<Flaw> {
  const { body } = resource;
  for (const { item, path } of itemsAt(body, 'spec', 'http')) yield* all(item, path, IN_ROUTE);
  for (const { item, path } of itemsAt(body, 'spec', 'jwtRules')) yield* all(item, path, [['timeout']]);
  for (const { policy, path } of resource.kind === DESTINATION_RULE ? trafficPolicies(body) : []) yield* all(policy, path, IN_POLICY);
  for (const { pool, path } of connectionPools(resource)) yield* all(pool, path, IN_POOL);
}

function* all(owner: Body, path: FieldPath, fields: readonly FieldPath[]): Iterable<Flaw> {
  for (const field of fields) yield* under(path, precisionFlaws(owner, ...field));
}
