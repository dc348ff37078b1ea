/** Which roles the accounts of components have. */
import { itemsAt, stringAt } from '../../model/body.ts';
import type { Affected, Facts } from '../../model/check.ts';
import type { Resource } from '../../model/resource.ts';
import { CLUSTER_ROLE, CLUSTER_ROLE_BINDING } from './kinds.ts';

/** True when the binding gives its role to the ServiceAccount. */
export function binds({ body }: Resource, namespace: string, account: string): boolean {
  return itemsAt(body, 'subjects').some(
    ({ item }) => item['kind'] === 'ServiceAccount' && item['namespace'] === namespace && item['name'] === account,
  );
}

/** @returns what keeps a workload, or a pod, with that account from its permissions in the whole cluster */
export async function missingRoles(facts: Facts): Promise<(user: Resource, account: string) => readonly Affected[]> {
  const roles = new Set((await facts.list(CLUSTER_ROLE, { metadataOnly: true })).map(({ name }) => name));
  const bindings = await facts.list(CLUSTER_ROLE_BINDING);
  return (user, account) => {
    const own = bindings.filter((binding) => binds(binding, user.namespace, account));
    if (own.length === 0) return [{ resource: user, detail: `No ClusterRoleBinding names its ServiceAccount "${account}".` }];
    return own.flatMap((binding) => {
      const role = stringAt(binding.body, 'roleRef', 'name') ?? '';
      // The API server itself brings those of the system, and brings them back.
      if (roles.has(role) || role.startsWith('system:')) return [];
      return [{ resource: binding, detail: `Its ClusterRole "${role}" does not exist.` }];
    });
  };
}
