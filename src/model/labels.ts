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
      return (labels) => values.includes(labels[key] ?? '') && labels[key] !== undefined;
    case 'NotIn':
      return (labels) => labels[key] === undefined || !values.includes(labels[key]);
    case 'Exists':
      return (labels) => labels[key] !== undefined;
    case 'DoesNotExist':
      return (labels) => labels[key] === undefined;
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
