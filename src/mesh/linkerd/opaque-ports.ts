/** Ports whose traffic proxies pass on without looking into it, as the destination controller computes them. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import { labelSelectorMatches } from '../../model/labels.ts';
import type { Body, Resource } from '../../model/resource.ts';
import { containerPorts } from '../../model/target-port.ts';
import { OPAQUE_PORTS } from './kinds.ts';

type Ports = (port: number) => boolean;

/** Numbers, ranges and names of ports, comma-separated. Of entries that are none of these nothing comes. */
function portsOf(text: string, named: ReadonlyMap<string, number>): Ports {
  const ranges = text.split(',').flatMap((part) => {
    const entry = part.trim();
    const port = named.get(entry);
    if (port !== undefined) return [[port, port] as const];
    const [, from, to] = /^(\d+)(?:-(\d+))?$/.exec(entry) ?? [];
    return from === undefined ? [] : [[Number(from), Number(to ?? from)] as const];
  });
  return (port) => ranges.some(([from, to]) => from <= port && port <= to);
}

/** Ports that an annotation of a pod lists. @param podSpec whose containers have the names */
export const portsNamed = (text: string, podSpec: Body): Ports =>
  portsOf(
    text,
    new Map(containerPorts(podSpec).flatMap(({ name, containerPort }) => (name && containerPort ? [[name, containerPort] as const] : []))),
  );
/** Numbers and ranges of an annotation. */
export const portsListed = (text: string): Ports => portsOf(text, new Map());

/** Ports of a Service by which clients reach it without protocol detection. */
export function opaquePortsOfService({ annotations, body }: Resource, defaults: string): Ports {
  const named = new Map(
    itemsAt(body, 'spec', 'ports').flatMap(({ item }) => {
      const [name, port] = [stringAt(item, 'name'), numberAt(item, 'port')];
      return name !== undefined && port !== undefined ? [[name, port] as const] : [];
    }),
  );
  return portsOf(annotations[OPAQUE_PORTS] ?? defaults, named);
}

/**
 * Ports on which the proxy of the pod does no protocol detection.
 * @param servers Servers of its namespace, whose protocol goes before the annotation
 */
export function opaquePortsOfPod(pod: Resource, servers: readonly Resource[], defaults: string): Ports {
  const declared = containerPorts(objectAt(pod.body, 'spec'));
  const named = new Map(declared.flatMap(({ name, containerPort }) => (name && containerPort ? [[name, containerPort] as const] : [])));
  const annotated = portsNamed(pod.annotations[OPAQUE_PORTS] ?? defaults, objectAt(pod.body, 'spec'));
  const selecting = servers.filter(({ body }) => labelSelectorMatches(objectAt(body, 'spec', 'podSelector'), pod.labels));
  const protocols = new Map(
    selecting.flatMap(({ body }) => {
      const port = numberAt(body, 'spec', 'port') ?? named.get(stringAt(body, 'spec', 'port') ?? '');
      const protocol = stringAt(body, 'spec', 'proxyProtocol') ?? 'unknown';
      return port === undefined || protocol === 'unknown' ? [] : [[port, protocol] as const];
    }),
  );
  return (port) => {
    const protocol = protocols.get(port);
    return protocol === undefined ? annotated(port) : protocol === 'opaque';
  };
}
