import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { listAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, isSet, judging } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

export const trafficPolicyComplete: Rule = {
  meta: {
    id: 'istio-validation/traffic-policy-complete',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'A traffic policy sets something, and one for a port says for which.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#TrafficPolicy',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    portLevelSettings:
      - tls: { mode: ISTIO_MUTUAL }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy:
    portLevelSettings:
      - port: { number: 9080 }
        tls: { mode: ISTIO_MUTUAL }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

const SETTINGS = ['outlierDetection', 'connectionPool', 'loadBalancer', 'tls'];
const SETTINGS_OF_ALL_PORTS = ['tunnel', 'proxyProtocol', 'retryBudget'];

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  for (const { policy, path, isOfPort } of trafficPolicies(body)) {
    const isSomeSet = [...SETTINGS, ...(isOfPort ? [] : SETTINGS_OF_ALL_PORTS)].some((field) => isSet(policy, field));
    // An empty list sets nothing.
    if (!isSomeSet && (isOfPort || listAt(policy, 'portLevelSettings').length === 0)) {
      yield {
        path,
        part: 'key',
        message: isOfPort ? 'The settings of a port are empty.' : 'The traffic policy is empty.',
        fix: `Set one of ${SETTINGS.join(', ')}, or remove it.`,
      };
    }
    if (isOfPort && !isSet(policy, 'port')) {
      yield {
        path,
        part: 'key',
        message: 'The settings of a port do not say of which.',
        fix: 'Add "port: { number: … }" with a port of the Service.',
      };
    }
    if (!isOfPort && isSet(policy, 'tunnel') && isSet(policy, 'proxyProtocol')) {
      yield {
        path: [...path, 'tunnel'],
        part: 'key',
        message: 'The traffic policy has both tunnel and proxyProtocol.',
        fix: 'Remove one of them.',
      };
    }
  }
}
