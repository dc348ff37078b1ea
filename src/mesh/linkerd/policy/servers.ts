/** Servers: which one decides on a port of a pod. */
import { numberAt, objectAt, stringAt } from '../../../model/body.ts';
import { labelSelectorMatches } from '../../../model/labels.ts';
import type { Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { containerPorts } from '../../../model/target-port.ts';
import type { Workload } from '../../../model/workloads.ts';
import { SERVER } from '../kinds.ts';

export interface ServedPort {
  readonly port: number;
  /** Of the container. */
  readonly name: string | undefined;
  /** The one that decides; undefined where the default policy does. */
  readonly server: Resource | undefined;
  /** Servers of the same port that are passed over, as they are younger. */
  readonly ignored: readonly Resource[];
}

const PROXY_PORTS: ReadonlySet<string> = new Set(['linkerd-proxy', 'linkerd-admin']);

/** Objects of files have no age; those go by name. */
const byAge = (left: Resource, right: Resource): number => (rank(left) < rank(right) ? -1 : 1);

const rank = ({ body, name }: Resource): string => `${stringAt(body, 'metadata', 'creationTimestamp') ?? '9999'} ${name}`;

/** Servers that select the pods, whatever their port. */
export function serversOf(workload: Workload, resources: ResourceSet): readonly Resource[] {
  return resources
    .inNamespace(SERVER, workload.namespace)
    .filter(({ body }) => {
      const selector = objectAt(body, 'spec', 'podSelector');
      const isForPods = Object.keys(objectAt(body, 'spec', 'externalWorkloadSelector')).length === 0;
      return isForPods && labelSelectorMatches(selector, workload.labels);
    })
    .sort(byAge);
}

/** Ports that containers declare, and those of Servers. */
export function servedPorts(workload: Workload, resources: ResourceSet): readonly ServedPort[] {
  const declared = containerPorts(workload.podSpec).flatMap(({ name, containerPort }) =>
    containerPort === undefined || PROXY_PORTS.has(name ?? '') ? [] : [{ name, port: containerPort }],
  );
  const servers = serversOf(workload, resources);
  const portOf = ({ body }: Resource): number | undefined =>
    numberAt(body, 'spec', 'port') ?? declared.find(({ name }) => name !== undefined && name === stringAt(body, 'spec', 'port'))?.port;
  const numbers = new Set([...declared.map(({ port }) => port), ...servers.flatMap((server) => portOf(server) ?? [])]);
  return [...numbers]
    .sort((left, right) => left - right)
    .map((port) => {
      const [server, ...ignored] = servers.filter((each) => portOf(each) === port);
      return { port, name: declared.find((each) => each.port === port)?.name, server, ignored };
    });
}

/** A Server without a policy denies what nothing authorizes. */
export const accessPolicyOf = ({ body }: Resource): string => stringAt(body, 'spec', 'accessPolicy') ?? 'deny';

export const protocolOf = ({ body }: Resource): string => stringAt(body, 'spec', 'proxyProtocol') ?? 'unknown';
