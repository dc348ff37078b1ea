/** RBAC objects, as the charts of Linkerd and of its extension viz make them. */
import { type Labels, object, type Written } from '../scenarios/_objects.ts';

/** Groups, resources and verbs, each separated by commas; the first group is the core one when it is empty. */
export type Rule = readonly [groups: string, resources: string, verbs: string];

const RBAC = 'rbac.authorization.k8s.io';

/** @param within the namespace of a Role; a ClusterRole when it is empty */
export function role(within: string, name: string, labels: Labels, rules: readonly Rule[]): Written {
  const written = rules.map(([groups, resources, verbs]) => ({
    apiGroups: groups.split(','),
    resources: resources.split(','),
    verbs: verbs.split(','),
  }));
  return object(`${RBAC}/v1`, within === '' ? 'ClusterRole' : 'Role', within, name, { rules: written }, { labels });
}

interface Grant {
  readonly role: string;
  readonly account: readonly [namespace: string, name: string];
  /** Of the binding; that of the role when absent. */
  readonly name?: string;
}

export function binding(within: string, labels: Labels, { role: granted, account, name = granted }: Grant): Written {
  const kind = within === '' ? 'ClusterRole' : 'Role';
  const roleRef = { apiGroup: RBAC, kind, name: granted };
  const subjects = [{ kind: 'ServiceAccount', namespace: account[0], name: account[1] }];
  return object(`${RBAC}/v1`, `${kind}Binding`, within, name, { roleRef, subjects }, { labels });
}
