/** A policy that applies as a row of the answer: its rules in words, each judged, and what is out of the ordinary about it. */
import type { AuthzPolicy, AuthzRequest, AuthzRule } from '../../../model/authz.ts';
import { stringAt } from '../../../model/body.ts';
import type { Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { unmet } from '../../../model/truth.ts';
import { AUTHORIZATION_POLICY } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import type { Place } from './attributes.ts';
import { type Applied, type Enforcer, enforcerTitle } from './policies.ts';
import { clausesIn, isUnseen, partsOf, type Reader, ruleMatches, rulesOf } from './rule.ts';
import { ruleText } from './rule-text.ts';

interface Judging {
  readonly resources: ResourceSet;
  readonly request: AuthzRequest | undefined;
  readonly reader: Reader;
  readonly place: Place;
}

export function policyRow(
  { policy, scope, target }: Applied,
  enforcer: Enforcer,
  { request, reader, place, resources }: Judging,
): AuthzPolicy {
  const action = stringAt(policy.body, 'spec', 'action') ?? 'ALLOW';
  const isDryRun = TRUE.has(policy.annotations['istio.io/dry-run'] ?? '');
  const rules = rulesOf(policy.body).map((rule, index): AuthzRule => {
    const judged = request && ruleMatches(rule, { request, place, reader, action, owner: policy.namespace });
    return { number: index + 1, text: ruleText(rule), is: judged?.is, unmet: judged ? unmet(judged) : [] };
  });
  const isUnknown = enforcer.kind === 'ztunnel' && (action === 'CUSTOM' || action === 'AUDIT');
  return {
    policy: { kind: 'AuthorizationPolicy', namespace: policy.namespace, name: policy.name },
    action,
    scope: scope === 'target' ? (target ?? scope) : scope,
    enforcedBy: enforcerTitle(enforcer),
    isDryRun: isDryRun || isUnknown,
    remarks: [
      ...(isDryRun ? ['It is on trial (istio.io/dry-run): what it would do is only logged.'] : []),
      ...(isUnknown ? [`ztunnel does not know the action ${action} and leaves the policy out.`] : []),
      ...(enforcer.kind === 'ztunnel' ? ztunnelRemarks(policy, action) : []),
      ...providerRemarks(policy, action, resources),
      ...(rules.length === 0 && action === 'ALLOW' ? ['It has no rules: it lets in nothing.'] : []),
    ],
    rules,
  };
}

/** As Go's `strconv.ParseBool` reads it; anything else leaves the policy in force. */
const TRUE: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);

/** A policy that asks a provider that the mesh does not know denies what it matches. */
export function asEnforced(row: AuthzPolicy, resources: ResourceSet): AuthzPolicy {
  const policy = resources.get(AUTHORIZATION_POLICY, row.policy.namespace, row.policy.name);
  return row.action === 'CUSTOM' && policy && isProviderMissing(policy, resources) ? { ...row, action: 'DENY' } : row;
}

/** Providers stand in the mesh configuration; without it nothing is known of them. */
function isProviderMissing({ body }: Resource, resources: ResourceSet): boolean {
  const mesh = resources.derive(meshConfig);
  return mesh.resource !== undefined && !mesh.extensionProviders.has(stringAt(body, 'spec', 'provider', 'name') ?? '');
}

function providerRemarks(policy: Resource, action: string, resources: ResourceSet): readonly string[] {
  const { body } = policy;
  const provider = stringAt(body, 'spec', 'provider', 'name');
  if (action !== 'CUSTOM' || provider === undefined) return [];
  const missing = isProviderMissing(policy, resources)
    ? ' The mesh configuration has no such provider: what the policy matches is denied.'
    : '';
  return [`It asks provider "${provider}".${missing}`];
}

function ztunnelRemarks(policy: Resource, action: string): readonly string[] {
  return rulesOf(policy.body).flatMap((rule, index): readonly string[] => {
    const clauses = clausesIn(partsOf(rule));
    const unseen = clauses.filter(({ attribute }) => isUnseen(attribute, 'ztunnel'));
    const [first] = unseen;
    if (!first) return [];
    const what = `Rule ${index + 1} asks for ${first.field.replace(/^(?:from\.source|to\.operation)\./, '')}, which ztunnel does not see`;
    if (action === 'ALLOW') return [`${what}: the rule allows nothing.`];
    return [unseen.length === clauses.length ? `${what}: the rule has no effect.` : `${what}: the rest of the rule denies more.`];
  });
}
