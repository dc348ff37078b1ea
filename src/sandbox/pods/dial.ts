/** Connections into the cluster: to a port of a pod, or to a port of a service by one of its ready pods. */
import type { Duplex } from 'node:stream';
import { at, itemsAt, listAt, numberAt, stringAt } from '../../model/body.ts';
import type { Backend } from '../api/backend.ts';
import type { Fields, KubeObject } from '../store/object.ts';

/** Why there is no connection, in the words of the API server's own dialer. */
export class DialProblem extends Error {}

/** A connection to a port of a pod; undefined when nothing listens there, or no container of the pod runs. */
export function dialPod(backend: Backend, pod: KubeObject, port: number): Duplex | undefined {
  const statuses = [...itemsAt(pod, 'status', 'containerStatuses'), ...itemsAt(pod, 'status', 'initContainerStatuses')];
  return statuses.some(({ item }) => at(item, ['state', 'running']) !== undefined) ? backend.programs().dial?.(pod, port) : undefined;
}

export interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
}

export interface Endpoint {
  readonly pod: KubeObject;
  /** `10.244.1.2:8443`. */
  readonly address: string;
  readonly port: number;
}

/**
 * The first ready endpoint of a service.
 * @throws DialProblem when there is none
 */
export function endpointOf({ store }: Backend, { namespace, name, port }: ServicePort): Endpoint {
  const service = store.get('core/Service', namespace, name);
  if (!service) throw new DialProblem(`service "${name}" not found`);
  const wanted = portOf(service, port);
  if (!wanted) throw new DialProblem(`no service port ${port} found for service "${name}"`);
  for (const { item: subset } of itemsAt(store.get('core/Endpoints', namespace, name), 'subsets')) {
    const target = numberAt(itemsAt(subset, 'ports').find(({ item }) => item['name'] === wanted['name'])?.item, 'port');
    for (const { item } of itemsAt(subset, 'addresses')) {
      const pod = store.get('core/Pod', namespace, stringAt(item, 'targetRef', 'name') ?? '');
      if (target !== undefined && pod) return { pod, port: target, address: `${stringAt(item, 'ip') ?? ''}:${target}` };
    }
  }
  throw new DialProblem(`no endpoints available for service "${name}"`);
}

export const portOf = (service: KubeObject, port: number): Fields | undefined =>
  itemsAt(service, 'spec', 'ports').find(({ item }) => item['port'] === port)?.item;

export const hasAddresses = (endpoints: KubeObject | undefined): boolean =>
  itemsAt(endpoints, 'subsets').some(({ item }) => listAt(item, 'addresses').length > 0);

/** @throws DialProblem when nothing listens there */
export function dialEndpoint(backend: Backend, { pod, port, address }: Endpoint): Duplex {
  const connection = dialPod(backend, pod, port);
  if (!connection) throw new DialProblem(`dial tcp ${address}: connect: connection refused`);
  return connection;
}
