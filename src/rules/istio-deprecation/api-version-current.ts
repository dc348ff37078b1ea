import {
  DESTINATION_RULE,
  GATEWAY,
  SERVICE_ENTRY,
  SIDECAR,
  TELEMETRY,
  VIRTUAL_SERVICE,
  WORKLOAD_ENTRY,
  WORKLOAD_GROUP,
} from '../../mesh/istio/kinds.ts';
import { type Kind, shortKind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

/**
 * Kinds that have a version v1, with the older versions that are still served. EnvoyFilter, ProxyConfig
 * and WasmPlugin have none. The security kinds never had an alpha version, and their v1beta1 is what
 * nearly every installation and guide uses: to name it on every policy would only be noise.
 */
const OLDER_VERSIONS: ReadonlyMap<Kind, readonly string[]> = new Map([
  [VIRTUAL_SERVICE, ['v1alpha3', 'v1beta1']],
  [DESTINATION_RULE, ['v1alpha3', 'v1beta1']],
  [GATEWAY, ['v1alpha3', 'v1beta1']],
  [SERVICE_ENTRY, ['v1alpha3', 'v1beta1']],
  [SIDECAR, ['v1alpha3', 'v1beta1']],
  [WORKLOAD_ENTRY, ['v1alpha3', 'v1beta1']],
  [WORKLOAD_GROUP, ['v1alpha3', 'v1beta1']],
  [TELEMETRY, ['v1alpha1']],
]);

/** The versions of one kind have the same fields, so that changing the version is all there is to do. */
export const apiVersionCurrent: Rule = {
  meta: {
    id: 'istio-deprecation/api-version-current',
    aliases: [],
    severity: 'info',
    fixable: true,
    summary: 'Networking and telemetry objects are written in version v1 where their kind has one.',
    why: 'The older versions are served for old clients only and will be removed one day; the fields are the same.',
    inputs: [...OLDER_VERSIONS.keys()],
    meshes: ['istio'],
    source: 'https://istio.io/latest/blog/2024/v1-apis/',
    since: '0.1.0',
    bad: `
apiVersion: networking.istio.io/v1alpha3
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
`,
    good: `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews, namespace: shop }
spec:
  host: reviews
`,
  },
  *check(resources) {
    for (const [kind, versions] of OLDER_VERSIONS) {
      for (const resource of resources.all(kind)) {
        // A cluster gives every object in the current version, whatever its author wrote.
        const written = resource.appliedVersion ?? resource.apiVersion;
        const [group, version = ''] = written.split('/');
        if (!versions.includes(version)) continue;
        yield {
          at: resource,
          path: ['apiVersion'],
          message: `${shortKind(kind)} "${resource.name}" ${resource.appliedVersion ? 'was last applied' : 'is written'} in "${written}", which "${group}/v1" has superseded (Istio 1.22).`,
          fix: `Set apiVersion to "${group}/v1"${resource.appliedVersion ? ' where it is applied from' : ''}; no other field changes.`,
          edits: [{ is: 'set', path: ['apiVersion'], value: `${group}/v1` }],
        };
      }
    }
  },
};
