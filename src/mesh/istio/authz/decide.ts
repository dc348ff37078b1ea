/**
 * What policies make of a request, in the order in which Envoy asks them: a service outside (CUSTOM), those that deny, those
 * that allow. Policies that audit, and those on trial, decide nothing.
 * @see https://istio.io/latest/docs/concepts/security/#implicit-enablement
 */
import type { AuthzPolicy, AuthzRule, Verdict } from '../../../model/authz.ts';
import { optionsOf } from '../../../model/truth.ts';
import { quotedList } from '../../../text/words.ts';

interface Hit {
  readonly policy: AuthzPolicy;
  readonly rule: AuthzRule;
}

const hits = (policies: readonly AuthzPolicy[], action: string, is: 'yes' | 'open' | 'no'): readonly Hit[] =>
  policies
    .filter((policy) => policy.action === action && !policy.isDryRun)
    .flatMap((policy) => policy.rules.filter((rule) => rule.is === is).map((rule) => ({ policy, rule })));

const nameOf = ({ policy: { policy } }: Pick<Hit, 'policy'>): string => `${policy.kind} ${policy.namespace}/${policy.name}`;

const nearestFrom = (found: readonly Hit[]): Verdict['nearest'] =>
  found.map(({ policy, rule }) => ({ policy: policy.policy, rule: rule.number, conditions: rule.unmet }));

/** @param policies of one place, with each rule judged for the request */
export function decide(policies: readonly AuthzPolicy[]): Verdict {
  const [denying] = hits(policies, 'DENY', 'yes');
  if (denying) {
    const because = `Rule ${denying.rule.number} of ${nameOf(denying)} denies it: ${denying.rule.text}.`;
    return { is: 'denied', because, by: byOf(denying), options: [], nearest: [] };
  }
  const allowance = decideAllowed(policies);
  if (allowance.is === 'denied') return allowance;
  const undecided = hits(policies, 'DENY', 'open');
  if (undecided.length > 0) {
    const names = quotedNames(undecided);
    const options = [...new Set([...optionsOf(undecided.flatMap(({ rule }) => rule.unmet)), ...allowance.options])].sort();
    return {
      is: 'depends',
      because: `${names} may deny it, by what was not told of the request.`,
      options,
      nearest: [...nearestFrom(undecided), ...(allowance.is === 'depends' ? allowance.nearest : [])],
    };
  }
  return allowance.is === 'allowed' ? decideAsked(policies, allowance) : allowance;
}

function decideAllowed(policies: readonly AuthzPolicy[]): Verdict {
  const allowing = policies.filter(({ action, isDryRun }) => action === 'ALLOW' && !isDryRun);
  if (allowing.length === 0)
    return { is: 'allowed', because: 'No policy that allows applies, so that all is let in that none denies.', options: [], nearest: [] };
  const [allowed] = hits(policies, 'ALLOW', 'yes');
  if (allowed) {
    const because = `Rule ${allowed.rule.number} of ${nameOf(allowed)} allows it: ${allowed.rule.text}.`;
    return { is: 'allowed', because, by: byOf(allowed), options: [], nearest: [] };
  }
  const undecided = hits(policies, 'ALLOW', 'open');
  if (undecided.length > 0) {
    return {
      is: 'depends',
      because: `${quotedNames(undecided)} may allow it, by what was not told of the request.`,
      options: optionsOf(undecided.flatMap(({ rule }) => rule.unmet)),
      nearest: nearestFrom(undecided),
    };
  }
  const missed = [...hits(policies, 'ALLOW', 'no')].sort((left, right) => left.rule.unmet.length - right.rule.unmet.length);
  const names = quotedNames(allowing.map((policy) => ({ policy })));
  const because =
    missed.length === 0
      ? `${names} ${allowing.length === 1 ? 'has' : 'have'} no rules, which lets in nothing.`
      : `${names} ${allowing.length === 1 ? 'applies' : 'apply'}, and no rule ${allowing.length === 1 ? 'of it ' : ''}matches.`;
  return { is: 'denied', because, options: [], nearest: nearestFrom(missed.slice(0, 1)) };
}

/** Once nothing else is in the way, what is asked decides. */
function decideAsked(policies: readonly AuthzPolicy[], allowance: Verdict): Verdict {
  const [asking] = hits(policies, 'CUSTOM', 'yes');
  if (asking) {
    return {
      is: 'asks',
      because: `Rule ${asking.rule.number} of ${nameOf(asking)} has a service outside decide. ${allowance.because}`,
      by: byOf(asking),
      options: [],
      nearest: [],
    };
  }
  const undecided = hits(policies, 'CUSTOM', 'open');
  if (undecided.length === 0) return allowance;
  return {
    is: 'depends',
    because: `${quotedNames(undecided)} may have a service outside decide.`,
    options: optionsOf(undecided.flatMap(({ rule }) => rule.unmet)),
    nearest: nearestFrom(undecided),
  };
}

const byOf = ({ policy, rule }: Hit): NonNullable<Verdict['by']> => ({ policy: policy.policy, rule: rule.number });

function quotedNames(found: readonly Pick<Hit, 'policy'>[]): string {
  const names = [...new Set(found.map(({ policy }) => `${policy.policy.namespace}/${policy.policy.name}`))];
  const [first] = found;
  return names.length === 1 && first ? nameOf(first) : `AuthorizationPolicies ${quotedList(names)}`;
}
