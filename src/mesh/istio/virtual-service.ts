/** Where a VirtualService applies: its hosts, its gateways, the namespaces whose proxies see it. */
import { itemsAt, stringsAt } from '../../model/body.ts';
import type { FieldPath, Resource } from '../../model/resource.ts';
import type { MeshConfig } from './mesh-config.ts';
import { exportScope } from './visibility.ts';

/** The name that stands for all sidecars in a list of gateways. */
export const MESH = 'mesh';

export type RouteProtocol = 'http' | 'tls' | 'tcp';

export const ROUTE_PROTOCOLS: readonly RouteProtocol[] = ['http', 'tls', 'tcp'];

export interface GatewayReference {
  readonly written: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: FieldPath;
}

/** `namespace/name` of a gateway, the form in which references of different objects can be compared. */
export function gatewayKey(reference: GatewayReference): string {
  return `${reference.namespace}/${reference.name}`;
}

/**
 * A gateway as istiod resolves it: `name` of the same namespace, `namespace/name`, `./name`, or the
 * old form `name.namespace.svc.cluster.local`, of which only the first two labels count.
 */
function resolveGateway(written: string, ownNamespace: string): { readonly namespace: string; readonly name: string } {
  const slash = written.indexOf('/');
  if (slash >= 0) {
    const namespace = written.slice(0, slash);
    return { namespace: namespace === '.' ? ownNamespace : namespace, name: written.slice(slash + 1) };
  }
  const [name = '', namespace] = written.split('.');
  return { namespace: namespace ?? ownNamespace, name };
}

function gatewaysAt(virtualService: Resource, path: FieldPath): readonly GatewayReference[] {
  return stringsAt(virtualService.body, ...path)
    .filter(({ value }) => value !== MESH)
    .map(({ value, path: at }) => ({ written: value, ...resolveGateway(value, virtualService.namespace), path: at }));
}

/** The gateways that a VirtualService is bound to, besides the mesh. */
export function gatewaysOf(virtualService: Resource): readonly GatewayReference[] {
  return gatewaysAt(virtualService, ['spec', 'gateways']);
}

/** The gateways, besides the mesh, that single matches are limited to. */
export function matchGatewaysOf(virtualService: Resource): readonly GatewayReference[] {
  return ROUTE_PROTOCOLS.flatMap((protocol) =>
    itemsAt(virtualService.body, 'spec', protocol).flatMap((route) =>
      itemsAt(route.item, 'match').flatMap((match) => gatewaysAt(virtualService, [...route.path, ...match.path, 'gateways'])),
    ),
  );
}

/** True when sidecars follow the VirtualService: it lists them, or no gateway at all. */
export function appliesToMesh(virtualService: Resource): boolean {
  const gateways = stringsAt(virtualService.body, 'spec', 'gateways');
  return gateways.length === 0 || gateways.some(({ value }) => value === MESH);
}

/** Keys of all gateways that a VirtualService is bound to, with `mesh` for the sidecars. */
export function boundTo(virtualService: Resource): ReadonlySet<string> {
  return new Set([...gatewaysOf(virtualService).map(gatewayKey), ...(appliesToMesh(virtualService) ? [MESH] : [])]);
}

/**
 * The same for one rule of it, which its matches may limit to some of the gateways.
 * @param rule path of an element of `http`, `tls` or `tcp`
 */
export function ruleBoundTo(virtualService: Resource, rule: FieldPath): ReadonlySet<string> {
  const all = boundTo(virtualService);
  const matches = itemsAt(virtualService.body, ...rule, 'match');
  if (matches.length === 0) return all;
  return new Set(
    matches.flatMap(({ item, path }) => {
      const listed = stringsAt(item, 'gateways').map(({ value }) => value);
      if (listed.length === 0) return [...all];
      const keys = gatewaysAt(virtualService, [...path, 'gateways']).map(gatewayKey);
      return listed.includes(MESH) ? [...keys, MESH] : keys;
    }),
  );
}

export function hostsOf(virtualService: Resource): readonly { readonly value: string; readonly path: FieldPath }[] {
  return stringsAt(virtualService.body, 'spec', 'hosts').filter(({ value }) => value !== '');
}

/**
 * The namespaces from whose point of view a VirtualService is judged: those that its exportTo
 * names; its own when it is for all namespaces, since each sees something else, or for none.
 */
export function viewersOf(virtualService: Resource, mesh: MeshConfig): readonly string[] {
  const scope = exportScope(virtualService, mesh.defaultVirtualServiceExportTo);
  return scope.size === 0 || scope.has('*') ? [virtualService.namespace] : [...scope];
}
