import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { subsetNameFlaws } from './_destinations.ts';
import { type Flaw, judging, under } from './_flaws.ts';
import { labelFlaws } from './_labels.ts';

export const subsetsValid: Rule = {
  meta: {
    id: 'istio-validation/subsets-valid',
    aliases: ['IST0106'],
    analyzers: ['schema.ValidationAnalyzer.DestinationRule'],
    severity: 'error',
    summary: 'Subsets have names of their own, and labels that pods can carry.',
    why: 'Istiod refuses the DestinationRule, so that its policy never takes effect.',
    inputs: [DESTINATION_RULE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
    - name: v1
      labels: { version: v2 }
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
  subsets:
    - name: v1
      labels: { version: v1 }
    - name: v2
      labels: { version: v2 }
`,
  },
  check: judging(DESTINATION_RULE, flawsOf),
};

function* flawsOf({ body }: Resource): Iterable<Flaw> {
  const names = new Set<string>();
  for (const { item, path } of itemsAt(body, 'spec', 'subsets')) {
    yield* under(path, labelFlaws(item, 'labels'));
    const name = stringAt(item, 'name');
    if (name === undefined) continue;
    yield* under([...path, 'name'], subsetNameFlaws(name));
    if (names.has(name)) {
      yield { path: [...path, 'name'], message: `Subset "${name}" is defined twice.`, fix: 'Rename or remove one of them.' };
    }
    names.add(name);
  }
}
