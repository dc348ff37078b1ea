/** Addresses and networks of IPv4 and IPv6, as numbers. */

export interface IpNetwork {
  readonly family: 4 | 6;
  /** The first address. */
  readonly first: bigint;
  readonly last: bigint;
}

/**
 * Reads `10.0.0.0/8` and `fd00::/8`. Bits of the address behind the prefix are ignored, as Go does.
 * @returns undefined for what is no network
 */
export function parseNetwork(text: string): IpNetwork | undefined {
  const [, address = '', prefix = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text.trim()) ?? [];
  const parsed = parseAddress(address);
  const width = parsed?.family === 4 ? 32 : 128;
  if (!parsed || Number(prefix) > width) return undefined;
  const free = BigInt(width - Number(prefix));
  const first = (parsed.first >> free) << free;
  return { family: parsed.family, first, last: first + (1n << free) - 1n };
}

/** A single address as the network of itself; undefined for what is none. */
export function parseAddress(text: string): IpNetwork | undefined {
  const four = parseIpv4(text);
  if (four !== undefined) return { family: 4, first: four, last: four };
  const six = parseIpv6(text);
  return six === undefined ? undefined : { family: 6, first: six, last: six };
}

/** True when every address of `inner` is in one of the networks. */
export function isWithin(inner: IpNetwork, networks: readonly IpNetwork[]): boolean {
  return networks.some(({ family, first, last }) => family === inner.family && first <= inner.first && inner.last <= last);
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n);
}

const GROUP = /^[0-9a-f]{1,4}$/i;

function parseIpv6(text: string): bigint | undefined {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return undefined;
  const front = groupsOf(head);
  const back = tail === undefined ? [] : groupsOf(tail);
  if (!front || !back) return undefined;
  const missing = 8 - front.length - back.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  return [...front, ...Array<string>(missing).fill('0'), ...back].reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n);
}

/** The last two groups may be written as IPv4: `::ffff:10.0.0.1`. */
function groupsOf(text: string): readonly string[] | undefined {
  if (text === '') return [];
  const groups = text.split(':').flatMap((group, index, all) => {
    const four = index === all.length - 1 ? parseIpv4(group) : undefined;
    return four === undefined ? [group] : [(four >> 16n).toString(16), (four & 0xffffn).toString(16)];
  });
  return groups.every((group) => GROUP.test(group)) ? groups : undefined;
}
