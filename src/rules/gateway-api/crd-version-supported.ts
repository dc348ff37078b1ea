import { CRD } from '../../mesh/istio/kinds.ts';
import type { Rule } from '../../model/rule.ts';
import { compareVersions, parseVersion, type Version } from '../../text/semver.ts';

const BUNDLE_VERSION = 'gateway.networking.k8s.io/bundle-version';

const release = (major: number, minor: number): Version => ({ major, minor, patch: 0, prerelease: [] });

/** The oldest bundle of each kind that the current istiod reads; the other kinds have no bound. */
const OLDEST_READ: ReadonlyMap<string, Version> = new Map([
  ['grpcroutes.gateway.networking.k8s.io', release(1, 1)],
  ['backendtlspolicies.gateway.networking.k8s.io', release(1, 4)],
  ['tlsroutes.gateway.networking.k8s.io', release(1, 5)],
  ['tcproutes.gateway.networking.k8s.io', release(1, 6)],
]);

/** The bundle of the main branch calls itself `v0.0.0-dev`. */
function isUnreleased({ major, minor, patch }: Version): boolean {
  return major === 0 && minor === 0 && patch === 0;
}

/** istiod watches a kind only from the bundle on that brought the version of the kind that it reads. */
export const crdVersionSupported: Rule = {
  meta: {
    id: 'gateway-api/crd-version-supported',
    aliases: ['IST0176'],
    analyzers: ['k8sgateway.CRDVersionAnalyzer'],
    severity: 'warning',
    summary: 'Every Gateway API kind is installed in a version that the control plane reads.',
    why: 'The control plane ignores all objects of the kind.',
    inputs: [CRD],
    meshes: ['istio'],
    source: 'https://github.com/istio/istio/blob/master/pkg/config/schema/gatewayapi/minimumversions.go',
    since: '0.1.0',
    bad: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tcproutes.gateway.networking.k8s.io
  annotations:
    gateway.networking.k8s.io/bundle-version: v1.5.1
    gateway.networking.k8s.io/channel: experimental
spec:
  group: gateway.networking.k8s.io
  names: { kind: TCPRoute, plural: tcproutes }
  scope: Namespaced
`,
    good: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: tcproutes.gateway.networking.k8s.io
  annotations:
    gateway.networking.k8s.io/bundle-version: v1.6.0
    gateway.networking.k8s.io/channel: standard
spec:
  group: gateway.networking.k8s.io
  names: { kind: TCPRoute, plural: tcproutes }
  scope: Namespaced
`,
  },
  *check(resources) {
    for (const crd of resources.all(CRD)) {
      const oldest = OLDEST_READ.get(crd.name);
      const written = crd.annotations[BUNDLE_VERSION];
      const installed = parseVersion(written ?? '');
      // A candidate of the bundle has the same kinds as its release.
      if (!oldest || !installed || isUnreleased(installed) || compareVersions({ ...installed, prerelease: [] }, oldest) >= 0) continue;
      yield {
        at: crd,
        path: ['metadata', 'annotations', BUNDLE_VERSION],
        message: `Definition "${crd.name}" is of Gateway API "${written}", but Istio reads this kind only from "v${oldest.major}.${oldest.minor}.${oldest.patch}" on.`,
        fix: 'Install the definitions of a newer Gateway API release.',
      };
    }
  },
};
