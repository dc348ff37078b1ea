import { podAddresses } from '../../model/pod-addresses.ts';
import type { Resource } from '../../model/resource.ts';
import type { TapPeer } from '../../model/tap.ts';

/** A pod as one end of a request. */
export const podPeer = (pod: Resource): TapPeer => ({ namespace: pod.namespace, pod: pod.name, address: podAddresses(pod)[0] });
