/** Where the destination controller sends requests: what a proxy is told of a Service. */
import { itemsAt, numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Body, Ref } from '../../../model/resource.ts';
import { decode, encode } from '../../../text/protobuf.ts';
import { GET_DESTINATION, UPDATE } from './messages.ts';
import { ipIn, labelsIn } from './values.ts';

const PORT = 8086;
const METHOD = 'io.linkerd.proxy.destination.Destination/Get';
/** Clusters that are linked tell of theirs one after the other. */
const SETTLE_MS = 250;

export interface Asked {
  /** `web.emojivoto.svc.cluster.local:80`. */
  readonly authority: string;
  /** Whose proxy asks: `{"ns":"shop","pod":"web-1"}`, as the proxy's environment has it. It decides what is near. */
  readonly token?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
  readonly weight: number;
  /** Name that the peer proves to have in TLS; undefined where requests go without. */
  readonly identity: string | undefined;
  /** How proxies speak to each other; undefined for what the client speaks. */
  readonly protocol: 'h2' | 'opaque' | undefined;
  readonly labels: Readonly<Record<string, string>>;
}

export interface Endpoints {
  /** False when there is no such Service. */
  readonly exists: boolean;
  /** Sorted by address and port. */
  readonly endpoints: readonly Endpoint[];
}

export const destinationRequest = ({ authority, token = '' }: Asked): Uint8Array =>
  encode(GET_DESTINATION, { scheme: 'http:', path: authority, token });

/**
 * @param controller a pod of the destination controller
 * @throws MeshctlError E_GRPC_INVALID_ARGUMENT for an authority that is none
 */
export async function endpointsOf(cluster: Cluster, controller: Ref, asked: Asked): Promise<Endpoints> {
  const settled = new AbortController();
  const signal = asked.signal ? AbortSignal.any([asked.signal, settled.signal]) : settled.signal;
  const endpoints = new Map<string, Endpoint>();
  let exists = true;
  let timer: NodeJS.Timeout | undefined;
  try {
    for await (const bytes of cluster.podPort(controller, PORT).call(METHOD, destinationRequest(asked), { kind: 'stream', signal })) {
      timer ??= setTimeout(() => settled.abort(), SETTLE_MS);
      const update = decode('Update', UPDATE, bytes);
      if (update['none'] !== undefined) {
        endpoints.clear();
        exists = objectAt(update, 'none')['exists'] === true;
      }
      for (const { item } of itemsAt(update, 'remove', 'addresses')) endpoints.delete(keyOf(item));
      const shared = labelsIn(objectAt(update, 'add'));
      for (const { item } of itemsAt(update, 'add', 'endpoints')) endpoints.set(keyOf(objectAt(item, 'address')), endpointIn(item, shared));
    }
  } finally {
    clearTimeout(timer);
  }
  asked.signal?.throwIfAborted();
  const sorted = [...endpoints].sort(([left], [right]) => (left < right ? -1 : 1)).map(([, endpoint]) => endpoint);
  return { exists, endpoints: sorted };
}

const keyOf = (address: Body): string => `${ipIn(objectAt(address, 'ip'))}:${numberAt(address, 'port') ?? 0}`;

/** @param shared labels of all of them */
export function endpointIn(item: Body, shared: Readonly<Record<string, string>> = {}): Endpoint {
  const hint = objectAt(item, 'hint');
  return {
    address: ipIn(objectAt(item, 'address', 'ip')),
    port: numberAt(item, 'address', 'port') ?? 0,
    weight: numberAt(item, 'weight') ?? 0,
    identity: stringAt(item, 'identity', 'dns', 'name') ?? stringAt(item, 'identity', 'uri', 'uri'),
    protocol: hint['h2'] !== undefined ? 'h2' : hint['opaque'] !== undefined ? 'opaque' : undefined,
    labels: { ...shared, ...labelsIn(item) },
  };
}
