/** Facts of a made-up cluster, for tests of single checks. */
import type { Facts } from '../../src/model/check.ts';
import { resourcesFrom } from '../builders.ts';

export const NOW = Date.UTC(2026, 0, 1, 12);

/** @param objects YAML of what the cluster holds */
export function factsOf(objects: string, changes: Partial<Facts> = {}): Facts {
  const resources = resourcesFrom(objects);
  const facts: Facts = {
    ...{ now: NOW, mode: 'running', meshes: [], namespace: undefined, reads: [] },
    version: async () => 'v1.32.5',
    kinds: async () => new Map(),
    list: async (kind, { namespace, fieldSelector = '' } = {}) =>
      resources.filter(
        (resource) =>
          resource.kind === kind &&
          (namespace === undefined || resource.namespace === namespace) &&
          (fieldSelector === '' || fieldSelector === `metadata.name=${resource.name}`),
      ),
    scoped: async (kind) => facts.list(kind, facts.namespace === undefined ? {} : { namespace: facts.namespace }),
    get: async ({ kind, namespace, name }) =>
      resources.find((resource) => resource.kind === kind && resource.namespace === namespace && resource.name === name),
    ask: async () => undefined,
    sample: (pods) => pods,
    access: async (questions) => questions.map(() => ({ allowed: true })),
    analysis: async () => ({ findings: [], notChecked: [], gaps: [] }),
    ...changes,
  };
  return facts;
}
