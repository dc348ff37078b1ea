/** Addresses → who they belong to. */
import { itemsAt, stringAt, stringMapAt, stringsAt } from '../model/body.ts';
import { groupBy } from '../model/maps.ts';
import { podAddresses } from '../model/pod-addresses.ts';
import type { Resource } from '../model/resource.ts';
import type { TapEvent, TapPeer } from '../model/tap.ts';

export interface AddressBook {
  /** What is known of both ends, by their addresses. */
  named(event: TapEvent): TapEvent;
  knows(address: string): boolean;
}

export function addressBook(pods: readonly Resource[], services: readonly Resource[]): AddressBook {
  const byAddress = new Map<string, TapPeer>();
  const selecting = groupBy(services, ({ namespace }) => namespace);
  for (const service of services) {
    const name = `${service.name}.${service.namespace}`;
    for (const { value } of stringsAt(service.body, 'spec', 'clusterIPs'))
      byAddress.set(value, { namespace: service.namespace, service: name });
    const ip = stringAt(service.body, 'spec', 'clusterIP');
    if (ip !== undefined && ip !== 'None' && ip !== '') byAddress.set(ip, { namespace: service.namespace, service: name });
  }
  for (const pod of pods) {
    // On the host's network the address is the node's, and that of many.
    if (pod.body['spec'] && (pod.body['spec'] as { readonly hostNetwork?: unknown }).hostNetwork === true) continue;
    const peer = { ...peerOf(pod), service: serviceOf(pod, selecting.get(pod.namespace) ?? []) };
    for (const address of podAddresses(pod)) byAddress.set(address, peer);
  }
  const known = (peer: TapPeer): TapPeer => {
    const found = peer.address === undefined ? undefined : byAddress.get(peer.address);
    if (!found) return peer;
    // Thousands a second come by here: what the source knows itself goes before, field by field.
    return {
      namespace: peer.namespace ?? found.namespace,
      pod: peer.pod ?? found.pod,
      workload: peer.workload ?? found.workload,
      service: peer.service ?? found.service,
      address: peer.address,
      port: peer.port,
      identity: peer.identity,
    };
  };
  return {
    named: (event) => ({ ...event, source: known(event.source), destination: known(event.destination) }),
    knows: (address) => byAddress.has(address),
  };
}

/** The first by name of the services that select the pod. */
function serviceOf({ labels }: Resource, services: readonly Resource[]): string | undefined {
  const own = services.filter(({ body }) => {
    const selector = Object.entries(stringMapAt(body, 'spec', 'selector'));
    return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
  });
  const [first] = own.sort((left, right) => (left.name < right.name ? -1 : 1));
  return first && `${first.name}.${first.namespace}`;
}

const peerOf = (pod: Resource): TapPeer => ({ namespace: pod.namespace, pod: pod.name, workload: workloadOf(pod) });

/** By who owns it: of a ReplicaSet the name without its hash is the Deployment's. */
function workloadOf({ body, name, labels }: Resource): string {
  const owners = itemsAt(body, 'metadata', 'ownerReferences').map(({ item }) => item);
  const owner = owners.find(({ controller }) => controller === true) ?? owners[0];
  const ownerName = stringAt(owner, 'name');
  if (ownerName === undefined) return name;
  const hash = labels['pod-template-hash'];
  return stringAt(owner, 'kind') === 'ReplicaSet' && hash && ownerName.endsWith(`-${hash}`)
    ? ownerName.slice(0, -hash.length - 1)
    : ownerName;
}
