import { injectorConfigs } from '../../mesh/istio/injector-config.ts';
import { CONFIG_MAP, MESH_NETWORKS, SECRET } from '../../mesh/istio/kinds.ts';
import { meshNetworks } from '../../mesh/istio/mesh-config.ts';
import { itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import type { Rule } from '../../model/rule.ts';
import { nearest } from '../../text/nearest.ts';
import { quotedList } from '../../text/words.ts';

/** Registries that every istiod has, whatever clusters it watches. */
const BUILT_IN = ['Kubernetes', 'External', 'Mock'];

/** istiod names the registry of a cluster as the remote secret's data does. */
export const networkRegistriesKnown: Rule = {
  meta: {
    id: 'istio-multicluster/network-registries-known',
    aliases: ['IST0126'],
    analyzers: ['meshnetworks.MeshNetworksAnalyzer'],
    severity: 'error',
    summary: 'Every registry that the mesh networks name is a cluster that istiod knows.',
    why: 'The endpoints of that cluster belong to no network, so proxies of other networks call pod addresses that they cannot reach.',
    inputs: [MESH_NETWORKS, CONFIG_MAP, SECRET],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0126/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  meshNetworks: |
    networks:
      east:
        endpoints: [{ fromRegistry: cluster-est }]
---
apiVersion: v1
kind: Secret
metadata:
  name: istio-remote-secret-cluster-east
  namespace: istio-system
  labels: { istio/multiCluster: "true" }
data: { cluster-east: a3ViZWNvbmZpZw== }
`,
    good: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  meshNetworks: |
    networks:
      east:
        endpoints: [{ fromRegistry: cluster-east }]
---
apiVersion: v1
kind: Secret
metadata:
  name: istio-remote-secret-cluster-east
  namespace: istio-system
  labels: { istio/multiCluster: "true" }
data: { cluster-east: a3ViZWNvbmZpZw== }
`,
    differs: "The control plane's own cluster is known too, by the name that the injector's configuration gives it.",
  },
  *check(resources) {
    const { networks, resource, located } = resources.derive(meshNetworks);
    if (!resource) return;
    const known = knownRegistries(resources);
    for (const network of Object.keys(networks)) {
      for (const { item, path } of itemsAt(networks, network, 'endpoints')) {
        const registry = stringAt(item, 'fromRegistry');
        if (registry === undefined || known.has(registry)) continue;
        const meant = nearest(registry, known);
        yield {
          at: resource,
          path: located ? ['networks', ...path, 'fromRegistry'] : ['data', 'meshNetworks'],
          part: located ? 'value' : 'key',
          message: `Network "${network}" takes endpoints from the registry "${registry}", but istiod knows only ${quotedList([...known], 8)}.`,
          fix: meant ? `Did you mean "${meant}"?` : `Create the remote secret of cluster "${registry}", or correct its name.`,
          absent: SECRET,
        };
      }
    }
  },
};

function knownRegistries(resources: ResourceSet): ReadonlySet<string> {
  const own = resources
    .derive(injectorConfigs)
    .all.flatMap(({ values }) => stringAt(values, 'global', 'multiCluster', 'clusterName') || []);
  const remote = resources
    .selectedBy({ 'istio/multiCluster': 'true' }, SECRET)
    .flatMap((secret) =>
      secret.partial
        ? clusterNamed(secret)
        : [...Object.keys(objectAt(secret.body, 'data')), ...Object.keys(objectAt(secret.body, 'stringData'))],
    );
  return new Set([...own, ...remote.sort(), ...BUILT_IN]);
}

/** Remote secrets hold the keys to other clusters, so only their metadata is read; istioctl writes the cluster's name there too. */
function clusterNamed({ name, annotations }: Resource): string {
  return annotations['networking.istio.io/cluster'] ?? name.replace(/^istio-remote-secret-/, '');
}
