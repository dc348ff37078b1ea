/**
 * The admission webhooks of Istio: which of a cluster's webhook configurations are Istio's, which
 * control plane they call, and which labels they look at.
 * @see https://istio.io/latest/docs/setup/upgrade/canary/#stable-revision-labels
 */
import { itemsAt, listAt, objectAt, stringAt, stringMapAt, stringsAt } from '../../model/body.ts';
import { compileLabelSelector } from '../../model/labels.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import type { Derivation } from '../../model/resource-set.ts';
import { MUTATING_WEBHOOK, VALIDATING_WEBHOOK } from './kinds.ts';

export const REVISION_LABEL = 'istio.io/rev';

/** The revision that `istio-injection=enabled` and a control plane without revision mean. */
export const DEFAULT_REVISION = 'default';

/** One entry of a webhook configuration. */
export interface Webhook {
  readonly resource: Resource;
  readonly name: string;
  readonly path: FieldPath;
  /** The service that is called; undefined when a URL is called, or nothing. */
  readonly service: { readonly namespace: string; readonly name: string } | undefined;
  /** As written; undefined when it is missing. */
  readonly url: string | undefined;
}

export interface InjectionWebhook extends Webhook {
  /** Revision of the control plane that is called; for a revision tag, the one it points to. */
  readonly revision: string;
  /** Values of `istio.io/rev` that its selectors speak of: the revision, or the tag. */
  readonly revisionLabels: readonly string[];
  matchesNamespace(labels: Readonly<Record<string, string>>): boolean;
  matchesPod(labels: Readonly<Record<string, string>>): boolean;
}

/** The webhooks that inject the sidecar into new pods. */
export const injectionWebhooks: Derivation<readonly InjectionWebhook[]> = {
  name: 'istio injection webhooks',
  build: (resources) => resources.all(MUTATING_WEBHOOK).flatMap(injectorsOf),
};

/** Istio's webhooks that validate its configuration, by the names that its charts give their configurations. */
export const validationWebhooks: Derivation<readonly Webhook[]> = {
  name: 'istio validation webhooks',
  build: (resources) =>
    resources
      .all(VALIDATING_WEBHOOK)
      .filter(({ name }) => name === 'istiod-default-validator' || name.startsWith('istio-validator'))
      .flatMap((resource) => entriesOf(resource).map(({ webhook }) => webhook)),
};

function entriesOf(resource: Resource): readonly { readonly item: Body; readonly webhook: Webhook }[] {
  return itemsAt(resource.body, 'webhooks').map(({ item, path }) => {
    const service = stringAt(item, 'clientConfig', 'service', 'name');
    return {
      item,
      webhook: {
        resource,
        name: stringAt(item, 'name') ?? '',
        path,
        service: service ? { name: service, namespace: stringAt(item, 'clientConfig', 'service', 'namespace') ?? '' } : undefined,
        url: stringAt(item, 'clientConfig', 'url'),
      },
    };
  });
}

function injectorsOf(resource: Resource): readonly InjectionWebhook[] {
  const entries = entriesOf(resource)
    .filter(({ item }) => concernsNewPods(item))
    .map(({ item, webhook }) => ({ item, webhook, revisionLabels: revisionsNamed(item) }));
  const isIstios =
    resource.name.startsWith('istio-sidecar-injector') ||
    resource.labels[REVISION_LABEL] !== undefined ||
    entries.some(({ webhook, revisionLabels }) => webhook.name.endsWith('istio.io') || revisionLabels.length > 0);
  if (!isIstios) return [];
  return entries.map(({ item, webhook, revisionLabels }) => ({
    ...webhook,
    revision: revisionCalled(webhook, revisionLabels),
    revisionLabels,
    matchesNamespace: compileLabelSelector(item['namespaceSelector']),
    matchesPod: compileLabelSelector(item['objectSelector']),
  }));
}

/** True unless its rules say that it is called for something else. */
function concernsNewPods(webhook: Body): boolean {
  const rules = itemsAt(webhook, 'rules');
  const lists = (rule: Body, field: string, values: readonly string[]): boolean =>
    listAt(rule, field).length === 0 || stringsAt(rule, field).some(({ value }) => values.includes(value));
  return (
    rules.length === 0 ||
    rules.some(({ item }) => lists(item, 'operations', ['CREATE', '*']) && lists(item, 'resources', ['pods', '*', '*/*']))
  );
}

/** The configuration of a tag carries the revision that it points to as its own label. */
function revisionCalled({ resource, service }: Webhook, revisionLabels: readonly string[]): string {
  const labelled = resource.labels[REVISION_LABEL];
  if (labelled) return labelled;
  if (service?.name.startsWith('istiod-')) return service.name.slice('istiod-'.length);
  return revisionLabels[0] ?? DEFAULT_REVISION;
}

function revisionsNamed(webhook: Body): readonly string[] {
  return ['namespaceSelector', 'objectSelector'].flatMap((field) => {
    const selector = objectAt(webhook, field);
    const exact = stringMapAt(selector, 'matchLabels')[REVISION_LABEL];
    const listed = itemsAt(selector, 'matchExpressions')
      .filter(({ item }) => stringAt(item, 'key') === REVISION_LABEL)
      .flatMap(({ item }) => stringsAt(item, 'values').map(({ value }) => value));
    return exact === undefined ? listed : [exact, ...listed];
  });
}
