/** Every destination that a VirtualService sends or mirrors requests to, with its path. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import { ROUTE_PROTOCOLS, type RouteProtocol } from './virtual-service.ts';

export interface Destination {
  /** As written; empty when it is missing. */
  readonly host: string;
  readonly subset: string | undefined;
  readonly port: number | undefined;
  /** The destination itself; `[...path, 'host']` is its host. */
  readonly path: FieldPath;
  readonly use: 'route' | 'mirror';
  readonly protocol: RouteProtocol;
}

export function destinationsOf(virtualService: Resource): readonly Destination[] {
  const { body } = virtualService;
  const found: Destination[] = [];
  const add = (destination: Body, path: FieldPath, use: Destination['use'], protocol: Destination['protocol']): void => {
    found.push({
      host: stringAt(destination, 'host') ?? '',
      subset: stringAt(destination, 'subset') || undefined,
      port: numberAt(destination, 'port', 'number'),
      path,
      use,
      protocol,
    });
  };
  for (const protocol of ROUTE_PROTOCOLS) {
    for (const route of itemsAt(body, 'spec', protocol)) {
      for (const { item, path } of itemsAt(route.item, 'route')) {
        add(objectAt(item, 'destination'), [...route.path, ...path, 'destination'], 'route', protocol);
      }
      if (protocol !== 'http') continue;
      if (route.item['mirror']) add(objectAt(route.item, 'mirror'), [...route.path, 'mirror'], 'mirror', protocol);
      for (const { item, path } of itemsAt(route.item, 'mirrors')) {
        add(objectAt(item, 'destination'), [...route.path, ...path, 'destination'], 'mirror', protocol);
      }
    }
  }
  return found;
}
