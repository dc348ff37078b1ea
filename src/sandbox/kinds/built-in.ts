/** The kinds that every API server has, as data. */
import type { ServedType } from './served-type.ts';

const ALL = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const READ = ['get', 'list'];
const ASK = ['create'];

type Row = readonly [
  kind: string,
  plural: string,
  scope: 'namespaced' | 'cluster',
  more?: Partial<ServedType> & { readonly short?: string },
];

const STATUS = ['status'];
const SCALED = ['scale', 'status'];
const ALL_CATEGORY = ['all'];

const GROUPS: readonly (readonly [groupVersion: string, rows: readonly Row[]])[] = [
  [
    'v1',
    [
      ['Binding', 'bindings', 'namespaced', { verbs: ASK }],
      ['ComponentStatus', 'componentstatuses', 'cluster', { short: 'cs', verbs: READ }],
      ['ConfigMap', 'configmaps', 'namespaced', { short: 'cm' }],
      ['Endpoints', 'endpoints', 'namespaced', { short: 'ep' }],
      ['Event', 'events', 'namespaced', { short: 'ev' }],
      ['LimitRange', 'limitranges', 'namespaced', { short: 'limits' }],
      ['Namespace', 'namespaces', 'cluster', { short: 'ns', subresources: ['finalize', 'status'] }],
      ['Node', 'nodes', 'cluster', { short: 'no', subresources: STATUS }],
      ['PersistentVolumeClaim', 'persistentvolumeclaims', 'namespaced', { short: 'pvc', subresources: STATUS }],
      ['PersistentVolume', 'persistentvolumes', 'cluster', { short: 'pv', subresources: STATUS }],
      [
        'Pod',
        'pods',
        'namespaced',
        {
          short: 'po',
          categories: ALL_CATEGORY,
          subresources: ['attach', 'binding', 'eviction', 'ephemeralcontainers', 'exec', 'log', 'portforward', 'proxy', 'status'],
        },
      ],
      ['PodTemplate', 'podtemplates', 'namespaced'],
      [
        'ReplicationController',
        'replicationcontrollers',
        'namespaced',
        { short: 'rc', categories: ALL_CATEGORY, subresources: SCALED, counted: true },
      ],
      ['ResourceQuota', 'resourcequotas', 'namespaced', { short: 'quota', subresources: STATUS }],
      ['Secret', 'secrets', 'namespaced'],
      ['ServiceAccount', 'serviceaccounts', 'namespaced', { short: 'sa', subresources: ['token'] }],
      ['Service', 'services', 'namespaced', { short: 'svc', categories: ALL_CATEGORY, subresources: ['proxy', 'status'] }],
    ],
  ],
  [
    'apps/v1',
    [
      ['ControllerRevision', 'controllerrevisions', 'namespaced'],
      ['DaemonSet', 'daemonsets', 'namespaced', { short: 'ds', categories: ALL_CATEGORY, subresources: STATUS, counted: true }],
      ['Deployment', 'deployments', 'namespaced', { short: 'deploy', categories: ALL_CATEGORY, subresources: SCALED, counted: true }],
      ['ReplicaSet', 'replicasets', 'namespaced', { short: 'rs', categories: ALL_CATEGORY, subresources: SCALED, counted: true }],
      ['StatefulSet', 'statefulsets', 'namespaced', { short: 'sts', categories: ALL_CATEGORY, subresources: SCALED, counted: true }],
    ],
  ],
  [
    'batch/v1',
    [
      ['CronJob', 'cronjobs', 'namespaced', { short: 'cj', categories: ALL_CATEGORY, subresources: STATUS, counted: true }],
      ['Job', 'jobs', 'namespaced', { categories: ALL_CATEGORY, subresources: STATUS, counted: true }],
    ],
  ],
  [
    'autoscaling/v2',
    [
      [
        'HorizontalPodAutoscaler',
        'horizontalpodautoscalers',
        'namespaced',
        { short: 'hpa', categories: ALL_CATEGORY, subresources: STATUS },
      ],
    ],
  ],
  ['policy/v1', [['PodDisruptionBudget', 'poddisruptionbudgets', 'namespaced', { short: 'pdb', subresources: STATUS, counted: true }]]],
  [
    'rbac.authorization.k8s.io/v1',
    [
      ['ClusterRoleBinding', 'clusterrolebindings', 'cluster'],
      ['ClusterRole', 'clusterroles', 'cluster'],
      ['RoleBinding', 'rolebindings', 'namespaced'],
      ['Role', 'roles', 'namespaced'],
    ],
  ],
  [
    'admissionregistration.k8s.io/v1',
    [
      ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', 'cluster', { counted: true }],
      ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', 'cluster', { counted: true }],
      ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies', 'cluster', { subresources: STATUS, counted: true }],
      ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', 'cluster', { counted: true }],
    ],
  ],
  [
    'apiextensions.k8s.io/v1',
    [
      [
        'CustomResourceDefinition',
        'customresourcedefinitions',
        'cluster',
        { short: 'crd', categories: ['api-extensions'], subresources: STATUS, counted: true },
      ],
    ],
  ],
  ['apiregistration.k8s.io/v1', [['APIService', 'apiservices', 'cluster', { categories: ['api-extensions'], subresources: STATUS }]]],
  [
    'networking.k8s.io/v1',
    [
      ['IngressClass', 'ingressclasses', 'cluster', { counted: true }],
      ['Ingress', 'ingresses', 'namespaced', { short: 'ing', subresources: STATUS, counted: true }],
      ['NetworkPolicy', 'networkpolicies', 'namespaced', { short: 'netpol', counted: true }],
    ],
  ],
  ['discovery.k8s.io/v1', [['EndpointSlice', 'endpointslices', 'namespaced', { counted: true }]]],
  ['coordination.k8s.io/v1', [['Lease', 'leases', 'namespaced']]],
  ['scheduling.k8s.io/v1', [['PriorityClass', 'priorityclasses', 'cluster', { short: 'pc' }]]],
  ['storage.k8s.io/v1', [['StorageClass', 'storageclasses', 'cluster', { short: 'sc' }]]],
  [
    'authorization.k8s.io/v1',
    [
      ['SelfSubjectAccessReview', 'selfsubjectaccessreviews', 'cluster', { verbs: ASK }],
      ['SelfSubjectRulesReview', 'selfsubjectrulesreviews', 'cluster', { verbs: ASK }],
      ['SubjectAccessReview', 'subjectaccessreviews', 'cluster', { verbs: ASK }],
    ],
  ],
  [
    'authentication.k8s.io/v1',
    [
      ['SelfSubjectReview', 'selfsubjectreviews', 'cluster', { verbs: ASK }],
      ['TokenReview', 'tokenreviews', 'cluster', { verbs: ASK }],
    ],
  ],
];

export const BUILT_IN: readonly ServedType[] = GROUPS.flatMap(([groupVersion, rows]) => {
  const [version = '', group = ''] = groupVersion.split('/').reverse();
  return rows.map(
    ([kind, plural, scope, { short, ...more } = {}]): ServedType => ({
      group,
      version,
      kind,
      plural,
      singular: kind.toLowerCase(),
      shortNames: short === undefined ? [] : [short],
      categories: [],
      namespaced: scope === 'namespaced',
      verbs: ALL,
      subresources: [],
      counted: false,
      custom: false,
      ...more,
    }),
  );
});
