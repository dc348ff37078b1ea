import { DATAPLANE_MODE, NAMESPACE_INJECTION } from '../../mesh/istio/injection.ts';
import { NAMESPACE } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { CHOICES } from './_namespaces.ts';

type Labels = Readonly<Record<string, string>>;

/** The charts' webhooks look at `istio-injection` first, then at `istio.io/rev`; ambient mode takes pods that have no sidecar. */
export const namespaceInjectionLabelsAgree: Rule = {
  meta: {
    id: 'istio-injection/namespace-injection-labels-agree',
    aliases: ['IST0123'],
    analyzers: ['injection.Analyzer'],
    severity: 'warning',
    summary: 'No namespace carries two labels that choose its dataplane.',
    why: 'Only one of the labels takes effect: a namespace meant for the canary gets the sidecar of the default revision, and one meant for ambient mode gets sidecars.',
    inputs: [NAMESPACE],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0123/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
    istio.io/rev: canary
`,
    good: `
apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio.io/rev: canary
`,
    differs: 'The label "istio.io/dataplane-mode=none" conflicts with nothing; namespace "istio-system" is checked like any other.',
  },
  *check(resources) {
    for (const namespace of resources.all(NAMESPACE)) {
      const [winner, ...losers] = choicesOf(namespace.labels);
      const loser = losers.at(-1);
      if (winner === undefined || loser === undefined) continue;
      const ineffective = losers.map((label) => `${label}=${namespace.labels[label]}`);
      yield {
        at: namespace,
        path: ['metadata', 'labels', loser],
        part: 'key',
        message: `Namespace "${namespace.name}" is labelled "${winner}=${namespace.labels[winner]}", which wins over ${quotedList(ineffective)}.`,
        fix: `Keep only the label that is meant; to ${winner === NAMESPACE_INJECTION ? 'use a revision or ambient mode' : 'use ambient mode'}, remove "${winner}".`,
      };
    }
  },
};

/** Labels that ask for something; `istio-injection` with any other value than `enabled` asks to be left alone, and nothing contradicts it. */
function choicesOf(labels: Labels): readonly string[] {
  if ((labels[NAMESPACE_INJECTION] ?? 'enabled') !== 'enabled') return [];
  return CHOICES.filter((label) => labels[label] !== undefined && !(label === DATAPLANE_MODE && labels[label] === 'none'));
}
