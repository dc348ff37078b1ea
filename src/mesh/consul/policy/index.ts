/**
 * Who may call a workload of Consul: intentions, the most precise first.
 * @see https://developer.hashicorp.com/consul/docs/connect/config-entries/service-intentions
 */
import { MeshctlError } from '../../../errors.ts';
import type { Authorize, AuthzPolicy, AuthzRequest, AuthzRule, Condition, Truth, Verdict } from '../../../model/authz.ts';
import { itemsAt, stringAt } from '../../../model/body.ts';
import { type Body, friendlyName, type Kind, quotedRef, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { allOf, optionsOf } from '../../../model/truth.ts';
import { verdict } from '../../../model/verdict.ts';
import { permissionConditions, permissionText } from './permissions.ts';
import { deniesByDefault, INTENTIONS, isHttp, isMeshed, PROXY_DEFAULTS, protocolOf, SERVICE_DEFAULTS, serviceName } from './service.ts';

export const AUTHZ_KINDS: readonly Kind[] = [INTENTIONS, SERVICE_DEFAULTS, PROXY_DEFAULTS];

/** One source of an intention. */
interface Source {
  readonly policy: Resource;
  readonly name: string;
  readonly body: Body;
  /** Of exact names the more the better: of the destination it counts more than of the source. */
  readonly precision: number;
}

export const authorize: Authorize = async ({ target, workloads }, resources, { request }) => {
  const [workload] = workloads;
  const name =
    workload &&
    (target.kind === 'core/Service' ? target.name : serviceName(workload.namespace, workload.labels, workload.annotations, resources));
  if (!workload || name === undefined) {
    const why = workload ? 'no Service leads to its pods, and no annotation names one' : 'it has no pods';
    throw new MeshctlError('E_TARGET', `${quotedRef(target)} is no service of Consul: ${why}.`, {
      hint: 'Intentions are about services: name one that has a Service.',
    });
  }
  const { protocol } = protocolOf(name, resources);
  const sources = sourcesFor(name, resources);
  const client = request && clientOf(request, resources);
  const policies = [...new Set(sources.map(({ policy }) => policy))];
  const denies = deniesByDefault(resources);
  const meshed = isMeshed(workload);
  return {
    title: `${friendlyName(workload.resource)}, as service "${name}" (${protocol})`,
    policies: policies.map((policy) =>
      rowOf(
        policy,
        sources.filter((source) => source.policy === policy),
        client,
      ),
    ),
    otherwise: standardText(denies),
    notes: [
      ...(meshed ? [] : [`${quotedRef(workload.resource)} has no proxy of Consul, so that nothing enforces intentions.`]),
      ...(sources.some(({ body }) => itemsAt(body, 'permissions').length > 0) && !isHttp(protocol)
        ? [`The protocol of "${name}" is ${protocol}: permissions of HTTP cannot be judged, and their sources are denied.`]
        : []),
    ],
    differences: [],
    verdict:
      request &&
      (meshed ? decided(sources, request, client, { protocol, denies }) : verdict('allowed', 'It has no proxy that would ask intentions.')),
  };
};

function standardText(denies: boolean | undefined): string {
  if (denies === undefined)
    return 'What no intention speaks of is as the servers have it: denied with access control lists, allowed without.';
  return denies
    ? 'What no intention speaks of is denied, as there are access control lists.'
    : 'What no intention speaks of is allowed, as there are no access control lists.';
}

/** Those for the service and those for all, the most precise first. */
export function sourcesFor(name: string, resources: ResourceSet): readonly Source[] {
  return resources
    .all(INTENTIONS)
    .flatMap((policy) => {
      const destination = stringAt(policy.body, 'spec', 'destination', 'name');
      if (destination !== name && destination !== '*') return [];
      return itemsAt(policy.body, 'spec', 'sources').map(({ item }): Source => {
        const source = stringAt(item, 'name') ?? '';
        return { policy, name: source, body: item, precision: (destination === '*' ? 0 : 2) + (source === '*' ? 0 : 1) };
      });
    })
    .sort((left, right) => right.precision - left.precision);
}

/** `undefined`: nobody knows; empty: a client outside the mesh. */
interface Caller {
  readonly name: string | undefined;
}

function clientOf({ from }: AuthzRequest, resources: ResourceSet): Caller {
  if (from === undefined) return { name: undefined };
  if (from === 'none' || from.unproven !== undefined) return { name: '' };
  // A service account that is called like a service belongs to it, as Consul demands where there are access control lists.
  return { name: serviceName(from.namespace, from.labels, {}, resources) ?? from.serviceAccount };
}

function sourceCondition({ name, body }: Source, client: Caller | undefined): Condition {
  const peer = stringAt(body, 'peer');
  const wanted = `${name === '*' ? 'any service' : `"${name}"`}${peer === undefined ? '' : ` of peer ${peer}`}`;
  const field = 'sources.name';
  if (client?.name === undefined) return { field, is: 'open', because: `not told; it is for ${wanted}`, options: ['--from'] };
  const is: Truth = peer !== undefined || client.name === '' ? 'no' : name === '*' || name === client.name ? 'yes' : 'no';
  return {
    field,
    is,
    because: client.name === '' ? `the client is no service of the mesh; it is for ${wanted}` : `"${client.name}" is not ${wanted}`,
    options: [],
  };
}

export function sourceText({ body, name }: Source): string {
  const permissions = itemsAt(body, 'permissions').map(({ item }) => permissionText(item));
  const who = name === '*' ? 'any service' : name;
  return permissions.length === 0 ? `${stringAt(body, 'action') ?? 'deny'} ${who}` : `${who}: ${permissions.join('; else ')}`;
}

function rowOf(policy: Resource, sources: readonly Source[], client: Caller | undefined): AuthzPolicy {
  const destination = stringAt(policy.body, 'spec', 'destination', 'name');
  return {
    policy: { kind: 'ServiceIntentions', namespace: policy.namespace, name: policy.name },
    action: 'INTENTION',
    scope: destination === '*' ? 'all services' : 'service',
    enforcedBy: 'consul-dataplane',
    isDryRun: false,
    remarks: [],
    rules: sources.map((source, index): AuthzRule => {
      const condition = sourceCondition(source, client);
      return {
        number: index + 1,
        text: sourceText(source),
        is: client ? condition.is : undefined,
        unmet: client && condition.is !== 'yes' ? [condition] : [],
      };
    }),
  };
}

interface Circumstances {
  readonly protocol: string;
  readonly denies: boolean | undefined;
}

/** The first source that is meant decides; behind those that may be, nothing is certain. */
function decided(
  sources: readonly Source[],
  request: AuthzRequest,
  client: Caller | undefined,
  { protocol, denies }: Circumstances,
): Verdict {
  if (client?.name === '') return verdict('denied', 'The client has no identity of the mesh, and proxies of Consul take mutual TLS only.');
  const conditions = sources.map((source) => ({ source, condition: sourceCondition(source, client) }));
  const open = conditions.filter(({ condition }) => condition.is === 'open');
  if (open.length > 0) {
    return verdict('depends', 'Intentions go by the service that calls, which was not told.', {
      options: optionsOf(open.map(({ condition }) => condition)),
    });
  }
  const hit = conditions.find(({ condition }) => condition.is === 'yes')?.source;
  if (!hit) return byDefault(denies, `No intention is for "${client?.name}"`);
  const own = sources.filter(({ policy }) => policy === hit.policy);
  const by = { policy: { kind: 'ServiceIntentions', namespace: hit.policy.namespace, name: hit.policy.name }, rule: own.indexOf(hit) + 1 };
  const permissions = itemsAt(hit.body, 'permissions').map(({ item }) => item);
  if (permissions.length === 0) {
    const is = stringAt(hit.body, 'action') === 'allow' ? 'allowed' : 'denied';
    return verdict(is, `${friendlyName(hit.policy)} says so: ${sourceText(hit)}.`, { by });
  }
  if (!isHttp(protocol))
    return verdict(
      'denied',
      `${friendlyName(hit.policy)} has permissions of HTTP for it, and the protocol is ${protocol}: the source is denied.`,
      { by },
    );
  return byPermissions(permissions, request, { by, denies, policy: hit.policy });
}

function byPermissions(
  permissions: readonly Body[],
  request: AuthzRequest,
  { by, denies, policy }: { readonly by: NonNullable<Verdict['by']>; readonly denies: boolean | undefined; readonly policy: Resource },
): Verdict {
  const open: Condition[] = [];
  for (const permission of permissions) {
    const conditions = permissionConditions(permission, request);
    const is = allOf(conditions.map((each) => each.is));
    if (is === 'no') continue;
    if (is === 'open') {
      open.push(...conditions.filter((each) => each.is === 'open'));
      continue;
    }
    if (open.length > 0) break;
    return verdict(
      stringAt(permission, 'action') === 'allow' ? 'allowed' : 'denied',
      `${friendlyName(policy)} says so: ${permissionText(permission)}.`,
      { by },
    );
  }
  if (open.length > 0)
    return verdict('depends', `The permissions of ${friendlyName(policy)} decide, by what was not told.`, { by, options: optionsOf(open) });
  return byDefault(denies, `None of the permissions of ${friendlyName(policy)} matches`, by);
}

function byDefault(denies: boolean | undefined, because: string, by?: Verdict['by']): Verdict {
  if (denies === undefined)
    return verdict('depends', `${because}: the default of the servers decides, which is to deny with access control lists.`, { by });
  return verdict(
    denies ? 'denied' : 'allowed',
    `${because}, and ${denies ? 'access control lists deny' : 'without access control lists all is allowed'} by default.`,
    { by },
  );
}
