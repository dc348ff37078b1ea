/**
 * How values of AuthorizationPolicies match, as istiod has Envoy compare them.
 * @see https://istio.io/latest/docs/reference/config/security/authorization-policy/#Rule
 */
import { isWithin, parseAddress, parseNetwork } from '../../../text/ip-network.ts';

/** Exact, `prefix*`, `*suffix`, or `*` for anything that is there. */
export function textFits(pattern: string, value: string): boolean {
  if (pattern === '*') return value !== '';
  if (pattern.startsWith('*')) return value.endsWith(pattern.slice(1));
  return pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern;
}

/** Names of hosts are compared without regard to case. */
export const hostFits = (pattern: string, value: string): boolean => textFits(pattern.toLowerCase(), value.toLowerCase());

const SPIFFE = 'spiffe://';

/**
 * Principals are written without `spiffe://`, which certificates have: exact values and prefixes get it put before them.
 * @param uri of the certificate
 */
export function principalFits(pattern: string, uri: string): boolean {
  if (pattern.startsWith('*')) return pattern === '*' ? uri !== '' : uri.endsWith(pattern.slice(1));
  return textFits(`${SPIFFE}${pattern}`, uri);
}

/** A star stands for any characters, wherever it is. */
export function namespaceFits(pattern: string, value: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(value);
}

/** @param block an address or a CIDR */
export function addressFits(block: string, address: string): boolean {
  const network = block.includes('/') ? parseNetwork(block) : parseAddress(block);
  const own = parseAddress(address);
  return network !== undefined && own !== undefined && isWithin(own, [network]);
}

const isTemplate = (pattern: string): boolean => /\{\*{1,2}\}/.test(pattern);

/**
 * `{*}` stands for one segment, `{**}` for any number of them, none included; a path with either is a template, in which a
 * plain star means nothing special.
 * @param path without query and fragment
 */
export function pathFits(pattern: string, path: string): boolean {
  if (!isTemplate(pattern)) return textFits(pattern, path);
  const parts = pattern.split(/(\{\*\*\}|\{\*\})/).map((part) => {
    if (part === '{**}') return '.*';
    return part === '{*}' ? '[^/]+' : part.replace(/[.+?^${}()|[\]\\*]/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`).test(path);
}

export type PathNormalization = 'NONE' | 'BASE' | 'MERGE_SLASHES' | 'DECODE_AND_MERGE_SLASHES';

/**
 * The path as policies see it.
 * @see https://istio.io/latest/docs/ops/best-practices/security/#understand-path-normalization-in-authorization-policies
 */
export function policyPath(written: string, normalization: PathNormalization): string {
  const path = written.replace(/[?#].*$/s, '');
  if (normalization === 'NONE') return path;
  const decoded = normalization === 'DECODE_AND_MERGE_SLASHES' ? path.replace(/%2f/gi, '/').replace(/%5c/gi, '\\') : path;
  const plain = withoutDots(decoded.replaceAll('\\', '/').replace(/%2e/gi, '.'));
  return normalization === 'BASE' ? plain : plain.replace(/\/{2,}/g, '/');
}

/** Takes out `.` and `..` as RFC 3986 has it. */
function withoutDots(path: string): string {
  if (!/\/\.\.?(?:\/|$)/.test(path)) return path;
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const segment of segments) {
    if (segment === '..') kept.pop();
    else if (segment !== '.') kept.push(segment);
  }
  const isFolder = /\/\.\.?$/.test(path);
  return `/${kept.join('/')}${isFolder && kept.length > 0 ? '/' : ''}`;
}
