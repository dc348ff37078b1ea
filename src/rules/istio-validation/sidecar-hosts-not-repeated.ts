import { SIDECAR } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringsAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { type Flaw, judging } from './_flaws.ts';

export const sidecarHostsNotRepeated: Rule = {
  meta: {
    id: 'istio-validation/sidecar-hosts-not-repeated',
    aliases: ['IST0133'],
    analyzers: ['schema.ValidationAnalyzer.Sidecar'],
    severity: 'warning',
    summary: 'No host of a Sidecar is covered by another one of the same listener.',
    why: 'The list says less than it seems to: the wider entry lets all of the namespace in.',
    inputs: [SIDECAR],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/sidecar/#IstioEgressListener-hosts',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  egress:
    - hosts: [shop/*, shop/reviews.shop.svc.cluster.local]
`,
    good: `
apiVersion: networking.istio.io/v1
kind: Sidecar
metadata: { name: reviews, namespace: shop }
spec:
  egress:
    - hosts: [shop/*, bank/ledger.bank.svc.cluster.local]
`,
  },
  check: judging(SIDECAR, flawsOf),
};

function* flawsOf({ body, namespace }: Resource): Iterable<Flaw> {
  for (const listener of itemsAt(body, 'spec', 'egress')) {
    const hosts = stringsAt(listener.item, 'hosts').flatMap(({ value, path }) => {
      const slash = value.indexOf('/');
      // What starts with "~" is left out, not added.
      if (slash < 0 || value.startsWith('~')) return [];
      const owner = value.slice(0, slash);
      return [{ value, path, namespace: owner === '.' ? namespace : owner, host: value.slice(slash + 1) }];
    });
    const everything = hosts.find((each) => each.namespace === '*' && each.host === '*');
    for (const [index, each] of hosts.entries()) {
      const other =
        everything && everything !== each && each.namespace !== '*'
          ? everything
          : hosts.find(
              (known, place) => place !== index && known.namespace === each.namespace && hides(known.host, each.host, place < index),
            );
      if (!other) continue;
      yield {
        path: [...listener.path, ...each.path],
        message:
          other.value === each.value ? `Host "${each.value}" is listed twice.` : `Host "${each.value}" adds nothing to "${other.value}".`,
        fix: 'Remove it, or the wider one.',
      };
    }
  }
}

/** Of two alike the later one is said to be too many. */
function hides(wide: string, narrow: string, isEarlier: boolean): boolean {
  return wide === narrow ? isEarlier : wide === '*';
}
