/**
 * Who may call a workload of Kuma: MeshTrafficPermissions, by the tags of clients (`from`) or by their identities (`rules`).
 * @see https://kuma.io/docs/latest/policies/meshtrafficpermission/
 */
import { MeshctlError } from '../../../errors.ts';
import type { Authorize, AuthzPolicy, AuthzRequest, AuthzRule, Verdict } from '../../../model/authz.ts';
import { objectAt } from '../../../model/body.ts';
import { friendlyName, type Kind, quotedRef, type Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { optionsOf } from '../../../model/truth.ts';
import { verdict } from '../../../model/verdict.ts';
import { accountOf } from '../../describe/common.ts';
import { concerns, type Dataplane, dataplaneOf, MESH_IDENTITY, MESH_KIND, MESH_TLS, mutualTlsOf, specificity } from './dataplane.ts';
import { type Entry, entriesOf, refText } from './entries.ts';

const PERMISSION: Kind = 'kuma.io/MeshTrafficPermission';

export const AUTHZ_KINDS: readonly Kind[] = [PERMISSION, MESH_KIND, MESH_IDENTITY, MESH_TLS];

export const authorize: Authorize = async ({ target, workloads }, resources, { request }) => {
  const [workload] = workloads;
  if (!workload) {
    throw new MeshctlError('E_TARGET', `${quotedRef(target)} has no pods, so that no proxy lets anybody in.`, {
      hint: 'Look at its selector, and at the pods of its namespace.',
    });
  }
  const own = dataplaneOf({ ...workload, serviceAccount: accountOf(workload) }, resources);
  const { mode, from } = mutualTlsOf(own, resources);
  const applied = permissionsFor(own, resources);
  const entries = applied.flatMap((policy) => entriesOf(policy, request, resources));
  const source = from.map(friendlyName).join(', ') || `Mesh ${own.mesh}`;
  return {
    title: `${friendlyName(workload.resource)}, of Mesh ${own.mesh}`,
    policies: applied.map((policy) =>
      rowOf(
        policy,
        entries.filter((entry) => entry.policy === policy),
        request !== undefined,
      ),
    ),
    otherwise:
      mode === 'off'
        ? 'Everything is let in: without mutual TLS permissions have no effect.'
        : 'What no MeshTrafficPermission allows is denied.',
    notes:
      mode === 'off'
        ? [`${source} has no mutual TLS.`]
        : mode === 'permissive'
          ? [`${source} takes plain text too, to which permissions do not apply.`]
          : [],
    differences: [],
    verdict: request && decided(entries, request, mode, source),
  };
};

/** The one that means least first. */
function permissionsFor(dataplane: Dataplane, resources: ResourceSet): readonly Resource[] {
  return resources
    .all(PERMISSION)
    .filter((policy) => concerns(policy, dataplane, resources) && policy.labels['kuma.io/effect'] !== 'shadow')
    .sort((left, right) => specificity(left) - specificity(right) || (left.name < right.name ? 1 : -1));
}

function rowOf(policy: Resource, entries: readonly Entry[], isJudged: boolean): AuthzPolicy {
  const actions = [...new Set(entries.map(({ action }) => action))];
  return {
    policy: { kind: 'MeshTrafficPermission', namespace: policy.namespace, name: policy.name },
    action: actions.join('/') || 'NONE',
    scope: refText(objectAt(policy.body, 'spec', 'targetRef')),
    enforcedBy: 'kuma-sidecar',
    isDryRun: false,
    remarks: [],
    rules: entries.map(
      (entry, index): AuthzRule => ({
        number: index + 1,
        text: `${entry.action === 'DENY' ? 'denies' : 'allows'} ${entry.text}`,
        is: isJudged ? entry.condition.is : undefined,
        unmet: isJudged && entry.condition.is !== 'yes' ? [entry.condition] : [],
      }),
    ),
  };
}

/** Denials by identity go before all else; of entries by tags the most specific decides, which stands last. */
function decided(entries: readonly Entry[], request: AuthzRequest, mode: 'off' | 'permissive' | 'strict', source: string): Verdict {
  if (mode === 'off') return verdict('allowed', `${source} has no mutual TLS, so that no permission is asked.`);
  const isPlain = request.from === 'none' || (request.from !== undefined && request.from.unproven !== undefined);
  if (isPlain) {
    return mode === 'permissive'
      ? verdict('allowed', `It comes in plain text, which ${source} takes without asking for permission.`)
      : verdict('denied', `Mutual TLS is demanded by ${source}, and the client shows no identity.`);
  }
  const identity = entries.filter(({ by }) => by === 'identity');
  const ordered = [
    ...identity.filter(({ action }) => action === 'DENY'),
    ...identity.filter(({ action }) => action === 'ALLOW'),
    ...entries.filter(({ by }) => by === 'tags').reverse(),
  ];
  const open: Entry[] = [];
  for (const entry of ordered) {
    if (entry.condition.is === 'no') continue;
    if (entry.condition.is === 'open') {
      open.push(entry);
      continue;
    }
    const otherwise = open.filter(({ action }) => action !== entry.action);
    if (otherwise.length > 0) return undecided(otherwise, entries);
    const is = entry.action === 'DENY' ? 'denied' : 'allowed';
    return verdict(is, `${friendlyName(entry.policy)} ${is === 'denied' ? 'denies' : 'allows'} it: ${entry.text}.`, {
      by: byOf(entry, entries),
    });
  }
  const allowing = open.filter(({ action }) => action === 'ALLOW');
  if (allowing.length > 0) return undecided(allowing, entries);
  const missed = ordered.filter(({ action }) => action === 'ALLOW').slice(0, 3);
  return verdict(
    'denied',
    missed.length === 0 ? 'No MeshTrafficPermission allows anybody.' : 'No MeshTrafficPermission that allows is for this client.',
    { nearest: missed.map((entry) => nearOf(entry, entries)) },
  );
}

const undecided = (open: readonly Entry[], entries: readonly Entry[]): Verdict =>
  verdict('depends', `${[...new Set(open.map(({ policy }) => friendlyName(policy)))].join(', ')} may decide it, by what was not told.`, {
    options: optionsOf(open.map(({ condition }) => condition)),
    nearest: open.map((entry) => nearOf(entry, entries)),
  });

function byOf({ policy, ...entry }: Entry, entries: readonly Entry[]): NonNullable<Verdict['by']> {
  const own = entries.filter((each) => each.policy === policy);
  return {
    policy: { kind: 'MeshTrafficPermission', namespace: policy.namespace, name: policy.name },
    rule: own.findIndex(({ condition }) => condition === entry.condition) + 1,
  };
}

const nearOf = (entry: Entry, entries: readonly Entry[]): Verdict['nearest'][number] => {
  const { policy, rule = 1 } = byOf(entry, entries);
  return { policy, rule, conditions: [entry.condition] };
};
