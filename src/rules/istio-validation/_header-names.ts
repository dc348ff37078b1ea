/** Names of HTTP headers, which are looser for requests than for what Istio itself writes. */

import { isTokenClaim } from '../../mesh/istio/token-claims.ts';

const TOKEN = /^[!#$%&'*+\-.^_`|~A-Za-z0-9]+$/;

/** As RFC 9110 has it. */
export function isHeaderName(name: string): boolean {
  return TOKEN.test(name);
}

/** Names under which HTTP/2 carries what is no header. */
const PSEUDO: ReadonlySet<string> = new Set([':method', ':scheme', ':authority', ':path', ':status']);

/** A name by which requests can be matched. */
export function isMatchable(name: string): boolean {
  return isTokenClaim(name) || PSEUDO.has(name) || isHeaderName(name);
}

/** The two names of the host that a request is for. */
export function isAuthority(name: string): boolean {
  return /^(?::authority|host)$/i.test(name);
}

/** Headers that may only be changed by fields made for it. */
export function isInternal(name: string): boolean {
  return name.startsWith(':') || /^host$/i.test(name);
}
