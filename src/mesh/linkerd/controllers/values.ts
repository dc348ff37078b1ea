/** Values that the answers of Linkerd's controllers have in common. */
import { numberAt, objectAt, stringAt } from '../../../model/body.ts';
import type { Body } from '../../../model/resource.ts';

/** `10.244.0.7`, `fd00:0:0:0:0:0:0:7`; empty when there is none. */
export function ipIn(ip: Body): string {
  const v4 = numberAt(ip, 'ipv4');
  if (v4 !== undefined) return [24, 16, 8, 0].map((shift) => (v4 >>> shift) & 255).join('.');
  const { first, last } = objectAt(ip, 'ipv6');
  if (first === undefined && last === undefined) return '';
  return [first, last]
    .flatMap((half) => [48n, 32n, 16n, 0n].map((shift) => (BigInt((half as bigint | undefined) ?? 0) >> shift) & 0xffffn))
    .map((part) => part.toString(16))
    .join(':');
}

export interface Described {
  /** Empty for what is no object of Kubernetes, such as a default. */
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** What an answer says that something is: an object, or a default by its name. */
export function describedIn(metadata: Body): Described | undefined {
  const name = stringAt(metadata, 'default') ?? stringAt(metadata, 'resource', 'name');
  if (name === undefined) return undefined;
  return { kind: stringAt(metadata, 'resource', 'kind') ?? '', namespace: stringAt(metadata, 'resource', 'namespace') ?? '', name };
}

/** The texts of a map. */
export const labelsIn = (message: Body): Readonly<Record<string, string>> => objectAt(message, 'labels') as Record<string, string>;
