import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { has, objectAt } from '../../model/body.ts';
import { parentOf } from '../../model/field-edit.ts';
import type { Rule } from '../../model/rule.ts';
import { EACH, fieldsAt, type Pattern } from './_fields.ts';

const SIZE = ['loadBalancer', 'consistentHash', 'minimumRingSize'] as const;

const POLICIES: readonly Pattern[] = [
  ['spec', 'trafficPolicy'],
  ['spec', 'subsets', EACH, 'trafficPolicy'],
];

const PLACES: readonly Pattern[] = POLICIES.flatMap((policy) => [
  [...policy, ...SIZE],
  [...policy, 'portLevelSettings', EACH, ...SIZE],
]);

export const minimumRingSizeReplaced: Rule = {
  meta: {
    id: 'istio-deprecation/minimum-ring-size-replaced',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'warning',
    fixable: true,
    summary: 'The size of a hash ring is set in ringHash.',
    why: 'Field minimumRingSize of consistentHash is deprecated; a release may stop reading it.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#LoadBalancerSettings-ConsistentHashLB',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: ratings
  trafficPolicy:
    loadBalancer:
      consistentHash: { useSourceIp: true, minimumRingSize: 4096 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: ratings
  trafficPolicy:
    loadBalancer:
      consistentHash: { useSourceIp: true, ringHash: { minimumRingSize: 4096 } }
`,
  },
  *check(resources) {
    for (const rule of resources.all(DESTINATION_RULE)) {
      for (const { value, path } of fieldsAt(rule.body, PLACES)) {
        if (typeof value !== 'number' || value === 0) continue;
        const hash = objectAt(rule.body, ...parentOf(path));
        yield {
          at: rule,
          path,
          part: 'key',
          message: `Field "minimumRingSize" of consistentHash in DestinationRule "${rule.name}" is deprecated.`,
          fix: `Write "ringHash: { minimumRingSize: ${value} }" instead.`,
          // Istiod refuses an algorithm beside the field, and which of them is meant is for people to say.
          edits:
            has(hash, 'ringHash') || has(hash, 'maglev')
              ? undefined
              : [{ is: 'move', path, to: [...parentOf(path), 'ringHash'], value: { minimumRingSize: value } }],
        };
      }
    }
  },
};
