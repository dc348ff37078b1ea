/** rbac.authorization.k8s.io. The notation is that of `notation.ts`. */
export const ACCESS = `
rbac.authorization.k8s.io/v1 Role: rules [PolicyRule]
PolicyRule: apiGroups [string], nonResourceURLs [string], resourceNames [string], resources [string], verbs! [string]
rbac.authorization.k8s.io/v1 ClusterRole: aggregationRule AggregationRule, rules [PolicyRule]
AggregationRule: clusterRoleSelectors [LabelSelector]
rbac.authorization.k8s.io/v1 RoleBinding: roleRef! RoleRef, subjects [Subject]
RoleRef: apiGroup! string, kind! string, name! string
Subject: apiGroup string, kind! string, name! string, namespace string
rbac.authorization.k8s.io/v1 ClusterRoleBinding: roleRef! RoleRef, subjects [Subject]
`;
