import { CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { MESH_CONFIG_MAP } from './_examples.ts';
import { messageViolations } from './_message-violations.ts';

const KINDS = [CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS];

export const meshConfigValuesFit: Rule = {
  meta: {
    id: 'istio-validation/mesh-config-values-fit',
    aliases: [],
    severity: 'error',
    summary: 'Fields of the mesh configuration hold values of the types that Istio gives them.',
    why: 'Istiod does not start with such a configuration, or goes on with the one before.',
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
    accessLogFile: /dev/stdout
    defaultConfig: { drainDuration: 45 }
`,
    good: MESH_CONFIG_MAP,
  },
  check: messageViolations('message-value', KINDS),
};
