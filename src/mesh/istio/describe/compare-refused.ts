import type { Trouble } from '../../../model/describe.ts';
import { friendlyName, quotedRef } from '../../../model/resource.ts';
import type { AskedEnvoy } from './compare.ts';
import { filtersOf } from './policies-section.ts';
import { named } from './scene.ts';

/** Changes that the proxy did not take. It goes on with what it had before. */
export function refusedTroubles({ pod, workload, config, resources }: AskedEnvoy): readonly Trouble[] {
  const parts = [
    ...config.listeners.map(({ name, error }) => ({ what: `listener "${name}"`, error })),
    ...config.clusters.map(({ name, error }) => ({ what: `cluster "${name}"`, error })),
    ...config.routes.map(({ name, error }) => ({ what: `route configuration "${name}"`, error })),
  ];
  const refused = [...new Map(parts.flatMap(({ what, error }) => (error === undefined ? [] : [[what, error] as const])))];
  const filters = filtersOf(workload, resources);
  const cause =
    filters.length === 0
      ? ''
      : ` ${filters.map(friendlyName).join(', ')} ${filters.length === 1 ? 'changes' : 'change'} what this proxy gets.`;
  return refused.map(([what, error]) => ({
    id: 'istio/configuration-refused',
    severity: 'error',
    isDifference: true,
    message: `The proxy of ${quotedRef(pod)} refuses the last change of its ${what}: ${error.trim().replace(/\.?$/, '.')}`,
    hint: `It goes on with what it had before, so that newer configuration has no effect on it.${cause} Mend or delete the object that brings the value.`,
    objects: [named(pod), ...filters.map(named)],
  }));
}
