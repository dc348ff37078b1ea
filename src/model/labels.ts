/** Label selectors as Kubernetes defines them. */
import { itemsAt, stringAt, stringMapAt, stringsAt } from './body.ts';

type Labels = Readonly<Record<string, string>>;

/** True when `labels` carry every entry of `selector`; an empty selector matches everything. */
export function labelsMatch(selector: Labels, labels: Labels): boolean {
  for (const key in selector) if (labels[key] !== selector[key]) return false;
  return true;
}

/**
 * Evaluates a LabelSelector (`matchLabels` and `matchExpressions`); an absent or empty one matches everything.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
 */
export function labelSelectorMatches(selector: unknown, labels: Labels): boolean {
  if (!labelsMatch(stringMapAt(selector, 'matchLabels'), labels)) return false;
  return itemsAt(selector, 'matchExpressions').every(({ item }) => {
    const value = labels[stringAt(item, 'key') ?? ''];
    const values = stringsAt(item, 'values').map((entry) => entry.value);
    switch (stringAt(item, 'operator')) {
      case 'In':
        return value !== undefined && values.includes(value);
      case 'NotIn':
        return value === undefined || !values.includes(value);
      case 'Exists':
        return value !== undefined;
      case 'DoesNotExist':
        return value === undefined;
      default:
        return false;
    }
  });
}

/** `app=web,version=v1`, sorted by key. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
