import { CRD } from '../../mesh/istio/kinds.ts';
import { stringAt } from '../../model/body.ts';
import { type Kind, shortKind } from '../../model/resource.ts';
import type { Rule } from '../../model/rule.ts';

const GROUP = 'rbac.istio.io';
const REMOVED: readonly Kind[] = ['ClusterRbacConfig', 'RbacConfig', 'ServiceRole', 'ServiceRoleBinding'].map(
  (kind): Kind => `${GROUP}/${kind}`,
);

/** AuthorizationPolicy took the place of these kinds in Istio 1.4; Istio 1.6 no longer reads them. */
export const rbacKindsRemoved: Rule = {
  meta: {
    id: 'istio-deprecation/rbac-kinds-removed',
    aliases: ['IST0002'],
    analyzers: ['deprecation.DeprecationAnalyzer'],
    severity: 'warning',
    summary: 'No kind of the removed group rbac.istio.io is in use.',
    why: 'Nothing reads these objects any more: access that they seem to restrict is open.',
    inputs: [CRD, ...REMOVED],
    meshes: ['istio'],
    source: 'https://istio.io/latest/docs/reference/config/analysis/ist0002/',
    since: '0.1.0',
    bad: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: serviceroles.rbac.istio.io }
spec:
  group: rbac.istio.io
  names: { kind: ServiceRole, plural: serviceroles }
  scope: Namespaced
`,
    good: `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: authorizationpolicies.security.istio.io }
spec:
  group: security.istio.io
  names: { kind: AuthorizationPolicy, plural: authorizationpolicies }
  scope: Namespaced
`,
    differs: 'Objects of these kinds are reported too, not only their CustomResourceDefinitions.',
  },
  *check(resources) {
    for (const definition of resources.all(CRD)) {
      const kind = stringAt(definition.body, 'spec', 'names', 'kind');
      if (stringAt(definition.body, 'spec', 'group') !== GROUP || !REMOVED.some((removed) => shortKind(removed) === kind)) continue;
      yield {
        at: definition,
        path: ['spec', 'names', 'kind'],
        message: `Istio 1.6 removed kind "${kind}" of group "${GROUP}": nothing reads its objects.`,
        fix: 'Write AuthorizationPolicies for what its objects say, then delete the definition.',
      };
    }
    for (const kind of REMOVED) {
      for (const resource of resources.all(kind)) {
        yield {
          at: resource,
          path: ['kind'],
          message: `${shortKind(kind)} "${resource.name}" has no effect, because Istio 1.6 removed its kind.`,
          fix: 'Write an AuthorizationPolicy that says the same, then delete the object.',
        };
      }
    }
  },
};
