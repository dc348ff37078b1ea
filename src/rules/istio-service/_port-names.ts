/** What the names of a Service's ports fail to tell. */
import { appProtocolInName, servicePortProtocol } from '../../mesh/istio/protocol.ts';
import { itemsAt, numberAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import { isControlPlane } from './_owners.ts';

/** Services that Istio writes for Gateways; their ports are named after listeners. */
const MANAGED: ReadonlySet<string> = new Set(['istio.io-gateway-controller', 'istio.io-mesh-controller', 'istio.io-eastwest-controller']);

/** Where a proxy itself answers health checks; gateways' Services expose it as `status-port`. */
const STATUS_PORT = 15021;

interface NamedPort {
  readonly port: Body;
  /** `Port 80`. */
  readonly called: string;
  readonly path: FieldPath;
}

interface UnclearPort {
  /** The field that should tell the protocol. */
  readonly path: FieldPath;
  /** Sentence without its end: `Port 80 of Service "web" is named "foo", which is no protocol`. */
  readonly lack: string;
  /** The value of `appProtocol` that says what the name means. */
  readonly appProtocol: string | undefined;
  /** Path of the port. */
  readonly port: FieldPath;
}

export function isExternalName(service: Resource): boolean {
  return stringAt(service.body, 'spec', 'type') === 'ExternalName';
}

/** Ports of Services that are the user's to name. */
export function portsToName(service: Resource): readonly NamedPort[] {
  if (isControlPlane(service) || MANAGED.has(service.labels['gateway.istio.io/managed'] ?? '')) return [];
  return itemsAt(service.body, 'spec', 'ports').flatMap(({ item, path }) => {
    const number = numberAt(item, 'port');
    const transport = stringAt(item, 'protocol')?.toUpperCase();
    if (number === STATUS_PORT || transport === 'UDP' || transport === 'SCTP') return [];
    return [{ port: item, called: number === undefined ? 'A port' : `Port ${number}`, path }];
  });
}

/** Ports whose protocol Istio has to detect. */
export function undeclaredPorts(service: Resource): readonly UnclearPort[] {
  return portsToName(service).flatMap(({ port, called, path }) => {
    if (servicePortProtocol(port) !== undefined) return [];
    const [field, lack] = reason(port);
    const appProtocol = field === 'name' ? appProtocolInName(stringAt(port, 'name') ?? '') : undefined;
    return [{ path: [...path, field], lack: `${called} of Service "${service.name}" ${lack}`, appProtocol, port: path }];
  });
}

function reason(port: Body): readonly [field: string, lack: string] {
  const appProtocol = stringAt(port, 'appProtocol');
  if (appProtocol !== undefined) return ['appProtocol', `has appProtocol "${appProtocol}", which Istio does not know`];
  const name = stringAt(port, 'name');
  if (name) return ['name', `is named "${name}", which starts with no protocol that Istio knows`];
  return ['name', 'has neither a name nor appProtocol'];
}
