/** Who may call a workload of Istio: policies and proxies → what applies → what becomes of a request. */
import { MeshctlError } from '../../../errors.ts';
import type { Authorization, Authorize, AuthzPolicy, AuthzRequest, AuthzRule, Verdict } from '../../../model/authz.ts';
import { stringAt, stringsAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import { friendlyName, quotedRef, type Resource, shortKind } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { unmet } from '../../../model/truth.ts';
import type { Workload } from '../../../model/workloads.ts';
import { AUTHORIZATION_POLICY, SERVICE } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { handlingOfPort, servicesOf, workloadPorts } from '../workload-ports.ts';
import type { Place } from './attributes.ts';
import { decide } from './decide.ts';
import { podOf, policiesOf } from './in-proxies.ts';
import { mutualTlsFor, type Peering } from './peering.ts';
import { type Applied, type Enforcer, enforcersOf, enforcerTitle, policiesAt } from './policies.ts';
import { clausesIn, isUnseen, partsOf, type Reader, ruleMatches, rulesOf } from './rule.ts';
import { ruleText } from './rule-text.ts';
import type { PathNormalization } from './text-match.ts';
import { type Tokens, tokensFor } from './tokens.ts';

export const authorize: Authorize = async ({ target, workloads }, resources, { request, facts }) => {
  const [workload] = workloads;
  if (!workload) throw noPods(target);
  const services = target.kind === SERVICE ? [target] : servicesOf(workload, resources);
  const enforcers = enforcersOf(workload, services, resources);
  const asked = request && portOf(request, workload, services);
  const peering = mutualTlsFor(workload, asked?.request, services, resources);
  const notes: string[] = [...(asked?.notes ?? []), ...peering.notes];
  const differences: string[] = [];
  const policies: AuthzPolicy[] = [];
  const verdicts: Verdict[] = [];
  for (const [index, enforcer] of enforcers.entries()) {
    if (enforcer.kind === 'nobody') {
      notes.push(`${quotedRef(workload.resource)} has no proxy, so that nothing enforces policies: whoever reaches its address is let in.`);
      verdicts.push(allowed('It has no proxy that would ask policies.'));
      continue;
    }
    const applied = policiesAt(enforcer, workload, AUTHORIZATION_POLICY, resources);
    const tokens = tokensFor(enforcer, workload, asked?.request, resources);
    const behind = enforcers[index - 1]?.gateway;
    const judged =
      asked &&
      atPlace(asked.request, { peering, tokens, waypoint: enforcer.kind === 'ztunnel' ? behind : undefined, isFirst: index === 0 });
    const reader = readerAt(enforcer, judged, asked?.handling);
    const rows = applied.map((each) =>
      policyRow(each, enforcer, { request: judged, reader, place: placeOf(workload, resources), resources }),
    );
    const compared = facts && (await comparedWith(enforcer, podOf(enforcer, workload, resources), rows, facts));
    policies.push(...(compared?.rows ?? rows));
    differences.push(...(compared?.differences ?? []));
    notes.push(...tokens.notes, ...(compared?.notes ?? []), ...(judged ? readerNotes(reader, judged, enforcer) : []));
    if (behind && enforcer.kind === 'ztunnel' && index > 0) notes.push(waypointNote(behind));
    if (judged)
      verdicts.push(tokens.refusal ?? (index === 0 ? peering.refusal : undefined) ?? decide(rows.map((row) => asEnforced(row, resources))));
  }
  const order = ['CUSTOM', 'DENY', 'ALLOW', 'AUDIT'];
  const placed = enforcers.map(enforcerTitle);
  const inOrder = [...policies].sort(
    (left, right) =>
      placed.indexOf(left.enforcedBy) - placed.indexOf(right.enforcedBy) || order.indexOf(left.action) - order.indexOf(right.action),
  );
  return {
    title: titleOf(workload, resources),
    policies: inOrder,
    otherwise: otherwiseOf(inOrder, enforcers),
    notes: [...new Set(notes)],
    differences,
    verdict: asked && combined(verdicts),
  } satisfies Authorization;
};

const allowed = (because: string): Verdict => ({ is: 'allowed', because, options: [], nearest: [] });

function noPods(target: Resource): MeshctlError {
  return new MeshctlError('E_TARGET', `${quotedRef(target)} has no pods, so that no proxy lets anybody in.`, {
    hint: `Look at its selector and at its pods with "meshctl describe ${shortKind(target.kind).toLowerCase()}/${target.name} -n ${target.namespace}".`,
  });
}

function titleOf({ resource, podSpec }: Workload, resources: ResourceSet): string {
  const account = stringAt(podSpec, 'serviceAccountName') || 'default';
  const { trustDomain } = resources.derive(meshConfig);
  return `${friendlyName(resource)}, as ${trustDomain}/ns/${resource.namespace}/sa/${account}`;
}

interface AskedPort {
  readonly request: AuthzRequest;
  readonly handling: ReturnType<typeof handlingOfPort> | undefined;
  readonly notes: readonly string[];
}

/** Policies are asked with the port of the pod; whoever names that of a Service means the one it leads to. */
function portOf(request: AuthzRequest, workload: Workload, services: readonly Resource[]): AskedPort {
  const ports = workloadPorts(workload, services);
  const wanted = request.port;
  const own = ports.find(({ port }) => port === wanted);
  if (wanted === undefined) {
    const served = ports.filter((port) => port.services.length > 0);
    const [only] = served.length > 0 ? served : ports;
    if (!only || (served.length > 0 ? served : ports).length > 1) return { request, handling: undefined, notes: [] };
    return { request: { ...request, port: only.port }, handling: handlingOfPort(only), notes: [] };
  }
  if (own) return { request, handling: handlingOfPort(own), notes: [] };
  const behind = ports.find((port) => port.services.some((each) => each.port === wanted));
  if (!behind) return { request, handling: 'detected', notes: [] };
  const notes = [`Port ${wanted} is the Service's; policies are asked with the pod's, ${behind.port}.`];
  return { request: { ...request, port: behind.port }, handling: handlingOfPort(behind), notes };
}

interface Circumstances {
  readonly peering: Peering;
  readonly tokens: Tokens;
  /** The waypoint that speaks for the client here. */
  readonly waypoint: Resource | undefined;
  readonly isFirst: boolean;
}

/** The request as a proxy sees it: a client in plain text has no identity, a token that nobody reads is none. */
function atPlace(request: AuthzRequest, { peering, tokens, waypoint, isFirst }: Circumstances): AuthzRequest {
  const from = waypoint && !isFirst ? waypointClient(waypoint) : peering.from(request.from);
  return { ...request, from, requestPrincipal: tokens.principal(request.requestPrincipal) };
}

const waypointClient = ({ namespace, name }: Resource): NonNullable<AuthzRequest['from']> => ({
  namespace,
  serviceAccount: name,
  title: `waypoint ${namespace}/${name}`,
});

const waypointNote = ({ namespace, name }: Resource): string =>
  `Requests for the service come through waypoint ${namespace}/${name}, so that ztunnel sees the identity of the waypoint: ${namespace}/${name}.`;

function readerAt({ kind }: Enforcer, request: AuthzRequest | undefined, handling: AskedPort['handling']): Reader {
  if (kind === 'ztunnel') return 'ztunnel';
  if (kind !== 'sidecar') return 'http';
  return handling === 'TCP' || (handling === 'UDP' && request !== undefined) ? 'tcp' : 'http';
}

function readerNotes(reader: Reader, { port, path, method, host, headers }: AuthzRequest, enforcer: Enforcer): readonly string[] {
  const isHttp = [path, method, host].some((each) => each !== undefined) || headers.size > 0;
  if (reader === 'tcp' && isHttp) return [`Port ${port} is declared as TCP: its proxy sees connections, and neither methods nor paths.`];
  if (reader === 'ztunnel' && isHttp && enforcer.kind === 'ztunnel')
    return ['ztunnel sees connections, and neither methods nor paths: those are for a waypoint.'];
  return [];
}

function placeOf(workload: Workload, resources: ResourceSet): Place {
  const mesh = resources.derive(meshConfig);
  const normalization = stringAt(mesh.body, 'pathNormalization', 'normalization') ?? 'DEFAULT';
  return {
    trustDomains: [mesh.trustDomain, ...stringsAt(mesh.body, 'trustDomainAliases').map(({ value }) => value)],
    normalization: (normalization === 'DEFAULT' ? 'BASE' : normalization) as PathNormalization,
    address: stringAt(workload.resource.body, 'status', 'podIP'),
  };
}

interface Judging {
  readonly resources: ResourceSet;
  readonly request: AuthzRequest | undefined;
  readonly reader: Reader;
  readonly place: Place;
}

function policyRow({ policy, scope, target }: Applied, enforcer: Enforcer, { request, reader, place, resources }: Judging): AuthzPolicy {
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
function asEnforced(row: AuthzPolicy, resources: ResourceSet): AuthzPolicy {
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

async function comparedWith(
  enforcer: Enforcer,
  pod: Resource | undefined,
  rows: readonly AuthzPolicy[],
  facts: Facts,
): Promise<{ readonly rows: readonly AuthzPolicy[]; readonly differences: readonly string[]; readonly notes: readonly string[] }> {
  if (!pod) return { rows, differences: [], notes: [`No pod of the ${enforcerTitle(enforcer)} was found, so that it was not asked.`] };
  const asked = await policiesOf(enforcer, pod, facts);
  if (asked.is === 'silent') return { rows, differences: [], notes: [asked.because] };
  const names = new Set(rows.map(({ policy }) => `${policy.namespace}/${policy.name}`));
  const marked = rows.map((row) => ({ ...row, isInProxy: asked.value.has(`${row.policy.namespace}/${row.policy.name}`) }));
  const missing = marked.filter((row) => !row.isInProxy && isExpected(row, enforcer));
  // A ztunnel holds the policies of its whole node, a waypoint those of all its services.
  const strange =
    enforcer.kind === 'sidecar' || enforcer.kind === 'gateway' ? [...asked.value].filter((name) => !names.has(name)).sort() : [];
  return {
    rows: marked,
    notes: [],
    differences: [
      ...missing.map(
        ({ policy }) =>
          `AuthorizationPolicy ${policy.namespace}/${policy.name} applies, but the proxy of ${quotedRef(pod)} does not have it.`,
      ),
      ...strange.map(
        (name) =>
          `The proxy of ${quotedRef(pod)} has AuthorizationPolicy ${name}, which does not apply to it by configuration, or is gone.`,
      ),
    ],
  };
}

/** Policies without rules, and rules that connections cannot meet, leave no name behind in the proxy. */
const isExpected = ({ rules, action, isDryRun }: AuthzPolicy, { kind }: Enforcer): boolean =>
  rules.length > 0 && action !== 'AUDIT' && !(kind === 'ztunnel' && isDryRun);

function otherwiseOf(policies: readonly AuthzPolicy[], enforcers: readonly Enforcer[]): string {
  if (enforcers.every(({ kind }) => kind === 'nobody')) return 'Everything is let in: no proxy asks.';
  const closed = policies.filter(({ action, isDryRun }) => action === 'ALLOW' && !isDryRun);
  return closed.length > 0
    ? 'What no policy allows is denied, as one that allows applies.'
    : 'What no policy denies is allowed, as none that allows applies.';
}

/** Each proxy on the way must let it in. */
function combined(verdicts: readonly Verdict[]): Verdict {
  const first = (is: Verdict['is']): Verdict | undefined => verdicts.find((verdict) => verdict.is === is);
  const denied = first('denied');
  if (denied) return denied;
  const open = verdicts.filter(({ is }) => is === 'depends');
  const [depends] = open;
  if (depends) {
    return {
      ...depends,
      options: [...new Set(open.flatMap(({ options }) => options))].sort(),
      nearest: open.flatMap(({ nearest }) => nearest),
    };
  }
  const decided = verdicts.filter(({ by }) => by !== undefined);
  return first('asks') ?? decided[0] ?? verdicts.at(-1) ?? allowed('Nothing stands in its way.');
}
