/** Which of several objects istiod prefers where only one can apply. */
import { stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';

/** Later than any date for an object of a file, which is the youngest once it is applied. */
export function createdAt({ body }: Resource): string {
  return stringAt(body, 'metadata', 'creationTimestamp') ?? '9999';
}

/** In the order in which Istio prefers objects where only one can apply: by age, then by name and namespace. */
export function oldestFirst(resources: readonly Resource[]): readonly Resource[] {
  const ranked = resources.map((resource) => ({ resource, rank: `${createdAt(resource)} ${resource.name}.${resource.namespace}` }));
  return ranked.sort((left, right) => (left.rank < right.rank ? -1 : 1)).map(({ resource }) => resource);
}
