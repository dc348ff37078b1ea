/**
 * Revisions: control planes side by side, each of which passes over configuration that is labelled for another one.
 * @see https://istio.io/latest/docs/setup/upgrade/canary/
 */
import type { Revisions } from '../../model/mesh-adapter.ts';
import type { Kind } from '../../model/resource.ts';
import { MUTATING_WEBHOOK } from './kinds.ts';
import { injectionWebhooks, REVISION_LABEL } from './webhooks.ts';

export const revisions: Revisions = {
  kinds: [MUTATING_WEBHOOK],
  known: (resources) => [
    ...new Set(resources.derive(injectionWebhooks).flatMap(({ revision, revisionLabels }) => [revision, ...revisionLabels])),
  ],
  of(revision, resources) {
    const webhooks = resources.derive(injectionWebhooks);
    // A tag stands for the revision that it points to.
    const named = webhooks.find((webhook) => webhook.revisionLabels.includes(revision))?.revision ?? revision;
    const labels = new Set([
      revision,
      named,
      ...webhooks.filter((webhook) => webhook.revision === named).flatMap((webhook) => webhook.revisionLabels),
    ]);
    return ({ kind, labels: own }) => {
      const label = own[REVISION_LABEL];
      return label === undefined || !isConfiguration(kind) || labels.has(label);
    };
  },
};

/** On Namespaces, workloads and webhooks the label chooses who injects. */
function isConfiguration(kind: Kind): boolean {
  const group = kind.slice(0, kind.indexOf('/'));
  return group.endsWith('.istio.io') || group === 'gateway.networking.k8s.io' || group === 'gateway.networking.x-k8s.io';
}
