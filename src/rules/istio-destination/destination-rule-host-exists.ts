import { isWildcard } from '../../mesh/istio/hosts.ts';
import { CONFIG_MAP, DESTINATION_RULE, MESH_CONFIG, SERVICE, SERVICE_ENTRY } from '../../mesh/istio/kinds.ts';
import { evidenceFor, registry } from '../../mesh/istio/registry.ts';
import { stringAt } from '../../model/body.ts';
import type { Rule } from '../../model/rule.ts';
import { type Candidates, servicesOf } from './_services.ts';

export const destinationRuleHostExists: Rule = {
  meta: {
    id: 'istio-destination/destination-rule-host-exists',
    aliases: ['IST0174'],
    analyzers: ['destinationrule.SubsetSelectPodAnalyzer'],
    severity: 'warning',
    summary: 'Every DestinationRule is for a known service.',
    why: 'No proxy ever uses the rule: its subsets, TLS and connection settings apply to nothing.',
    inputs: [DESTINATION_RULE, SERVICE, SERVICE_ENTRY, MESH_CONFIG, CONFIG_MAP],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0174/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviewz
  trafficPolicy: { loadBalancer: { simple: RANDOM } }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  trafficPolicy: { loadBalancer: { simple: RANDOM } }
---
apiVersion: v1
kind: Service
metadata: { name: reviews, namespace: shop }
spec:
  ports: [{ name: http, port: 9080 }]
`,
    differs:
      "A wildcard host is fine when any service matches it; visibility is decided by the service's exportTo and by where proxies look for rules; the cluster domain is not fixed.",
  },
  *check(resources) {
    const hosts = resources.derive(registry);
    for (const rule of resources.all(DESTINATION_RULE)) {
      const candidates = servicesOf(rule, resources);
      if (!candidates || candidates.services.length > 0) continue;
      const written = stringAt(rule.body, 'spec', 'host') ?? '';
      const meant = hosts.intended(written, rule.namespace);
      yield {
        at: rule,
        path: ['spec', 'host'],
        message: reason(written, rule.namespace, candidates),
        fix: meant ? `Did you mean "${meant}"?` : 'Name an existing service by its full name, create it, or remove the rule.',
        absent: evidenceFor(candidates.host, resources),
      };
    }
  },
};

function reason(written: string, namespace: string, { host, hidden: [hidden] }: Candidates): string {
  if (hidden)
    return `Host "${written}" exists, but no client that uses rules of namespace "${namespace}" sees it (see exportTo of "${hidden.resource.name}").`;
  if (isWildcard(host)) return `No service matches host "${written}", so the rule applies to nothing.`;
  return `Host "${written}" is no known service${written === host ? '' : ` (looked for "${host}")`}, so the rule applies to nothing.`;
}
