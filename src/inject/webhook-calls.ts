/** Which webhooks of a cluster the API server asks about a new pod, and of those that it does not ask, why. */
import { itemsAt, listAt, objectAt, stringAt, stringMapAt, stringsAt } from '../model/body.ts';
import { labelOf } from '../model/labels.ts';
import type { Body, Resource } from '../model/resource.ts';

export interface WebhookCall {
  readonly configuration: string;
  readonly webhook: string;
  /** `istio-system/istiod`, or the URL that is called. */
  readonly server: string;
  readonly isAsked: boolean;
  /** What decides against asking; conditions that only the API server can evaluate. */
  readonly because: readonly string[];
}

type Labels = Readonly<Record<string, string>>;

/** @param home the namespace of the pod; the API server gives each a label with its name */
export function webhookCalls(configurations: readonly Resource[], pod: Resource, home: Resource): readonly WebhookCall[] {
  const homeLabels = { ...home.labels, 'kubernetes.io/metadata.name': home.name };
  return configurations.flatMap(({ name, body }) =>
    itemsAt(body, 'webhooks')
      .filter(({ item }) => concernsNewPods(item))
      .map(({ item }): WebhookCall => {
        const against = [
          ...unmet(item['namespaceSelector'], homeLabels).map((reason) => `namespace ${reason}`),
          ...unmet(item['objectSelector'], pod.labels).map((reason) => `pod ${reason}`),
        ];
        const conditions = itemsAt(item, 'matchConditions').map(
          ({ item: condition }) => `if its condition "${stringAt(condition, 'name')}" holds`,
        );
        return {
          configuration: name,
          webhook: stringAt(item, 'name') ?? '',
          server: serverOf(item),
          isAsked: against.length === 0,
          because: against.length > 0 ? against : conditions,
        };
      }),
  );
}

function concernsNewPods(webhook: Body): boolean {
  const names = (rule: Body, field: string, values: readonly string[]): boolean =>
    stringsAt(rule, field).some(({ value }) => values.includes(value));
  return itemsAt(webhook, 'rules').some(
    ({ item }) => names(item, 'operations', ['CREATE', '*']) && names(item, 'resources', ['pods', '*', '*/*']),
  );
}

function serverOf(webhook: Body): string {
  const service = objectAt(webhook, 'clientConfig', 'service');
  const name = stringAt(service, 'name');
  return name === undefined ? (stringAt(webhook, 'clientConfig', 'url') ?? '') : `${stringAt(service, 'namespace')}/${name}`;
}

/** The requirements of a label selector that labels do not meet, in words. */
function unmet(selector: unknown, labels: Labels): readonly string[] {
  const exact = Object.entries(stringMapAt(selector, 'matchLabels')).map(([key, value]) => ({ key, operator: 'In', values: [value] }));
  const listed = itemsAt(selector, 'matchExpressions').map(({ item }) => ({
    key: stringAt(item, 'key') ?? '',
    operator: stringAt(item, 'operator') ?? '',
    values: listAt(item, 'values').map(String),
  }));
  return [...exact, ...listed].flatMap(({ key, operator, values }) => {
    const value = labelOf(labels, key);
    const is = value === undefined ? 'is not there' : `is "${value}"`;
    const wanted = values.map((each) => `"${each}"`).join(' or ');
    switch (operator) {
      case 'In':
        return value !== undefined && values.includes(value) ? [] : [`label "${key}" ${is}, and must be ${wanted}`];
      case 'NotIn':
        return value === undefined || !values.includes(value) ? [] : [`label "${key}" ${is}, and must not be`];
      case 'Exists':
        return value !== undefined ? [] : [`label "${key}" ${is}, and must be`];
      case 'DoesNotExist':
        return value === undefined ? [] : [`label "${key}" ${is}, and must not be there`];
      default:
        return [`label "${key}" is judged by "${operator}", which nothing meets`];
    }
  });
}
