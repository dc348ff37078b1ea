/** The CustomResourceDefinitions of the chart linkerd-crds. */
import { type Column, definitionsOf } from '../scenarios/_definition.ts';
import { CONTROL_NAMESPACE, CREATED_BY } from './names.ts';

const HOSTNAMES: Column = ['Hostnames', '.spec.hostnames'];
const TARGET: readonly Column[] = [
  ['Target_kind', '.spec.targetRef.kind'],
  ['Target_name', '.spec.targetRef.name'],
];

export const linkerdDefinitions = definitionsOf(
  {
    'policy.linkerd.io': [
      { kind: 'AuthorizationPolicy', plural: 'authorizationpolicies', short: ['authzpolicy'], versions: ['v1alpha1'] },
      { kind: 'EgressNetwork', plural: 'egressnetworks', versions: ['v1alpha1'] },
      { kind: 'HTTPLocalRateLimitPolicy', plural: 'httplocalratelimitpolicies', versions: ['v1alpha1'], columns: TARGET },
      { kind: 'HTTPRoute', plural: 'httproutes', versions: ['v1beta3', 'v1alpha1', 'v1beta1', 'v1beta2'], columns: [HOSTNAMES] },
      { kind: 'MeshTLSAuthentication', plural: 'meshtlsauthentications', short: ['meshtlsauthn'], versions: ['v1alpha1'] },
      { kind: 'NetworkAuthentication', plural: 'networkauthentications', short: ['netauthn', 'networkauthn'], versions: ['v1alpha1'] },
      {
        kind: 'ServerAuthorization',
        plural: 'serverauthorizations',
        short: ['saz', 'serverauthz', 'srvauthz'],
        versions: ['v1beta1', 'v1alpha1'],
        columns: [['Server', '.spec.server.name']],
      },
      {
        kind: 'Server',
        plural: 'servers',
        short: ['srv'],
        versions: ['v1beta3', 'v1alpha1', 'v1beta1', 'v1beta2'],
        columns: [
          ['Port', '.spec.port'],
          ['Protocol', '.spec.proxyProtocol'],
          ['Access Policy', '.spec.accessPolicy'],
        ],
      },
    ],
    'linkerd.io': [{ kind: 'ServiceProfile', plural: 'serviceprofiles', short: ['sp'], versions: ['v1alpha2', 'v1alpha1'] }],
    'workload.linkerd.io': [
      {
        kind: 'ExternalWorkload',
        plural: 'externalworkloads',
        versions: ['v1beta1', 'v1alpha1'],
        columns: [['Identity', '.spec.meshTLS.identity']],
      },
    ],
  },
  {
    labels: { 'helm.sh/chart': 'linkerd-crds-2026.8.3', 'linkerd.io/control-plane-ns': CONTROL_NAMESPACE },
    annotations: CREATED_BY,
  },
);
