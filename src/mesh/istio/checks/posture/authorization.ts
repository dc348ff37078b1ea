/** Whether requests are refused unless somebody allowed them. */
import { itemsAt, listAt, objectAt, stringAt, stringsAt } from '../../../../model/body.ts';
import type { Affected, Check } from '../../../../model/check.ts';
import { concerns } from '../../../../model/check-scope.ts';
import { labelsMatch } from '../../../../model/labels.ts';
import { groupBy } from '../../../../model/maps.ts';
import type { Body, Resource } from '../../../../model/resource.ts';
import { count } from '../../../../text/words.ts';
import { DEPLOYMENT, NAMESPACE, POD, postureCheck } from '../../../checks/posture/traits.ts';
import { AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION } from '../../kinds.ts';
import { hasTargetRefs, selectorOf } from '../../workload-policies.ts';
import { rootNamespace } from './configuration.ts';
import { type PolicedWorkload, policedWorkloads } from './workloads.ts';

const BEST_PRACTICES = 'https://istio.io/latest/docs/ops/best-practices/security/';

/** A trial run is logged, not enforced. */
const isEnforced = ({ annotations }: Resource): boolean => annotations['istio.io/dry-run'] !== 'true';

const actionOf = ({ body }: Resource): string => stringAt(body, 'spec', 'action') ?? 'ALLOW';

const rulesOf = ({ body }: Resource): readonly Body[] => itemsAt(body, 'spec', 'rules').map(({ item }) => item);

/** Refuses what no other policy allows: ALLOW without rules. */
const isDefaultDeny = (policy: Resource): boolean =>
  actionOf(policy) === 'ALLOW' && rulesOf(policy).length === 0 && !hasTargetRefs(policy) && Object.keys(selectorOf(policy)).length === 0;

const applies = (policy: Resource, { resource, labels }: PolicedWorkload, root: string): boolean =>
  !hasTargetRefs(policy) &&
  (policy.namespace === root || policy.namespace === resource.namespace) &&
  labelsMatch(selectorOf(policy), labels);

export const defaultDeny: Check = postureCheck({
  id: 'istio/posture-default-deny',
  title: 'Requests in the mesh are refused unless a policy allows them.',
  why: 'A workload without an AuthorizationPolicy that allows something answers everybody who can reach it.',
  docs: `${BEST_PRACTICES}#use-default-deny-patterns`,
  reads: [POD, DEPLOYMENT, AUTHORIZATION_POLICY],
  run: async (facts) => {
    const root = await rootNamespace(facts);
    const policies = (await facts.list(AUTHORIZATION_POLICY)).filter(isEnforced);
    const denies = policies.filter(isDefaultDeny);
    const whole = denies.find(({ namespace }) => namespace === root);
    if (whole)
      return { is: 'ok', reason: `AuthorizationPolicy "${whole.name}" of namespace "${root}" refuses what no other policy allows.` };
    const allowing = policies.filter((policy) => actionOf(policy) === 'ALLOW');
    const workloads = groupBy(
      (await policedWorkloads(facts)).filter(({ isGateway }) => !isGateway),
      ({ resource }) => resource.namespace,
    );
    const affected = [...workloads].sort().flatMap(([namespace, group]): readonly Affected[] => {
      if (denies.some((policy) => policy.namespace === namespace)) return [];
      const open = group.filter((workload) => !allowing.some((policy) => applies(policy, workload, root)));
      const detail =
        open.length === 0
          ? 'Every workload of today has a policy that allows something, but a new one would be open to all.'
          : `${count(open.length, 'workload')} of ${group.length}, such as "${open[0]?.resource.name}", ${open.length === 1 ? 'answers' : 'answer'} everybody.`;
      return [{ resource: { apiVersion: 'v1', kind: NAMESPACE, namespace: '', name: namespace }, detail }];
    });
    const [first] = affected;
    if (!first) return { is: 'ok', reason: `${count(workloads.size, 'namespace')}.` };
    return {
      is: 'warning',
      reason: `${count(affected.length, 'namespace')} with workloads of the mesh ${affected.length === 1 ? 'has' : 'have'} no policy that refuses what is not allowed.`,
      hint: `Allow what is needed first; then apply an AuthorizationPolicy with "spec: {}" in namespace "${root}" for the whole mesh, or in "${first.resource.name}".`,
      affected,
    };
  },
});

export const authorizationNarrow: Check = postureCheck({
  id: 'istio/posture-authorization-narrow',
  title: 'No AuthorizationPolicy allows everything to everybody.',
  why: 'One policy that allows everything makes all others that allow something pointless.',
  docs: `${BEST_PRACTICES}#authorization-policies`,
  reads: [POD, DEPLOYMENT, AUTHORIZATION_POLICY],
  run: async (facts) => {
    const root = await rootNamespace(facts);
    const workloads = await policedWorkloads(facts);
    const policies = (await facts.list(AUTHORIZATION_POLICY)).filter((policy) => isEnforced(policy) && concerns(facts, policy));
    const allowing = policies.filter((policy) => actionOf(policy) === 'ALLOW' && !hasTargetRefs(policy));
    const affected = allowing.flatMap((resource): readonly Affected[] => {
      const detail = breadthOf(resource);
      // A gateway is there for everybody.
      const reached = detail !== undefined && workloads.some((workload) => !workload.isGateway && applies(resource, workload, root));
      return reached ? [{ resource, detail }] : [];
    });
    if (affected.length === 0) return { is: 'ok', reason: `${allowing.length} with action ALLOW.` };
    return {
      is: 'warning',
      reason: 'Policies allow more than they seem to.',
      hint: 'Name the clients in "from.source.principals" or "from.source.namespaces", or the requests in "to.operation".',
      affected,
    };
  },
});

function breadthOf(policy: Resource): string | undefined {
  for (const rule of rulesOf(policy)) {
    if (listAt(rule, 'to').length > 0 || listAt(rule, 'when').length > 0) continue;
    const sources = itemsAt(rule, 'from').map(({ item }) => objectAt(item, 'source'));
    if (sources.length === 0) return 'One of its rules has no condition, and allows every request.';
    const isOpen = sources.some(
      (source) => Object.keys(source).length === 1 && stringsAt(source, 'principals').some(({ value }) => value === '*'),
    );
    if (isOpen) return 'The principal "*" stands for every workload of every mesh that is trusted.';
  }
  return undefined;
}

export const tokensRequired: Check = postureCheck({
  id: 'istio/posture-tokens-required',
  title: 'Where tokens are validated, a policy also demands one.',
  why: 'A RequestAuthentication refuses invalid tokens only: a request without any token passes.',
  docs: 'https://istio.io/latest/docs/reference/config/security/request_authentication/',
  reads: [DEPLOYMENT, AUTHORIZATION_POLICY, REQUEST_AUTHENTICATION],
  run: async (facts) => {
    const root = await rootNamespace(facts);
    const policies = (await facts.list(AUTHORIZATION_POLICY)).filter((policy) => isEnforced(policy) && asksForToken(policy));
    const validating = (await facts.list(REQUEST_AUTHENTICATION)).filter(
      (authentication) => concerns(facts, authentication) && itemsAt(authentication.body, 'spec', 'jwtRules').length > 0,
    );
    const affected = validating.filter((authentication) => !policies.some((policy) => meets(policy, authentication, root)));
    const [first] = affected;
    if (!first)
      return { is: 'ok', reason: validating.length === 0 ? 'No tokens are validated.' : `${validating.length} of ${validating.length}.` };
    return {
      is: 'warning',
      reason: 'Requests without a token pass, for no AuthorizationPolicy asks for one.',
      hint: `Apply an AuthorizationPolicy for the same workloads in namespace "${first.namespace}" with "action: DENY" and the rule "from: [{ source: { notRequestPrincipals: ['*'] } }]".`,
      affected: affected.map((resource) => ({ resource })),
    };
  },
});

/** Any mention of what only a token gives. Who leaves the decision to a server of his own (CUSTOM) asks there. */
function asksForToken(policy: Resource): boolean {
  if (actionOf(policy) === 'CUSTOM') return true;
  return rulesOf(policy).some(
    (rule) =>
      itemsAt(rule, 'from').some(({ item }) =>
        ['requestPrincipals', 'notRequestPrincipals'].some((field) => listAt(item, 'source', field).length > 0),
      ) || itemsAt(rule, 'when').some(({ item }) => /^request\.auth\./.test(stringAt(item, 'key') ?? '')),
  );
}

/** The policy has a workload in common with the validation, as far as their selectors tell: neither excludes the other. */
function meets(policy: Resource, authentication: Resource, root: string): boolean {
  const isNear = policy.namespace === authentication.namespace || policy.namespace === root || authentication.namespace === root;
  if (!isNear) return false;
  if (hasTargetRefs(policy) || hasTargetRefs(authentication))
    return targetsOf(policy).some((target) => targetsOf(authentication).includes(target));
  const [own, other] = [selectorOf(policy), selectorOf(authentication)];
  return Object.entries(own).every(([key, value]) => other[key] === undefined || other[key] === value);
}

function targetsOf({ body }: Resource): readonly string[] {
  const refs = [...itemsAt(body, 'spec', 'targetRefs').map(({ item }) => item), objectAt(body, 'spec', 'targetRef')];
  return refs.map((ref) => `${stringAt(ref, 'kind') ?? ''} ${stringAt(ref, 'name') ?? ''}`).filter((name) => name !== ' ');
}
