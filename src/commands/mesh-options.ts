/** Flags of the commands that ask about one workload of a mesh. */
import type { OptionRow } from './define.ts';

export const questionOptions: readonly OptionRow[] = [
  { flags: '-n, --namespace <namespace>', description: 'namespace of the target', defaultText: "the context's" },
  {
    flags: '-f, --file <file>',
    description: 'read these files or directories, or - for standard input, instead of a cluster',
    repeats: true,
  },
  { flags: '--no-proxy', description: 'go by configuration alone, and ask no proxy' },
  {
    flags: '--mesh <mesh>',
    description: 'the mesh that the target belongs to',
    choices: ['auto', 'istio', 'linkerd', 'kuma', 'consul', 'osm', 'appmesh'],
    defaultText: 'auto, by the proxy of its pods',
  },
  { flags: '--mesh-config <file>', description: "Istio's MeshConfig, instead of the ConfigMap in the input" },
  {
    flags: '--root-namespace <namespace>',
    description: 'namespace of mesh-wide configuration',
    defaultText: 'as in the MeshConfig, or istio-system',
  },
  { flags: '--cluster-domain <domain>', description: 'DNS domain of the cluster', defaultText: 'cluster.local' },
];
