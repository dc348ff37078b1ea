/** IP addresses as strictly as Go's `netip` reads them: no blanks, no leading zeros in IPv4. */
import { parseAddress } from '../../text/ip-network.ts';
import type { Flaw } from './_flaws.ts';

export function isIpAddress(text: string): boolean {
  const percent = text.indexOf('%');
  // Only IPv6 addresses have a zone, which must not be empty.
  const address = percent < 0 ? text : text.slice(0, percent);
  if (percent >= 0 && (!text.includes(':') || percent === text.length - 1)) return false;
  return !/(?:^|[.:])0\d+(?:\.|$)/.test(address) && parseAddress(address) !== undefined;
}

/** `10.0.0.0/8`. */
function isIpNetwork(text: string): boolean {
  const [, address = '', bits = ''] = /^([^/%]+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  return isIpAddress(address) && Number(bits) <= (address.includes(':') ? 128 : 32);
}

/** `10.0.0.1` or `10.0.0.0/8`. */
export function isAddressOrNetwork(text: string): boolean {
  return text.includes('/') ? isIpNetwork(text) : isIpAddress(text);
}

export const UNIX = 'unix://';

/** An abstract socket, or an absolute path that is none of a folder. */
function isUnixPath(path: string): boolean {
  return path.startsWith('@') || (path.startsWith('/') && !path.endsWith('/'));
}

export function* unixFlaws(address: string): Iterable<Flaw> {
  if (isUnixPath(address.slice(UNIX.length))) return;
  yield {
    path: [],
    message: `"${address}" is neither the absolute path of a file nor an abstract socket.`,
    fix: 'Write "unix:///path/to/socket" or "unix://@name".',
  };
}

export function* bindFlaws(bind: string): Iterable<Flaw> {
  if (isIpAddress(bind)) return;
  yield {
    path: [],
    message: `"${bind}" is not an IP address that a proxy could listen on.`,
    fix: 'Write an address such as "0.0.0.0", or remove the field.',
  };
}
