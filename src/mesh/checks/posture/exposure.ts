/** What the mesh offers outside of the cluster without meaning to. */
import { itemsAt, numberAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Affected, Check } from '../../../model/check.ts';
import type { Kind, Resource } from '../../../model/resource.ts';
import { count } from '../../../text/words.ts';
import { type PostureTraits, postureCheck } from './traits.ts';

const SERVICE: Kind = 'core/Service';

export function exposurePosture({ mesh, title, docs, adminPorts, isOwnService }: PostureTraits): readonly Check[] {
  return [
    postureCheck({
      id: `${mesh}/posture-admin-ports-inside`,
      title: 'No administrative port of the mesh can be reached from outside of the cluster.',
      why: 'Such ports show the configuration of the whole mesh, and some change it, without asking who is there.',
      docs,
      reads: [SERVICE],
      run: async (facts) => {
        const open = (await facts.list(SERVICE)).filter((service) => isOwnService(service) && reachOf(service) !== undefined);
        const affected = open.flatMap((service) => exposedPorts(service, adminPorts));
        const [first] = affected;
        if (!first) return { is: 'ok', reason: `${count(open.length, 'service')} of ${title} can be reached from outside.` };
        return {
          is: open.some((service) => reachOf(service) === 'internet' && affected.some(({ resource }) => resource === service))
            ? 'failed'
            : 'warning',
          reason: `${count(affected.length, 'administrative port')} can be reached from outside of the cluster.`,
          hint: `Remove the port with "kubectl -n ${first.resource.namespace} edit service ${first.resource.name}", or make the service one of type ClusterIP.`,
          affected,
        };
      },
    }),
  ];
}

/** Load balancers of clouds are open to the internet unless an annotation or their source ranges say otherwise. */
function reachOf({ body, annotations }: Resource): 'internet' | 'network' | undefined {
  const type = stringAt(body, 'spec', 'type');
  if (type === 'NodePort') return 'network';
  if (type !== 'LoadBalancer') return undefined;
  // Older versions of AWS's controller read 0.0.0.0/0 as "true".
  const isInternal = Object.entries(annotations).some(
    ([key, value]) => /load-?balancer/i.test(key) && /internal|scheme|type/i.test(key) && /^(true|internal|0\.0\.0\.0\/0)$/i.test(value),
  );
  return isInternal || hasSourceRanges(body) ? 'network' : 'internet';
}

function hasSourceRanges(body: unknown): boolean {
  const ranges = stringsAt(body, 'spec', 'loadBalancerSourceRanges').map(({ value }) => value);
  return ranges.length > 0 && !ranges.includes('0.0.0.0/0');
}

function exposedPorts(service: Resource, adminPorts: Readonly<Record<number, string>>): readonly Affected[] {
  return itemsAt(service.body, 'spec', 'ports').flatMap(({ item }): readonly Affected[] => {
    const port = numberAt(item, 'targetPort') ?? numberAt(item, 'port') ?? 0;
    const what = adminPorts[port];
    return what === undefined ? [] : [{ resource: service, detail: `Port ${numberAt(item, 'port') ?? port} leads to ${what}.` }];
  });
}
