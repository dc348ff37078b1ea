import { itemsAt, stringAt } from '../../model/body.ts';
import type { Resource } from '../../model/resource.ts';
import type { TapPeer } from '../../model/tap.ts';

/** All addresses of a pod, the first of them as a rule the one it is known by. */
export const addressesIn = ({ body }: Resource): readonly string[] => [
  ...itemsAt(body, 'status', 'podIPs').flatMap(({ item }) => stringAt(item, 'ip') ?? []),
  ...[stringAt(body, 'status', 'podIP') ?? []].flat(),
];

/** A pod as one end of a request. */
export const podPeer = (pod: Resource): TapPeer => ({ namespace: pod.namespace, pod: pod.name, address: addressesIn(pod)[0] });
