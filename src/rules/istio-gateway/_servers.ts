/** The servers of an Istio Gateway. */
import { itemsAt, numberAt, objectAt, stringAt, stringsAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';

export interface Server {
  readonly path: FieldPath;
  /** Undefined when it is missing or 0, as for servers on a Unix domain socket. */
  readonly port: number | undefined;
  /** In capitals: `HTTP`, `HTTPS`, `TLS`, `TCP`, …; undefined when not written. */
  readonly protocol: string | undefined;
  /** Address that the proxy binds; empty for all of its addresses. */
  readonly bind: string;
  readonly hosts: readonly { readonly value: string; readonly path: FieldPath }[];
  /** `tls` of the server; empty when there is none. */
  readonly tls: Body;
  /** The proxy chooses this server by the name that the client asks for (SNI). */
  readonly hasSni: boolean;
}

export function serversOf(gateway: Resource): readonly Server[] {
  return itemsAt(gateway.body, 'spec', 'servers').map(({ item, path }) => {
    const protocol = stringAt(item, 'port', 'protocol')?.toUpperCase();
    return {
      path,
      port: numberAt(item, 'port', 'number') || undefined,
      protocol,
      bind: stringAt(item, 'bind') ?? '',
      hosts: stringsAt(item, 'hosts').map((host) => ({ value: host.value, path: [...path, ...host.path] })),
      tls: objectAt(item, 'tls'),
      hasSni: protocol === 'HTTPS' || protocol === 'TLS',
    };
  });
}
