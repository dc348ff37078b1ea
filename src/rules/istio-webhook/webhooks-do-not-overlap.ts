import { INJECT, NAMESPACE_INJECTION } from '../../mesh/istio/injection.ts';
import { MUTATING_WEBHOOK } from '../../mesh/istio/kinds.ts';
import { type InjectionWebhook, injectionWebhooks, REVISION_LABEL } from '../../mesh/istio/webhooks.ts';
import { formatLabels } from '../../model/labels.ts';
import { getOrInsert } from '../../model/maps.ts';
import type { Resource } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';
import { quotedList } from '../../text/words.ts';
import { nameOf } from './_webhooks.ts';

type Labels = Readonly<Record<string, string>>;

/** Istio's charts keep the selectors of all webhooks apart; leftovers of another installation, or a second default revision, do not. */
export const webhooksDoNotOverlap: Rule = {
  meta: {
    id: 'istio-webhook/webhooks-do-not-overlap',
    aliases: ['IST0139'],
    analyzers: ['webhook.Analyzer'],
    severity: 'error',
    summary: 'No pod is selected by two injection webhooks.',
    why: 'The pod is injected twice, by control planes that may differ in version and configuration; which one wins depends on the order of names.',
    inputs: [MUTATING_WEBHOOK],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0139/',
    since: '0.1.0',
    bad: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector }
webhooks:
  - name: namespace.sidecar-injector.istio.io
    namespaceSelector:
      matchLabels: { istio-injection: enabled }
  - name: rev.namespace.sidecar-injector.istio.io
    namespaceSelector:
      matchLabels: { istio.io/rev: default }
`,
    good: `
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector }
webhooks:
  - name: namespace.sidecar-injector.istio.io
    namespaceSelector:
      matchLabels: { istio-injection: enabled }
  - name: rev.namespace.sidecar-injector.istio.io
    namespaceSelector:
      matchLabels: { istio.io/rev: default }
      matchExpressions: [{ key: istio-injection, operator: DoesNotExist }]
`,
    differs: 'One finding for each configuration, with an example of the labels, instead of one for each webhook and set of rivals.',
  },
  *check(resources) {
    for (const [resource, [first, ...others]] of overlapsByConfiguration(resources.derive(injectionWebhooks))) {
      const { webhook, rivals, example } = first;
      const names = [...rivals].map((rival) => `${rival.resource.name}/${rival.name}`);
      const more = others.filter((other) => !rivals.has(other.webhook)).length;
      yield {
        at: resource,
        path: [...webhook.path, 'name'],
        message: `${nameOf(webhook)} selects the same pods as ${quotedList(names)}: for example ${example}.${furtherOverlaps(more)}`,
        fix: 'Delete the configuration that no control plane needs any more, or make the selectors exclude each other.',
        related: [...new Set([...rivals].map((rival) => rival.resource))].filter((rival) => rival !== resource),
      };
    }
  },
};

function furtherOverlaps(count: number): string {
  if (count === 0) return '';
  return count === 1 ? ' One more of its webhooks overlaps with others.' : ` ${count} more of its webhooks overlap with others.`;
}

interface Overlap {
  readonly webhook: InjectionWebhook;
  readonly rivals: Set<InjectionWebhook>;
  readonly example: string;
}

function overlapsByConfiguration(webhooks: readonly InjectionWebhook[]): ReadonlyMap<Resource, readonly [Overlap, ...Overlap[]]> {
  const configurations = new Map<Resource, [Overlap, ...Overlap[]]>();
  for (const overlap of overlaps(webhooks)) {
    const found = configurations.get(overlap.webhook.resource);
    if (found) found.push(overlap);
    else configurations.set(overlap.webhook.resource, [overlap]);
  }
  return configurations;
}

/** Tries all labels that injection knows; selectors on other labels are the business of whoever wrote them. */
function overlaps(webhooks: readonly InjectionWebhook[]): readonly Overlap[] {
  const revisions = [...new Set(webhooks.flatMap(({ revision, revisionLabels }) => [revision, ...revisionLabels]))];
  const namespaces = combinations(NAMESPACE_INJECTION, ['enabled', 'disabled'], revisions);
  const pods = combinations(INJECT, ['true', 'false'], revisions);
  const found = new Map<InjectionWebhook, Overlap>();
  for (const namespace of namespaces) {
    const candidates = webhooks.filter((webhook) => webhook.matchesNamespace(namespace));
    if (candidates.length < 2) continue;
    for (const pod of pods) {
      const selecting = candidates.filter((webhook) => webhook.matchesPod(pod));
      for (const webhook of selecting) {
        for (const rival of selecting) {
          if (rival === webhook || rival.resource.cluster !== webhook.resource.cluster) continue;
          getOrInsert(found, webhook, () => ({ webhook, rivals: new Set(), example: inWords(namespace, pod) })).rivals.add(rival);
        }
      }
    }
  }
  return webhooks.flatMap((webhook) => found.get(webhook) ?? []);
}

/** Each value of the label, and none, with each revision, and none. */
function combinations(label: string, values: readonly string[], revisions: readonly string[]): readonly Labels[] {
  const plain: readonly Labels[] = [{}, ...values.map((value) => ({ [label]: value }))];
  return [...plain, ...revisions.flatMap((revision) => plain.map((labels) => ({ ...labels, [REVISION_LABEL]: revision })))];
}

function inWords(namespace: Labels, pod: Labels): string {
  const labelled = (labels: Labels): string => (Object.keys(labels).length > 0 ? `labelled "${formatLabels(labels)}"` : 'without labels');
  return `a pod ${labelled(pod)} in a namespace ${labelled(namespace)}`;
}
