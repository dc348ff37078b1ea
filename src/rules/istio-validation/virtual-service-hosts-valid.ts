import { hostsOverlap } from '../../mesh/istio/hosts.ts';
import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { appliesToMesh } from '../../mesh/istio/virtual-service.ts';
import { itemsAt, listAt, stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { isIpAddress } from './_addresses.ts';
import { type Flaw, judging } from './_flaws.ts';
import { hostProblem } from './_names.ts';

export const virtualServiceHostsValid: Rule = {
  meta: {
    id: 'istio-validation/virtual-service-hosts-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'The hosts of a VirtualService are DNS names, and none covers another.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews_v2]
  http:
    - route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: [reviews, "*.reviews.example.com", 10.0.0.1]
  http:
    - route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf(route: Resource): Iterable<Flaw> {
  const hosts = stringsAt(route.body, 'spec', 'hosts');
  const sidecars = appliesToMesh(route);
  let areAllValid = true;
  for (const { value, path } of hosts) {
    const reason = hostFault(value, sidecars, matchesSni(route));
    if (!reason) continue;
    areAllValid = false;
    yield { path, ...reason };
  }
  if (!areAllValid) return;
  for (const [index, { value, path }] of hosts.entries()) {
    const earlier = hosts.slice(0, index).find((other) => hostsOverlap(other.value, value));
    if (!earlier) continue;
    yield {
      path,
      message:
        earlier.value === value ? `Host "${value}" is listed twice.` : `Hosts "${earlier.value}" and "${value}" have names in common.`,
      fix: 'Remove one of the two.',
    };
  }
}

function hostFault(host: string, sidecars: boolean, sni: boolean): Pick<Flaw, 'message' | 'fix'> | undefined {
  if (host === '*' && sidecars) {
    return {
      message: 'Host "*" would take all traffic of sidecars, which Istio does not allow.',
      fix: 'Name the hosts, or bind the VirtualService to gateways only.',
    };
  }
  // A name that istiod itself makes for AUTO_PASSTHROUGH: outbound_.80_._.reviews.shop.svc.cluster.local
  if (sni && !sidecars && /^outbound_[^_]*\d[^_]*_[^_]*_[^_]*[a-zA-Z]/.test(host)) return undefined;
  const problem = hostProblem(host);
  if (!problem || isIpAddress(host)) return undefined;
  return { message: `Host "${host}" is not valid: ${problem}.`, fix: 'Write a DNS name, which may start with "*.", or an IP address.' };
}

function matchesSni({ body }: Resource): boolean {
  return itemsAt(body, 'spec', 'tls').some(({ item }) => itemsAt(item, 'match').some((match) => listAt(match.item, 'sniHosts').length > 0));
}
