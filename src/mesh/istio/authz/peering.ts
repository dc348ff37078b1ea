/** What mutual TLS has to say before any policy is asked: who is refused for plain text, and who cannot show an identity. */
import type { AuthzRequest, Client, Verdict } from '../../../model/authz.ts';
import { friendlyName, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { clientTls, destinationRules } from '../destination-rules.ts';
import { isProxyOnly } from '../injection.ts';
import { peerAuthentications } from '../peer-authentication.ts';
import { bypassesSidecar, workloadPorts } from '../workload-ports.ts';

export interface Peering {
  /** The client as the proxy knows it. */
  from(client: Client | 'none' | undefined): Client | 'none' | undefined;
  /** Undefined when the connection comes about. */
  readonly refusal: Verdict | undefined;
  readonly notes: readonly string[];
}

/** @param services that lead to the workload, by which clients call it */
export function mutualTlsFor(
  workload: Workload,
  asked: AuthzRequest | undefined,
  services: readonly Resource[],
  resources: ResourceSet,
): Peering {
  const request = asked && { ...asked, from: asSent(asked, workload, services, resources) };
  const plain: Peering = { from: (client) => (request ? request.from : client), refusal: undefined, notes: [] };
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
    const why = from === 'none' ? 'a client outside the mesh speaks plain text' : `${from.title} speaks plain text (${from.unproven})`;
    const by = source && { policy: { kind: 'PeerAuthentication', namespace: source.namespace, name: source.name } };
    const because = `Mutual TLS is demanded by ${named}, and ${why}: the connection is closed before any policy is asked.`;
    return { ...plain, refusal: { is: 'denied', because, by, options: [], nearest: [] } };
  }
  if (effective !== 'DISABLE' || from === undefined || from === 'none') return plain;
  const unproven = `${named} switches mutual TLS off, so that the client shows no identity`;
  return { ...plain, from: (client) => (client === undefined || client === 'none' ? client : { ...client, unproven }) };
}

/** A client whose DestinationRule has it send plain text, or TLS without its certificate, shows no identity. */
function asSent(
  { from, port }: AuthzRequest,
  workload: Workload,
  services: readonly Resource[],
  resources: ResourceSet,
): AuthzRequest['from'] {
  if (from === undefined || from === 'none' || from.unproven !== undefined) return from;
  const { clusterDomain } = resources.settings;
  const rules = resources.derive(destinationRules);
  const ways = workloadPorts(workload, services)
    .filter((each) => port === undefined || each.port === port)
    .flatMap((each) => each.services)
    .map(({ service, port: number }) => {
      const host = `${service.name}.${service.namespace}.svc.${clusterDomain}`;
      return clientTls(rules.of(host, service.namespace, from.namespace, from.labels), number, undefined);
    });
  const [first] = ways;
  if (!first?.rule || !ways.every(({ mode }) => mode === 'DISABLE' || mode === 'SIMPLE')) return from;
  return {
    ...from,
    unproven: `${friendlyName(first.rule)} has it send ${first.mode === 'DISABLE' ? 'plain text' : 'TLS without its certificate'}`,
  };
}
