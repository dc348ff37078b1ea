/**
 * Who is authorized at a Server or at one of its routes: AuthorizationPolicies with what they require, and the older ServerAuthorizations.
 * @see https://linkerd.io/2/reference/authorization-policy/
 */
import { has, itemsAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import { labelSelectorMatches } from '../../../model/labels.ts';
import { type Body, friendlyName, type Resource, shortKind } from '../../../model/resource.ts';
import type { ResourceSet } from '../../../model/resource-set.ts';
import { AUTHORIZATION_POLICY, MESH_TLS_AUTHENTICATION, NETWORK_AUTHENTICATION, SERVER_AUTHORIZATION } from '../kinds.ts';
import type { DefaultPolicy } from './settings.ts';

export interface Network {
  readonly cidr: string;
  readonly except: readonly string[];
}

/** Who may call; `any` needs no identity, `tls` any TLS of the mesh without one. */
export type Clients =
  | { readonly is: 'any' }
  | { readonly is: 'tls' }
  | { readonly is: 'identified'; readonly identities: readonly string[]; readonly accounts: readonly Account[] };

export interface Account {
  readonly namespace: string;
  /** Undefined for all of the namespace. */
  readonly name: string | undefined;
}

export interface Authorization {
  readonly policy: Resource | undefined;
  /** What it is attached to, in words. */
  readonly scope: string;
  readonly clients: Clients;
  /** Empty: from everywhere. */
  readonly networks: readonly Network[];
  /** Why it authorizes nobody; undefined when it does. */
  readonly ignored?: string | undefined;
}

const ANYBODY: Clients = { is: 'any' };
const IDENTIFIED: Clients = { is: 'identified', identities: ['*'], accounts: [] };

/** What a default policy, or the access policy of a Server, authorizes by itself. */
export function ofAccessPolicy(
  policy: DefaultPolicy | string,
  scope: string,
  clusterNetworks: readonly string[],
): readonly Authorization[] {
  const networks = policy.startsWith('cluster-') ? clusterNetworks.map((cidr) => ({ cidr, except: [] })) : [];
  if (policy === 'audit' || policy.endsWith('-unauthenticated')) return [{ policy: undefined, scope, clients: ANYBODY, networks }];
  return policy.endsWith('-authenticated') ? [{ policy: undefined, scope, clients: IDENTIFIED, networks }] : [];
}

/** Those for the whole Server: attached to it, or to its namespace. */
export function authorizationsAt(server: Resource, resources: ResourceSet): readonly Authorization[] {
  const policies = resources.inNamespace(AUTHORIZATION_POLICY, server.namespace).flatMap((policy) => {
    const target = objectAt(policy.body, 'spec', 'targetRef');
    const [kind, name] = [stringAt(target, 'kind'), stringAt(target, 'name')];
    if (kind === 'Server' && name === server.name) return [ofPolicy(policy, friendlyName(server), resources)];
    return kind === 'Namespace' && name === server.namespace ? [ofPolicy(policy, `namespace ${server.namespace}`, resources)] : [];
  });
  const older = resources.inNamespace(SERVER_AUTHORIZATION, server.namespace).filter((each) => isFor(each, server));
  return [...policies, ...older.map((each) => ofServerAuthorization(each, friendlyName(server)))].sort(byName);
}

/** Those for one route alone. */
export function authorizationsOf(route: Resource, resources: ResourceSet): readonly Authorization[] {
  return resources
    .inNamespace(AUTHORIZATION_POLICY, route.namespace)
    .filter(({ body }) => {
      const target = objectAt(body, 'spec', 'targetRef');
      const group = stringAt(target, 'group') ?? '';
      return (
        stringAt(target, 'kind') === shortKind(route.kind) && stringAt(target, 'name') === route.name && route.kind.startsWith(`${group}/`)
      );
    })
    .map((policy) => ofPolicy(policy, friendlyName(route), resources))
    .sort(byName);
}

const byName = (left: Authorization, right: Authorization): number => ((left.policy?.name ?? '') < (right.policy?.name ?? '') ? -1 : 1);

/** All that it requires must hold; what it requires and does not exist makes it void. */
function ofPolicy(policy: Resource, scope: string, resources: ResourceSet): Authorization {
  let clients: Clients = ANYBODY;
  let networks: readonly Network[] = [];
  for (const { item } of itemsAt(policy.body, 'spec', 'requiredAuthenticationRefs')) {
    const [kind, name = ''] = [stringAt(item, 'kind'), stringAt(item, 'name')];
    const namespace = stringAt(item, 'namespace') ?? policy.namespace;
    if (kind === 'ServiceAccount') {
      clients = { is: 'identified', identities: [], accounts: [{ namespace, name }] };
      continue;
    }
    const known = kind === 'NetworkAuthentication' ? NETWORK_AUTHENTICATION : MESH_TLS_AUTHENTICATION;
    const required = resources.get(known, namespace, name);
    if (!required) {
      return { policy, scope, clients, networks, ignored: `${kind} ${namespace}/${name}, which it requires, does not exist` };
    }
    if (known === NETWORK_AUTHENTICATION) networks = networksOf(required.body, 'networks');
    else clients = clientsOf(required);
  }
  return { policy, scope, clients, networks };
}

function networksOf(body: Body, field: string): readonly Network[] {
  return itemsAt(body, 'spec', field).map(({ item }) => ({
    cidr: stringAt(item, 'cidr') ?? '',
    except: stringsAt(item, 'except').map(({ value }) => value),
  }));
}

function clientsOf(authentication: Resource): Clients {
  const identities = stringsAt(authentication.body, 'spec', 'identities').map(({ value }) => value);
  const accounts = itemsAt(authentication.body, 'spec', 'identityRefs').map(({ item }): Account => {
    const name = stringAt(item, 'name');
    return stringAt(item, 'kind') === 'Namespace'
      ? { namespace: name ?? authentication.namespace, name: undefined }
      : { namespace: stringAt(item, 'namespace') ?? authentication.namespace, name: name ?? '' };
  });
  return { is: 'identified', identities, accounts };
}

function isFor({ body }: Resource, server: Resource): boolean {
  const name = stringAt(body, 'spec', 'server', 'name');
  if (name !== undefined) return name === server.name;
  const selector = objectAt(body, 'spec', 'server', 'selector');
  return has(body, 'spec', 'server', 'selector') && labelSelectorMatches(selector, server.labels);
}

function ofServerAuthorization(policy: Resource, scope: string): Authorization {
  const client = objectAt(policy.body, 'spec', 'client');
  const networks = itemsAt(client, 'networks').map(({ item }) => ({
    cidr: stringAt(item, 'cidr') ?? '',
    except: stringsAt(item, 'except').map(({ value }) => value),
  }));
  if (client['unauthenticated'] === true) return { policy, scope, clients: ANYBODY, networks };
  const tls = objectAt(client, 'meshTLS');
  if (tls['unauthenticatedTLS'] === true) return { policy, scope, clients: { is: 'tls' }, networks };
  const identities = stringsAt(tls, 'identities').map(({ value }) => value);
  const accounts = itemsAt(tls, 'serviceAccounts').map(({ item }) => ({
    namespace: stringAt(item, 'namespace') ?? policy.namespace,
    name: stringAt(item, 'name') ?? '',
  }));
  const ignored = identities.length + accounts.length === 0 ? 'it names no clients' : undefined;
  return { policy, scope, clients: { is: 'identified', identities, accounts }, networks, ignored };
}

/** `identities "*.emojivoto…", service account emojivoto/web, from 10.0.0.0/8`. */
export function authorizationText({ clients, networks, ignored }: Authorization): string {
  if (ignored !== undefined) return 'nobody';
  const who =
    clients.is === 'any'
      ? 'any client, with or without an identity'
      : clients.is === 'tls'
        ? 'any client that uses TLS of the mesh'
        : [
            ...clients.identities.map((identity) => (identity === '*' ? 'any client of the mesh' : identity)),
            ...clients.accounts.map(({ namespace, name }) =>
              name === undefined ? `namespace ${namespace}` : `service account ${namespace}/${name}`,
            ),
          ].join(', ') || 'nobody';
  const where = networks.map(({ cidr, except }) => (except.length === 0 ? cidr : `${cidr} without ${except.join(', ')}`));
  return where.length === 0 ? who : `${who}, from ${where.join(', ')}`;
}
