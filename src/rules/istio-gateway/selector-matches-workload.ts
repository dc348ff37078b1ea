import { gatewaySelector, gatewayWorkloads, selectorKey } from '../../mesh/istio/gateway-workloads.ts';
import { GATEWAY } from '../../mesh/istio/kinds.ts';
import { itemsAt } from '../../model/body.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Evidence, Problem, Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS, type Workload, workloads } from '../../model/workloads.ts';
import { quotedSample } from '../../text/words.ts';

/** A Gateway configures the proxies that its selector matches; without any it configures nothing. */
export const selectorMatchesWorkload: Rule = {
  meta: {
    id: 'istio-gateway/selector-matches-workload',
    aliases: ['IST0101', 'KIA0302'],
    analyzers: ['gateway.IngressGatewayPortAnalyzer', 'gateway.SecretAnalyzer'],
    severity: 'error',
    summary: 'The selector of every Gateway matches a workload.',
    why: 'No proxy opens the ports of the Gateway, so its hosts cannot be reached.',
    inputs: [GATEWAY, ...WORKLOAD_KINDS],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/gateway/#Gateway-selector',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress-gateway }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: storefront, namespace: shop }
spec:
  selector: { istio: ingress }
  servers:
    - port: { number: 80, name: http, protocol: HTTP }
      hosts: [shop.example.com]
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: ingress, namespace: ingress }
spec:
  selector: { matchLabels: { istio: ingress } }
  template:
    metadata: { labels: { istio: ingress } }
    spec: { containers: [{ name: istio-proxy, image: auto }] }
`,
    differs: 'A Gateway without servers is judged like any other; istioctl reports it even when its selector matches pods.',
  },
  *check(resources) {
    const behind = resources.derive(gatewayWorkloads);
    const inUse = valuesByLabel(resources);
    for (const gateway of resources.all(GATEWAY)) {
      const selector = gatewaySelector(gateway);
      if (Object.keys(selector).length === 0 || behind.of(gateway).length > 0) continue;
      yield { at: gateway, ...mismatch(selector, selectorKey(gateway), inUse), absent: gatewayProxies(resources) };
    }
  },
};

/** Gateways are often installed apart from the applications, whose workloads then say nothing about them. */
function gatewayProxies(resources: ResourceSet): Evidence {
  return {
    kinds: WORKLOAD_KINDS,
    of: 'gateway proxy',
    given: resources.derive(workloads).all.some((workload) => !workload.resource.assumed && isProxyOnly(workload)),
  };
}

/** A gateway's pod has the proxy and nothing to send to. */
function isProxyOnly({ podSpec }: Workload): boolean {
  const [first, ...others] = itemsAt(podSpec, 'containers');
  return first?.item['name'] === 'istio-proxy' && others.length === 0;
}

/** Looks up the values that workloads carry for a label, sorted. Most analyses never ask. */
function valuesByLabel(resources: ResourceSet): (label: string) => readonly string[] {
  let known: ReadonlyMap<string, readonly string[]> | undefined;
  return (label) => {
    known ??= labelValues(resources.derive(workloads).all);
    return known.get(label) ?? [];
  };
}

function labelValues(all: readonly Workload[]): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, Set<string>>();
  for (const { labels } of all) {
    for (const [label, value] of Object.entries(labels)) {
      const found = values.get(label);
      if (found) found.add(value);
      else values.set(label, new Set([value]));
    }
  }
  return new Map([...values].map(([label, found]) => [label, [...found].sort()]));
}

/** Names the single label that no workload carries, if it is one label's fault. */
function mismatch(
  selector: Readonly<Record<string, string>>,
  formatted: string,
  inUse: (label: string) => readonly string[],
): Pick<Problem, 'path' | 'message' | 'fix'> {
  const stranger = Object.entries(selector).find(([label, value]) => !inUse(label).includes(value));
  if (!stranger) {
    return {
      path: ['spec', 'selector'],
      message: `Selector "${formatted}" matches no workload: each label is in use, but no workload carries all of them.`,
      fix: "Keep only labels that the gateway's pods carry together.",
    };
  }
  const [label, value] = stranger;
  const others = inUse(label);
  return {
    path: ['spec', 'selector', label],
    message: `Selector "${formatted}" matches no workload: no pod carries the label "${label}=${value}".`,
    fix:
      others.length > 0
        ? `Select labels of the gateway's pods; "${label}" is ${quotedSample(others)} here.`
        : "Select labels of the gateway's pods.",
  };
}
