/** What descriptions of every mesh have in common: names of objects, pods, the Services that lead to them. */
import { itemsAt, numberAt, stringAt, stringMapAt } from '../../model/body.ts';
import type { Fact } from '../../model/describe.ts';
import { labelsMatch } from '../../model/labels.ts';
import type { ConfigObject } from '../../model/proxy-config.ts';
import { friendlyName, type Kind, type Resource, shortKind } from '../../model/resource.ts';
import type { ResourceSet } from '../../model/resource-set.ts';
import { containerPorts, targetPort } from '../../model/target-port.ts';
import type { Workload } from '../../model/workloads.ts';

const SERVICE: Kind = 'core/Service';

export const named = ({ kind, namespace, name }: Resource): ConfigObject => ({ kind: shortKind(kind), namespace, name });

export const accountOf = ({ podSpec }: Workload): string => stringAt(podSpec, 'serviceAccountName') || 'default';

const isReady = ({ body }: Resource): boolean =>
  itemsAt(body, 'status', 'conditions').some(({ item }) => item['type'] === 'Ready' && item['status'] === 'True');

/** Services of a namespace that select pods with these labels. */
export function servicesFor(namespace: string, labels: Readonly<Record<string, string>>, resources: ResourceSet): readonly Resource[] {
  return resources.inNamespace(SERVICE, namespace).filter((service) => {
    const selector = stringMapAt(service.body, 'spec', 'selector');
    return Object.keys(selector).length > 0 && labelsMatch(selector, labels);
  });
}

export function podsFact(workloads: readonly Workload[], details: readonly string[] = []): Fact {
  const [first] = workloads;
  const ready = workloads.filter(({ resource }) => isReady(resource)).length;
  const value =
    first === undefined ? 'none' : first.isPod ? `${ready} of ${workloads.length} ready` : `as ${friendlyName(first.resource)} makes them`;
  return { subject: 'pods', value, from: workloads.slice(0, 10).map(({ resource }) => named(resource)), details };
}

/** @param protocolOf what the mesh takes a port of a Service for */
export function portFacts(
  workload: Workload,
  services: readonly Resource[],
  protocolOf: (port: object, service: Resource) => string,
): readonly Fact[] {
  const leading = services.flatMap((service) =>
    itemsAt(service.body, 'spec', 'ports').map(({ item }) => ({ service, item, port: targetPort(item, workload.podSpec) })),
  );
  const declared = containerPorts(workload.podSpec).flatMap(({ containerPort }) => containerPort ?? []);
  const numbers = [...new Set([...declared, ...leading.flatMap(({ port }) => port ?? [])])].sort((left, right) => left - right);
  return numbers.flatMap((number) => {
    const own = leading.filter(({ port }) => port === number);
    const [first] = own;
    if (!first) return [];
    return [
      {
        subject: `port ${number}`,
        value: protocolOf(first.item, first.service),
        from: own.map(({ service }) => named(service)),
        details: own.map(
          ({ service, item }) =>
            `${friendlyName(service)} port ${numberAt(item, 'port') ?? 0}${stringAt(item, 'name') === undefined ? '' : ` (${stringAt(item, 'name')})`}`,
        ),
      },
    ];
  });
}
