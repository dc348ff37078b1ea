/** What the destination controller tells of an address before there is a connection: whether it is opaque, and its routes. */
import { EXIT, MeshctlError } from '../../../errors.ts';
import { itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Body, Ref } from '../../../model/resource.ts';
import { decode } from '../../../text/protobuf.ts';
import { type Asked, destinationRequest, type Endpoint, endpointIn } from './endpoints.ts';
import { PROFILE } from './messages.ts';
import { type Described, describedIn, labelsIn } from './values.ts';

const PORT = 8086;
const METHOD = 'io.linkerd.proxy.destination.Destination/GetProfile';

interface ProfileRoute {
  readonly name: string;
  /** `GET and ^/api`; empty for all requests. */
  readonly condition: string;
  readonly isRetryable: boolean;
  readonly timeoutMs: number | undefined;
}

export interface Profile {
  /** `web.emojivoto.svc.cluster.local`; empty for addresses that are no Service's. */
  readonly name: string;
  readonly isOpaque: boolean;
  readonly routes: readonly ProfileRoute[];
  readonly overrides: readonly { readonly authority: string; readonly weight: number }[];
  /** Where the address is that of a pod. */
  readonly endpoint: Endpoint | undefined;
  /** The Service that the address belongs to. */
  readonly parent: Described | undefined;
}

/** @param asked its authority is a name or an IP address, with a port */
export async function profileOf(cluster: Cluster, controller: Ref, asked: Asked): Promise<Profile> {
  const answers = cluster.podPort(controller, PORT).call(METHOD, destinationRequest(asked), { kind: 'stream', signal: asked.signal });
  // Later ones would tell of changes.
  for await (const bytes of answers) return profileIn(decode('DestinationProfile', PROFILE, bytes));
  asked.signal?.throwIfAborted();
  throw new MeshctlError('E_LINKERD', `The destination controller has no profile of ${asked.authority}.`, { exit: EXIT.unreachable });
}

function profileIn(message: Body): Profile {
  return {
    name: stringAt(message, 'name') ?? '',
    isOpaque: message['isOpaque'] === true,
    routes: itemsAt(message, 'routes').map(({ item }) => ({
      name: labelsIn(item)['route'] ?? '',
      condition: conditionIn(objectAt(item, 'condition')),
      isRetryable: item['isRetryable'] === true,
      timeoutMs: numberAt(item, 'timeout'),
    })),
    overrides: itemsAt(message, 'overrides').map(({ item }) => ({
      authority: stringAt(item, 'authority') ?? '',
      weight: numberAt(item, 'weight') ?? 0,
    })),
    endpoint: message['endpoint'] === undefined ? undefined : endpointIn(objectAt(message, 'endpoint')),
    parent: describedIn(objectAt(message, 'parent')),
  };
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'HEAD', 'TRACE'];

function conditionIn(match: Body): string {
  const several = (name: string): readonly string[] => itemsAt(match, name, 'matches').map(({ item }) => conditionIn(item));
  if (match['all'] !== undefined) return several('all').join(' and ');
  if (match['any'] !== undefined) return several('any').join(' or ');
  if (match['not'] !== undefined) return `not (${conditionIn(objectAt(match, 'not'))})`;
  if (match['method'] === undefined) return stringAt(match, 'path', 'regex') ?? '';
  return stringAt(match, 'method', 'unregistered') ?? METHODS[numberAt(match, 'method', 'registered') ?? 0] ?? '';
}
