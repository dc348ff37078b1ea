import type { Check } from '../../../model/check.ts';
import { type Kind, shortKind } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { refusedObjects } from '../../checks/conditions.ts';
import { needingPlane } from '../../checks/sidecar-mesh.ts';
import { consulMesh } from '../sidecar-mesh.ts';

/** Kinds that become configuration entries of Consul, in every version that is supported. */
const ENTRIES: readonly Kind[] = [
  'ExportedServices',
  'IngressGateway',
  'JWTProvider',
  'Mesh',
  'ProxyDefaults',
  'ServiceDefaults',
  'ServiceIntentions',
  'ServiceResolver',
  'ServiceRouter',
  'ServiceSplitter',
  'TerminatingGateway',
].map((kind): Kind => `consul.hashicorp.com/${kind}`);

/** Kinds of newer versions, of peering and of Enterprise. */
const MORE_ENTRIES: readonly Kind[] = [
  'ControlPlaneRequestLimit',
  'PeeringAcceptor',
  'PeeringDialer',
  'RateLimit',
  'Registration',
  'SamenessGroup',
].map((kind): Kind => `consul.hashicorp.com/${kind}`);

export const entriesSynced: Check = needingPlane(consulMesh, {
  id: 'consul/configuration-synced',
  category: 'configuration',
  title: 'Consul has taken over every configuration entry.',
  why: 'What Kubernetes holds is not what Consul does: the entry that it refused has no effect, or an older state of it has.',
  docs: 'https://developer.hashicorp.com/consul/docs/k8s/crds',
  settles: true,
  reads: ENTRIES,
  run: async (facts) => {
    const served = await facts.kinds();
    const kinds = [...ENTRIES, ...MORE_ENTRIES].filter((kind) => served.has(kind));
    const { refused, total } = await refusedObjects(facts, kinds, () => 'Synced');
    const [first] = refused;
    if (!first) return { is: 'ok', reason: total === 1 ? '1 entry.' : `${total} entries.` };
    const { kind, namespace, name } = first.resource;
    return {
      is: 'failed',
      reason: `Consul has refused ${refused.length} of ${count(total, 'configuration object')}.`,
      hint: `Mend what the detail names, and look with "kubectl -n ${namespace} describe ${shortKind(kind as Kind).toLowerCase()} ${name}" whether it is synced then.`,
      affected: refused,
    };
  },
});
