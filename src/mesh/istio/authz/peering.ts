/** What mutual TLS has to say before any policy is asked: who is refused for plain text, and who cannot show an identity. */
import type { AuthzRequest, Client, Verdict } from '../../../model/authz.ts';
import { friendlyName } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { isProxyOnly } from '../injection.ts';
import { peerAuthentications } from '../peer-authentication.ts';
import { bypassesSidecar } from '../workload-ports.ts';

export interface Peering {
  /** The client as the proxy knows it. */
  from(client: Client | 'none' | undefined): Client | 'none' | undefined;
  /** Undefined when the connection comes about. */
  readonly refusal: Verdict | undefined;
  readonly notes: readonly string[];
}

export function mutualTlsFor(workload: Workload, request: AuthzRequest | undefined, resources: ResourceSet): Peering {
  const plain: Peering = { from: (client) => client, refusal: undefined, notes: [] };
  if (!request || isProxyOnly(workload)) return plain;
  const { from, port } = request;
  if (port !== undefined && bypassesSidecar(workload, port)) {
    const because = `Port ${port} is left out of the sidecar by an annotation of the pod, so that no policy is asked.`;
    return { ...plain, refusal: { is: 'allowed', because, options: [], nearest: [] } };
  }
  const { mode, policy, ports, portPolicy } = resources.derive(peerAuthentications).modeFor(workload.namespace, workload.labels);
  const own = port === undefined ? undefined : ports.get(port);
  const [effective, source] = own === undefined ? [mode, policy] : [own, portPolicy];
  const named = source ? friendlyName(source) : 'the default of the mesh';
  const isPlain = from === 'none' || (from !== undefined && from.unproven !== undefined);
  if (effective === 'STRICT' && isPlain) {
    const why = from === 'none' ? 'a client outside the mesh speaks plain text' : `${from.title} speaks plain text: ${from.unproven}`;
    const by = source && { policy: { kind: 'PeerAuthentication', namespace: source.namespace, name: source.name } };
    const because = `Mutual TLS is demanded by ${named}, and ${why}: the connection is closed before any policy is asked.`;
    return { ...plain, refusal: { is: 'denied', because, by, options: [], nearest: [] } };
  }
  if (effective !== 'DISABLE' || from === undefined || from === 'none') return plain;
  const unproven = `${named} switches mutual TLS off, so that the client shows no identity`;
  return { ...plain, from: (client) => (client === undefined || client === 'none' ? client : { ...client, unproven }) };
}
