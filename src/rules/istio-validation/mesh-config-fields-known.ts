import { CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { WORKLOAD_KINDS } from '../../model/workloads.ts';
import { MESH_CONFIG_MAP } from './_examples.ts';
import { messageViolations } from './_message-violations.ts';

const KINDS = [CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS, ...WORKLOAD_KINDS];

export const meshConfigFieldsKnown: Rule = {
  meta: {
    id: 'istio-validation/mesh-config-fields-known',
    aliases: [],
    severity: 'warning',
    summary: 'Fields of the mesh configuration, and of what pods set for their own proxy, exist.',
    why: 'Istiod leaves such a field out, so that what it was meant to change stays as it is.',
    inputs: KINDS,
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/istio.mesh.v1alpha1/',
    since: '0.1.0',
    bad: `
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
data:
  mesh: |
    accesslogFile: /dev/stdout
`,
    good: MESH_CONFIG_MAP,
  },
  check: messageViolations('message-field', KINDS),
};
