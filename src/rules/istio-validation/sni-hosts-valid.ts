import { hostCovers } from '../../mesh/istio/hosts.ts';
import { VIRTUAL_SERVICE } from '../../mesh/istio/kinds.ts';
import { appliesToMesh } from '../../mesh/istio/virtual-service.ts';
import { has, itemsAt, listAt, stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { isIpAddress } from './_addresses.ts';
import { type Flaw, judging } from './_flaws.ts';
import { matchesOf } from './_matches.ts';
import { hostProblem } from './_names.ts';

export const sniHostsValid: Rule = {
  meta: {
    id: 'istio-validation/sni-hosts-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.VirtualService'],
    severity: 'error',
    summary: 'Every tls rule matches SNI hosts, and those are hosts of the VirtualService.',
    why: 'Istiod refuses the VirtualService, so that its routes never take effect.',
    inputs: [VIRTUAL_SERVICE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/virtual-service/#TLSMatchAttributes',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["*.example.com"]
  gateways: [ingress/public]
  tls:
    - match:
        - sniHosts: [reviews.example.org]
      route:
        - destination: { host: reviews }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews, namespace: shop }
spec:
  hosts: ["*.example.com"]
  gateways: [ingress/public]
  tls:
    - match:
        - sniHosts: [reviews.example.com]
      route:
        - destination: { host: reviews }
`,
  },
  check: judging(VIRTUAL_SERVICE, flawsOf),
};

function* flawsOf(route: Resource): Iterable<Flaw> {
  const hosts = stringsAt(route.body, 'spec', 'hosts').map(({ value }) => value);
  for (const { item, path } of itemsAt(route.body, 'spec', 'tls')) {
    // Without the field the schema speaks.
    if (!has(item, 'match') || listAt(item, 'match').length > 0) continue;
    yield {
      path: [...path, 'match'],
      part: 'key',
      message: `Rule ${Number(path.at(-1)) + 1} of tls has no match.`,
      fix: 'Add a match with the SNI hosts.',
    };
  }
  for (const { protocol, item, path } of matchesOf(route.body)) {
    if (protocol !== 'tls') continue;
    if (has(item, 'sniHosts') && listAt(item, 'sniHosts').length === 0) {
      yield {
        path: [...path, 'sniHosts'],
        part: 'key',
        message: 'A match of tls has no SNI hosts.',
        fix: 'Name the hosts that clients ask for.',
      };
    }
    for (const { value, path: place } of stringsAt(item, 'sniHosts')) {
      const flaw = hostFault(value, hosts, appliesToMesh(route));
      if (flaw) yield { path: [...path, ...place], ...flaw };
    }
  }
}

function hostFault(sni: string, hosts: readonly string[], sidecars: boolean): Pick<Flaw, 'message' | 'fix'> | undefined {
  // A rule of its own speaks of addresses.
  if (isIpAddress(sni)) return undefined;
  // A name that istiod itself makes for AUTO_PASSTHROUGH: outbound_.80_._.reviews.shop.svc.cluster.local
  const problem = !sidecars && sni.startsWith('outbound_') ? undefined : hostProblem(sni);
  if (problem) return { message: `SNI host "${sni}" is not valid: ${problem}.`, fix: 'Write a DNS name, which may start with "*.".' };
  if (hosts.some((host) => hostCovers(host, sni))) return undefined;
  return {
    message: `SNI host "${sni}" is none of the hosts of the VirtualService (${quotedList(hosts) || 'it has none'}).`,
    fix: 'Add it to the hosts, or match one of them.',
  };
}
