/** Who may reach a port of a pod, as the policy controller tells the pod's proxy. */
import { EXIT, MeshctlError } from '../../../errors.ts';
import { itemsAt, numberAt, objectAt, stringsAt } from '../../../model/body.ts';
import type { Cluster } from '../../../model/cluster.ts';
import type { Body, Ref } from '../../../model/resource.ts';
import { decode, encode } from '../../../text/protobuf.ts';
import { PORT_SPEC, SERVER } from './messages.ts';
import { type Described, describedIn, ipIn, labelsIn } from './values.ts';

const PORT = 8090;
const METHOD = 'io.linkerd.proxy.inbound.InboundServerPolicies/GetPort';

interface Authorization {
  /** `group`, `kind` and `name` of what authorizes. */
  readonly labels: Readonly<Record<string, string>>;
  /** `10.0.0.0/8`, each with what is not meant. */
  readonly networks: readonly { readonly net: string; readonly except: readonly string[] }[];
  /** `meshed`: with whatever identity; `tls`: also without one; `anyone`: also without TLS. Otherwise names; `*.shop` is a suffix. */
  readonly clients: 'anyone' | 'tls' | 'meshed' | readonly string[];
}

interface PolicyRoute {
  readonly described: Described | undefined;
  readonly authorizations: readonly Authorization[];
}

export interface InboundPolicy {
  readonly protocol: 'detect' | 'opaque' | 'tls' | 'http1' | 'http2' | 'grpc' | 'unknown';
  /** How long the protocol is waited for. */
  readonly detectMs: number | undefined;
  /** `group`, `kind` and `name` of the Server, or of the default. */
  readonly labels: Readonly<Record<string, string>>;
  readonly authorizations: readonly Authorization[];
  readonly routes: readonly PolicyRoute[];
}

export interface PortOfPod {
  readonly pod: Pick<Ref, 'namespace' | 'name'>;
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * @param controller a pod of the policy controller, which runs beside the destination controller
 * @throws MeshctlError E_GRPC_NOT_FOUND for a pod that it does not know
 */
export async function inboundPolicy(cluster: Cluster, controller: Ref, { pod, port, signal }: PortOfPod): Promise<InboundPolicy> {
  const asked = encode(PORT_SPEC, { workload: `${pod.namespace}:${pod.name}`, port });
  for await (const bytes of cluster.podPort(controller, PORT).call(METHOD, asked, { signal }))
    return policyIn(decode('Server', SERVER, bytes));
  const message = `The policy controller has no policy of port ${port} of Pod ${pod.namespace}/${pod.name}.`;
  throw new MeshctlError('E_LINKERD', message, { exit: EXIT.unreachable });
}

const PROTOCOLS = ['detect', 'opaque', 'tls', 'http1', 'http2', 'grpc'] as const;

function policyIn(server: Body): InboundPolicy {
  const kinds = objectAt(server, 'protocol');
  const protocol = PROTOCOLS.find((kind) => kinds[kind] !== undefined) ?? 'unknown';
  return {
    protocol,
    detectMs: numberAt(kinds, 'detect', 'timeout'),
    labels: labelsIn(server),
    authorizations: authorizationsIn(server),
    routes: itemsAt(kinds, protocol, 'routes').map(({ item }) => ({
      described: describedIn(objectAt(item, 'metadata')),
      authorizations: authorizationsIn(item),
    })),
  };
}

const authorizationsIn = (holder: Body): readonly Authorization[] =>
  itemsAt(holder, 'authorizations').map(({ item }) => ({
    labels: labelsIn(item),
    networks: itemsAt(item, 'networks').map(({ item: each }) => ({
      net: networkIn(objectAt(each, 'net')),
      except: itemsAt(each, 'except').map((exception) => networkIn(exception.item)),
    })),
    clients: clientsIn(objectAt(item, 'clients')),
  }));

const networkIn = (network: Body): string => `${ipIn(objectAt(network, 'ip'))}/${numberAt(network, 'prefix') ?? 0}`;

function clientsIn(clients: Body): Authorization['clients'] {
  if (clients['anyone'] !== undefined) return 'anyone';
  if (objectAt(clients, 'mesh')['anyone'] !== undefined) return 'tls';
  const named = objectAt(clients, 'mesh', 'named');
  const names = itemsAt(named, 'identities').map(({ item }) => String(item['name'] ?? ''));
  const suffixes = itemsAt(named, 'suffixes').map(({ item }) => ['*', ...stringsAt(item, 'parts').map(({ value }) => value)].join('.'));
  // A suffix of nothing is whoever has an identity.
  return suffixes.includes('*') ? 'meshed' : [...names, ...suffixes];
}
