import { CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { MESH_CONFIG_MAP } from './_examples.ts';
import { messageViolations } from './_message-violations.ts';

const KINDS = [CONFIG_MAP, ISTIO_OPERATOR, MESH_CONFIG, MESH_NETWORKS];

export const meshConfigFieldsAgree: Rule = {
  meta: {
    id: 'istio-validation/mesh-config-fields-agree',
    aliases: [],
    severity: 'warning',
    summary: 'The mesh configuration sets at most one of fields that exclude each other.',
    why: 'Istiod keeps one of them and drops the others in silence.',
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
    extensionProviders:
      - name: tracing
        zipkin: { service: zipkin.istio-system.svc.cluster.local, port: 9411 }
        opentelemetry: { service: collector.istio-system.svc.cluster.local, port: 4317 }
`,
    good: MESH_CONFIG_MAP,
  },
  check: messageViolations('message-choice', KINDS),
};
