/** The entries of webhook configurations that belong to a mesh, and which new pods they are asked about. */
import { itemsAt, listAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Facts } from '../../model/check.ts';
import { compileLabelSelector } from '../../model/labels.ts';
import type { Body, Kind, Resource } from '../../model/resource.ts';
import type { CalledWebhook } from './webhooks.ts';

export const MUTATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/MutatingWebhookConfiguration';
export const VALIDATING_WEBHOOK: Kind = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration';

export interface MeshWebhook extends CalledWebhook {
  /** True when it is called for new pods, and may change them. */
  readonly injects: boolean;
  /** Whether it is asked about a pod with these labels, in a namespace with those. */
  matches(podLabels: Resource['labels'], namespaceLabels: Resource['labels']): boolean;
}

/** @param isOwn by the name of an entry, such as `namespace-kuma-injector.kuma.io` */
export async function meshWebhooks(facts: Facts, isOwn: (name: string) => boolean): Promise<readonly MeshWebhook[]> {
  const configurations = [...(await facts.list(MUTATING_WEBHOOK)), ...(await facts.list(VALIDATING_WEBHOOK))];
  return configurations.flatMap((resource) =>
    itemsAt(resource.body, 'webhooks').flatMap(({ item, path }) => {
      if (!isOwn(stringAt(item, 'name') ?? '')) return [];
      const name = stringAt(item, 'clientConfig', 'service', 'name');
      const inNamespace = compileLabelSelector(item['namespaceSelector']);
      const onPod = compileLabelSelector(item['objectSelector']);
      return [
        {
          ...{ resource, path },
          service: name ? { name, namespace: stringAt(item, 'clientConfig', 'service', 'namespace') ?? '' } : undefined,
          injects: resource.kind === MUTATING_WEBHOOK && concernsNewPods(item),
          matches: (podLabels: Resource['labels'], namespaceLabels: Resource['labels']) => inNamespace(namespaceLabels) && onPod(podLabels),
        },
      ];
    }),
  );
}

function concernsNewPods(webhook: Body): boolean {
  const lists = (rule: Body, field: string, values: readonly string[]): boolean =>
    listAt(rule, field).length === 0 || stringsAt(rule, field).some(({ value }) => values.includes(value));
  return itemsAt(webhook, 'rules').some(
    ({ item }) => lists(item, 'operations', ['CREATE', '*']) && lists(item, 'resources', ['pods', '*', '*/*']),
  );
}
