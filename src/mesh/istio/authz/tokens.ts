/**
 * What RequestAuthentications make of the token of a request: without one a request passes, with one that is not valid it is
 * answered with 401 before any policy is asked.
 * @see https://istio.io/latest/docs/reference/config/security/request_authentication/
 */
import type { AuthzRequest, Verdict } from '../../../model/authz.ts';
import { itemsAt, stringAt } from '../../../model/body.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { quotedList } from '../../../text/words.ts';
import { REQUEST_AUTHENTICATION } from '../kinds.ts';
import { splitPrincipal } from './attributes.ts';
import { type Enforcer, policiesAt } from './policies.ts';

export interface Tokens {
  /** What policies see of the token: nothing where nobody reads it. */
  principal(given: string | undefined): string | undefined;
  readonly refusal: Verdict | undefined;
  readonly notes: readonly string[];
}

export function tokensFor(enforcer: Enforcer, workload: Workload, request: AuthzRequest | undefined, resources: ResourceSet): Tokens {
  const applied = enforcer.kind === 'ztunnel' ? [] : policiesAt(enforcer, workload, REQUEST_AUTHENTICATION, resources);
  const given = request?.requestPrincipal;
  if (applied.length === 0) {
    const notes =
      given === undefined || given === 'none' || enforcer.kind === 'ztunnel'
        ? []
        : ['No RequestAuthentication applies, so that no token is read.'];
    return { principal: () => 'none', refusal: undefined, notes };
  }
  const names = applied.map(({ policy }) => `${policy.namespace}/${policy.name}`);
  const issuers = applied.flatMap(({ policy }) =>
    itemsAt(policy.body, 'spec', 'jwtRules').flatMap(({ item }) => stringAt(item, 'issuer') ?? []),
  );
  const notes = [
    `RequestAuthentication ${quotedList(names)} reads tokens of ${issuers.length === 0 ? 'no issuer' : quotedList(issuers)}: a request without one passes on to the policies, one with an invalid token is answered with 401.`,
  ];
  const [issuer] = given === undefined || given === 'none' ? [] : splitPrincipal(given);
  const [first] = applied;
  if (issuer === undefined || issuers.includes(issuer) || !first || issuers.length === 0)
    return { principal: (principal) => principal, refusal: undefined, notes };
  const by = { policy: { kind: 'RequestAuthentication', namespace: first.policy.namespace, name: first.policy.name } };
  const because = `Tokens of issuer "${issuer}" are not known to RequestAuthentication ${quotedList(names)}: the answer is 401.`;
  return { principal: (principal) => principal, refusal: { is: 'denied', because, by, options: [], nearest: [] }, notes };
}
