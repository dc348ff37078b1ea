/** Who may call a workload of Istio: policies and proxies → what applies → what becomes of a request. */
import { MeshctlError } from '../../../errors.ts';
import type { Authorization, Authorize, AuthzPolicy, AuthzRequest, Verdict } from '../../../model/authz.ts';
import { stringAt, stringsAt } from '../../../model/body.ts';
import type { Facts } from '../../../model/check.ts';
import { friendlyName, quotedRef, type Resource, shortKind } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import type { Workload } from '../../../model/workloads.ts';
import { AUTHORIZATION_POLICY, POD, SERVICE } from '../kinds.ts';
import { meshConfig } from '../mesh-config.ts';
import { waypointOf } from '../waypoints.ts';
import { servicesOf } from '../workload-ports.ts';
import type { Place } from './attributes.ts';
import { decide } from './decide.ts';
import { podOf, policiesOf, policyDifferences } from './in-proxies.ts';
import { mutualTlsFor, type Peering } from './peering.ts';
import { type Applied, type Enforcer, enforcersOf, enforcerTitle, policiesAt } from './policies.ts';
import { asEnforced, policyRow } from './policy-rows.ts';
import { type AskedPort, portMeant } from './ports.ts';
import type { Reader } from './rule.ts';
import type { PathNormalization } from './text-match.ts';
import { type Tokens, tokensFor } from './tokens.ts';

export const authorize: Authorize = async ({ target, workloads }, resources, { request, facts }) => {
  const [workload] = workloads;
  if (!workload) throw noPods(target);
  const services = target.kind === SERVICE ? [target] : servicesOf(workload, resources);
  // Who calls the address of a pod goes past the waypoint of its services.
  const isPod = target.kind === POD;
  const enforcers = enforcersOf(workload, isPod ? [] : services, resources);
  const asked = request && portMeant(request, workload, services);
  const peering = mutualTlsFor(workload, asked?.request, services, resources);
  const notes: string[] = [...(asked?.notes ?? []), ...peering.notes, ...(isPod ? pastWaypoints(services, resources) : [])];
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
    const compared = facts && (await comparedWith({ enforcer, workload, resources, facts }, applied));
    policies.push(...rows.map((row) => ({ ...row, isInProxy: compared?.present?.has(`${row.policy.namespace}/${row.policy.name}`) })));
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

const pastWaypoints = (services: readonly Resource[], resources: ResourceSet): readonly string[] =>
  services.flatMap((service) => {
    const use = waypointOf(service, service.labels, 'service', resources);
    if (!use) return [];
    return [
      `Requests to ${friendlyName(service)} go through waypoint ${use.namespace}/${use.name}, those to the pod's own address do not: ask for svc/${service.name}.`,
    ];
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

interface Asked {
  readonly enforcer: Enforcer;
  readonly workload: Workload;
  readonly resources: ResourceSet;
  readonly facts: Facts;
}

interface Compared {
  /** Undefined when the proxy did not answer. */
  readonly present?: ReadonlySet<string>;
  readonly differences: readonly string[];
  readonly notes: readonly string[];
}

async function comparedWith({ enforcer, workload, resources, facts }: Asked, applied: readonly Applied[]): Promise<Compared> {
  const pod = podOf(enforcer, workload, resources);
  if (!pod) return { differences: [], notes: [`No pod of the ${enforcerTitle(enforcer)} was found, so that it was not asked.`] };
  const asked = await policiesOf(enforcer, pod, facts);
  if (asked.is === 'silent') return { differences: [], notes: [asked.because] };
  const { missing, strange } = policyDifferences(
    applied.map(({ policy }) => policy),
    asked.value,
    { enforcer, workload, resources },
  );
  const proxy = `the proxy of ${quotedRef(pod)}`;
  return {
    present: asked.value,
    notes: [],
    differences: [
      ...missing.map((policy) => `${friendlyName(policy)} applies, but ${proxy} does not have it.`),
      ...strange.map((name) => `AuthorizationPolicy ${name} is gone or does not apply here, but ${proxy} has it.`),
    ],
  };
}

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
