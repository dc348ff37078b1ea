/** Entries of MeshTrafficPermissions: whom each is for, and whether that is the client of a request. */
import type { AuthzRequest, Client, Condition, Truth } from '../../../model/authz.ts';
import { itemsAt, objectAt, stringAt, stringMapAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { allOf } from '../../../model/truth.ts';
import { type Dataplane, dataplaneOf, namesService } from './dataplane.ts';

export interface Entry {
  readonly policy: Resource;
  readonly action: 'ALLOW' | 'DENY';
  readonly by: 'identity' | 'tags';
  readonly text: string;
  readonly condition: Condition;
}

export function entriesOf(policy: Resource, request: AuthzRequest | undefined, resources: ResourceSet): readonly Entry[] {
  const byTags = itemsAt(policy.body, 'spec', 'from').map(({ item }): Entry => {
    const ref = objectAt(item, 'targetRef');
    const action = stringAt(item, 'default', 'action') === 'Deny' ? 'DENY' : 'ALLOW';
    return { policy, action, by: 'tags', text: refText(ref), condition: tagCondition(ref, request, resources) };
  });
  const byIdentity = itemsAt(policy.body, 'spec', 'rules').flatMap(({ item }) =>
    (['deny', 'allow', 'allowWithShadowDeny'] as const).flatMap((field) =>
      itemsAt(item, 'default', field).map(
        ({ item: match }): Entry => ({
          policy,
          action: field === 'deny' ? 'DENY' : 'ALLOW',
          by: 'identity',
          text: identityText(match),
          condition: identityCondition(match, request),
        }),
      ),
    ),
  );
  return [...byIdentity, ...byTags];
}

export function refText(ref: Body): string {
  const kind = stringAt(ref, 'kind') ?? 'Mesh';
  const wanted = Object.entries({ ...stringMapAt(ref, 'tags'), ...stringMapAt(ref, 'labels') }).map(([key, value]) => `${key}=${value}`);
  const name = stringAt(ref, 'name');
  return [
    kind === 'Mesh' && wanted.length === 0 ? 'the whole mesh' : kind,
    ...(name === undefined ? [] : [name]),
    ...(wanted.length === 0 ? [] : [wanted.join(',')]),
  ].join(' ');
}

const matchersOf = (match: Body): readonly { readonly name: 'spiffeID' | 'sni'; readonly type: string; readonly value: string }[] =>
  (['spiffeID', 'sni'] as const).flatMap((name) => {
    const value = stringAt(match, name, 'value');
    return value === undefined ? [] : [{ name, value, type: stringAt(match, name, 'type') ?? 'Exact' }];
  });

const identityText = (match: Body): string =>
  matchersOf(match)
    .map(({ name, type, value }) => `${name} ${value}${type === 'Prefix' ? '*' : ''}`)
    .join(' and ') || 'anybody';

const UNTOLD = 'not told';

function identityCondition(match: Body, request: AuthzRequest | undefined): Condition {
  const parts = matchersOf(match).map(({ name, type, value }): Condition => {
    if (name === 'sni') {
      const is: Truth = request?.sni === undefined ? 'open' : request.sni === value ? 'yes' : 'no';
      return { field: 'sni', is, because: `${request?.sni ?? UNTOLD}; it takes ${value}`, options: ['--sni'] };
    }
    const own = spiffeOf(request?.from, value);
    const is: Truth =
      own === undefined ? 'open' : own === '' ? 'no' : (type === 'Prefix' ? own.startsWith(value) : own === value) ? 'yes' : 'no';
    return {
      field: 'spiffeID',
      is,
      because: `${own === undefined ? UNTOLD : own === '' ? 'the client has no identity' : `"${own}"`}; it takes "${value}${type === 'Prefix' ? '*' : ''}"`,
      options: ['--from'],
    };
  });
  const is = allOf(parts.map((each) => each.is));
  return parts.find((each) => each.is === is) ?? { field: 'spiffeID', is: 'yes', because: 'anybody', options: [] };
}

/** Trust domains are made up for each mesh and zone, so that a client without one is taken to be of the one that is asked for. */
function spiffeOf(from: Client | 'none' | undefined, pattern: string): string | undefined {
  if (from === undefined) return undefined;
  if (from === 'none' || from.unproven !== undefined) return '';
  const [, asked = ''] = /^spiffe:\/\/([^/]*)/.exec(pattern) ?? [];
  return `spiffe://${from.trustDomain ?? asked}/ns/${from.namespace}/sa/${from.serviceAccount}`;
}

function tagCondition(ref: Body, request: AuthzRequest | undefined, resources: ResourceSet): Condition {
  const field = 'from.targetRef';
  const wanted = refText(ref);
  const from = request?.from;
  if (from === undefined) return { field, is: 'open', because: `${UNTOLD}; it takes ${wanted}`, options: ['--from'] };
  if (from === 'none' || from.unproven !== undefined)
    return { field, is: 'no', because: `the client has no identity of the mesh; it takes ${wanted}`, options: [] };
  const client = dataplaneOf({ ...from, labels: from.labels }, resources);
  const is = refMatches(ref, client);
  const because = is === 'open' ? `the tags of ${from.title} were not told; it takes ${wanted}` : `${from.title} is not ${wanted}`;
  return { field, is, because, options: ['--from deploy/…'] };
}

function refMatches(ref: Body, { tags, isWhole }: Dataplane): Truth {
  const unknown: Truth = isWhole ? 'no' : 'open';
  const wanted = Object.entries({ ...stringMapAt(ref, 'tags'), ...stringMapAt(ref, 'labels') });
  const byTags = wanted.map(
    ([key, value]): Truth => (tags.get(key) === undefined ? unknown : tags.get(key)?.includes(value) ? 'yes' : 'no'),
  );
  const kind = stringAt(ref, 'kind') ?? 'Mesh';
  if (kind === 'Mesh' || kind === 'MeshSubset' || kind === 'Dataplane') return allOf(byTags);
  if (kind !== 'MeshService' && kind !== 'MeshServiceSubset') return 'no';
  return allOf([...byTags, namesService(stringAt(ref, 'name') ?? '', tags) ? 'yes' : unknown]);
}
