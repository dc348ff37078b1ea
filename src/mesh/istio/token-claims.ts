/** The name of a claim of a token where a VirtualService would have that of a header: `@request.auth.claims.group`, `…claims[group]`. */
const CLAIM = /^@request\.auth\.claims(?:\..|\[.+\]$)/i;

/** True for a header of a match that is no header: the gateway looks the claim up in the token that it has validated. */
export function isTokenClaim(header: string): boolean {
  return CLAIM.test(header);
}
