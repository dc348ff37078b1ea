/** The ConfigMap of a cluster that tells how Linkerd was installed. */
import type { LiveReads } from '../../model/mesh-adapter.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { COMPONENT, CONFIG_MAP, DEPLOYMENT } from './kinds.ts';

export function liveReads(resources: ResourceSet): LiveReads {
  const namespaces = resources.all(DEPLOYMENT).flatMap(({ labels, namespace }) => (labels[COMPONENT] === 'destination' ? [namespace] : []));
  return {
    configNamespaces: [],
    configKeys: [],
    objects: [...new Set(namespaces)].map((namespace) => ({ kind: CONFIG_MAP, namespace, name: 'linkerd-config' })),
  };
}
