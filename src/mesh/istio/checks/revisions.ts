/** Revisions of the control plane, and the namespaces that name them. */
import type { Check } from '../../../model/check.ts';
import { concerns } from '../../../model/check-scope.ts';
import { groupBy } from '../../../model/maps.ts';
import type { Resource } from '../../../model/resource.ts';
import { count, quotedList } from '../../../text/words.ts';
import { DATAPLANE_MODE, NAMESPACE_INJECTION, SYSTEM_NAMESPACES } from '../injection.ts';
import { DEPLOYMENT, MUTATING_WEBHOOK, NAMESPACE } from '../kinds.ts';
import { DEFAULT_REVISION, type InjectionWebhook, REVISION_LABEL } from '../webhooks.ts';
import { CONTROL_PLANE_EXISTS, controlPlanes, injectors } from './control-plane.ts';
import { WEBHOOK_EXISTS } from './injection.ts';
import { environmentOf } from './trusted-roots.ts';

const DOCS = 'https://istio.io/latest/docs/setup/upgrade/canary/';

export const revisionsDistinct: Check = {
  id: 'istio/control-plane-revisions-distinct',
  category: 'control-plane',
  title: 'No two control planes of a cluster share a revision.',
  why: 'Both inject the same pods, write the same webhooks and publish their authority in the same namespaces, each over the other.',
  docs: DOCS,
  needs: [CONTROL_PLANE_EXISTS],
  reads: [DEPLOYMENT],
  run: async (facts) => {
    // A control plane that other clusters use, or that chooses namespaces of its own, may share a revision on purpose.
    const planes = (await controlPlanes(facts)).filter(({ deployment }) => !isSeparate(deployment));
    const groups = [...groupBy(planes, ({ revision }) => revision)].filter(([, group]) => group.length > 1);
    const [first] = groups;
    if (!first) return { is: 'ok', reason: `${count(planes.length, 'revision')}.` };
    const [revision, [, second]] = first;
    return {
      is: 'warning',
      reason: `Revision "${revision}" has ${first[1].length} control planes.`,
      hint: `Give one of them a revision of its own, or delete what is left of an old installation: "kubectl -n ${second?.deployment.namespace} get deployment ${second?.deployment.name}".`,
      affected: groups.flatMap(([shared, group]) =>
        group.map(({ deployment }) => ({ resource: deployment, detail: `Its revision is "${shared}".` })),
      ),
    };
  },
};

/** Several meshes in one cluster are told apart by the namespaces that they look at. */
function isSeparate(deployment: Resource): boolean {
  const marks = ['EXTERNAL_ISTIOD', 'ENABLE_ENHANCED_RESOURCE_SCOPING'];
  return marks.some((variable) => environmentOf(deployment, variable) === 'true');
}

export const injectionRevisionsExist: Check = {
  id: 'istio/injection-revisions-exist',
  category: 'injection',
  title: 'Every namespace that asks for injection has a webhook that answers its labels.',
  why: 'New pods of the namespace start without sidecar, although its labels promise one: the revision or tag is gone, or was never installed.',
  docs: DOCS,
  needs: [WEBHOOK_EXISTS],
  reads: [NAMESPACE, MUTATING_WEBHOOK],
  run: async (facts) => {
    const webhooks = await injectors(facts);
    const asking = (await facts.list(NAMESPACE)).filter((namespace) => asksForInjection(namespace) && concerns(facts, namespace));
    const unanswered = asking.filter((namespace) => !isAnswered(namespace, webhooks));
    const [first] = unanswered;
    if (!first) return { is: 'ok', reason: `${count(asking.length, 'namespace')}.` };
    const known = [...new Set(webhooks.flatMap(({ revisionLabels }) => revisionLabels))].sort();
    return {
      is: 'warning',
      reason: `No webhook injects the pods of ${unanswered.length} of ${count(asking.length, 'namespace')} that ask for it.`,
      hint: `Run "kubectl label namespace ${first.name} ${wishOf(first) === NAMESPACE_INJECTION ? `${NAMESPACE_INJECTION}- ` : ''}${REVISION_LABEL}=${known[0] ?? DEFAULT_REVISION} --overwrite"${known.length > 1 ? `, with one of ${quotedList(known)}` : ''}, or install the revision.`,
      affected: unanswered.map((namespace) => ({ resource: namespace, detail: `Its label "${wish(namespace)}" matches no webhook.` })),
    };
  },
};

function wishOf({ labels }: Pick<Resource, 'labels'>): typeof NAMESPACE_INJECTION | typeof REVISION_LABEL | undefined {
  if (labels[NAMESPACE_INJECTION] !== undefined) return labels[NAMESPACE_INJECTION] === 'enabled' ? NAMESPACE_INJECTION : undefined;
  return labels[REVISION_LABEL] ? REVISION_LABEL : undefined;
}

/** In ambient mode the revision tells which control plane serves the namespace's gateways, and injects nothing. */
function asksForInjection(namespace: Resource): boolean {
  return wishOf(namespace) !== undefined && namespace.labels[DATAPLANE_MODE] !== 'ambient' && !SYSTEM_NAMESPACES.has(namespace.name);
}

function wish(namespace: Resource): string {
  const label = wishOf(namespace) ?? REVISION_LABEL;
  return `${label}=${namespace.labels[label]}`;
}

function isAnswered({ name, labels }: Resource, webhooks: readonly InjectionWebhook[]): boolean {
  // The API server gives every namespace this label.
  const all = { 'kubernetes.io/metadata.name': name, ...labels };
  return webhooks.some((webhook) => webhook.matchesNamespace(all));
}
