/** ztunnel, which acts for every pod of its node that is in ambient mode. */
import { stringAt } from '../../model/body.ts';
import type { MeshAdapter } from '../../model/mesh-adapter.ts';
import type { Resource } from '../../model/resource.ts';

/** The CNI agent notes so on pods whose traffic it leads to ztunnel. */
const REDIRECTION = 'ambient.istio.io/redirection';

export const nodeProxies: NonNullable<MeshAdapter['nodeProxies']> = {
  actFor: ({ annotations }) => annotations[REDIRECTION] === 'enabled',
  async on(node, cluster) {
    const found: Resource[] = [];
    const asked = { labelSelector: 'app=ztunnel', fieldSelector: `spec.nodeName=${node}` };
    for await (const page of cluster.list('core/Pod', asked)) found.push(...page);
    return found.find(({ body }) => stringAt(body, 'metadata', 'deletionTimestamp') === undefined);
  },
};
