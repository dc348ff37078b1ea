/**
 * The order in which Helm applies kinds, so that what others need is there first. Kinds that are not named come last,
 * by their names.
 * @see https://helm.sh/docs/intro/using_helm/#helm-install-installing-a-package
 */
const INSTALL_ORDER: readonly string[] = [
  'PriorityClass',
  'Namespace',
  'NetworkPolicy',
  'ResourceQuota',
  'LimitRange',
  'PodSecurityPolicy',
  'PodDisruptionBudget',
  'ServiceAccount',
  'Secret',
  'SecretList',
  'ConfigMap',
  'StorageClass',
  'PersistentVolume',
  'PersistentVolumeClaim',
  'CustomResourceDefinition',
  'ClusterRole',
  'ClusterRoleList',
  'ClusterRoleBinding',
  'ClusterRoleBindingList',
  'Role',
  'RoleList',
  'RoleBinding',
  'RoleBindingList',
  'Service',
  'DaemonSet',
  'Pod',
  'ReplicationController',
  'ReplicaSet',
  'Deployment',
  'HorizontalPodAutoscaler',
  'StatefulSet',
  'Job',
  'CronJob',
  'IngressClass',
  'Ingress',
  'APIService',
  'MutatingWebhookConfiguration',
  'ValidatingWebhookConfiguration',
];

const PLACES: ReadonlyMap<string, number> = new Map(INSTALL_ORDER.map((kind, place) => [kind, place]));

/** @returns a new list; what is of one kind keeps its order */
export function inInstallOrder<T extends { readonly kind: string }>(manifests: readonly T[]): readonly T[] {
  return manifests.toSorted((left, right) => compareKinds(left.kind, right.kind));
}

function compareKinds(left: string, right: string): number {
  const [first, second] = [PLACES.get(left) ?? PLACES.size, PLACES.get(right) ?? PLACES.size];
  if (first !== second) return first - second;
  return left < right ? -1 : Number(left > right);
}
