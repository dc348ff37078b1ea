/** Label selectors as Kubernetes defines them. */
import { itemsAt, stringAt, stringMapAt, stringsAt } from './body.ts';

type Labels = Readonly<Record<string, string>>;

/** The value of a label of any name: one called `constructor` is not inherited. */
export function labelOf(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

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
  return compileLabelSelector(selector)(labels);
}

/** The same as a function, for a selector that is tried on many objects. */
export function compileLabelSelector(selector: unknown): (labels: Labels) => boolean {
  const exact = stringMapAt(selector, 'matchLabels');
  const requirements = itemsAt(selector, 'matchExpressions').map(({ item }) =>
    compileRequirement(
      stringAt(item, 'key') ?? '',
      stringAt(item, 'operator'),
      stringsAt(item, 'values').map((entry) => entry.value),
    ),
  );
  return (labels) => labelsMatch(exact, labels) && requirements.every((isMet) => isMet(labels));
}

function compileRequirement(key: string, operator: string | undefined, values: readonly string[]): (labels: Labels) => boolean {
  switch (operator) {
    case 'In':
      return (labels) => {
        const value = labelOf(labels, key);
        return value !== undefined && values.includes(value);
      };
    case 'NotIn':
      return (labels) => {
        const value = labelOf(labels, key);
        return value === undefined || !values.includes(value);
      };
    case 'Exists':
      return (labels) => labelOf(labels, key) !== undefined;
    case 'DoesNotExist':
      return (labels) => labelOf(labels, key) === undefined;
    default:
      return () => false;
  }
}

/** `app=web,version=v1`, sorted by key. */
export function formatLabels(labels: Labels): string {
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .sort()
    .join(',');
}
