/** Whom an authorization lets in, as the policy controller reads it. */
import { isBody, itemsAt, objectAt, stringAt, stringsAt } from '../../../model/body.ts';
import type { Body, Resource } from '../../../model/resource.ts';

/** Of whom identities are named. */
export interface MeshNames {
  /** `linkerd.cluster.local`: the namespace of the control plane and the trust domain. */
  readonly suffix: string;
}

export interface Clients {
  /** `none`: anybody; `tls`: whoever comes with TLS of the mesh, named or not; `mesh-tls`: those of the identities. */
  readonly authentication: 'none' | 'tls' | 'mesh-tls';
  /** DNS names and SPIFFE ids; `*` is everybody in the mesh, `*.x` all that end so. */
  readonly identities: readonly string[];
  /** CIDRs, with ` except ` those that are not in; empty for all. */
  readonly networks: readonly string[];
}

export const ANYONE: Clients = { authentication: 'none', identities: [], networks: [] };
export const WHOLE_MESH: Clients = { authentication: 'mesh-tls', identities: ['*'], networks: [] };

const accountIdentity = (namespace: string, account: string, { suffix }: MeshNames): string =>
  `${account}.${namespace}.serviceaccount.identity.${suffix}`;

/** What a policy needs of the cluster: authentications by namespace and name. */
export interface Authentications {
  readonly meshTls: readonly Resource[];
  readonly networks: readonly Resource[];
  /** Whether the user may read those of a namespace: what cannot be read may be there. */
  isRead?(kind: 'MeshTLSAuthentication' | 'NetworkAuthentication', namespace: string): boolean;
}

/** @returns a reason, as a clause, when the controller ignores the whole policy */
export function clientsOfPolicy(policy: Resource, known: Authentications, names: MeshNames): Clients | string {
  let identities: readonly string[] | undefined;
  let networks: readonly string[] | undefined;
  for (const { item } of itemsAt(policy.body, 'spec', 'requiredAuthenticationRefs')) {
    const kind = stringAt(item, 'kind') ?? '';
    const name = stringAt(item, 'name') ?? '';
    const namespace = stringAt(item, 'namespace') ?? policy.namespace;
    const find = (among: readonly Resource[]): Resource | undefined =>
      among.find((each) => each.namespace === namespace && each.name === name);
    if (kind === 'NetworkAuthentication') {
      const found = find(known.networks);
      if (!found) return missing(known, kind, namespace, name);
      if (networks) return 'it requires several NetworkAuthentications';
      networks = networksOf(found.body, 'spec', 'networks');
    } else if (kind === 'MeshTLSAuthentication' || kind === 'ServiceAccount') {
      if (identities) return 'it requires several identities';
      const found = kind === 'ServiceAccount' ? [accountIdentity(namespace, name, names)] : identitiesOf(find(known.meshTls), names);
      if (!found) return missing(known, 'MeshTLSAuthentication', namespace, name);
      if (found.length === 0) return `MeshTLSAuthentication ${namespace}/${name} names no identities`;
      identities = found;
    } else return `it requires a ${kind}, which is no authentication`;
  }
  return { authentication: identities ? 'mesh-tls' : 'none', identities: identities ?? [], networks: networks ?? [] };
}

const missing = (
  known: Authentications,
  kind: 'MeshTLSAuthentication' | 'NetworkAuthentication',
  namespace: string,
  name: string,
): string =>
  known.isRead?.(kind, namespace) === false ? `${UNREAD}${kind} ${namespace}/${name}` : `there is no ${kind} ${namespace}/${name}`;

/** What a reason begins with when it is not known whom a policy lets in. */
export const UNREAD = 'you may not read ';

function identitiesOf(authentication: Resource | undefined, names: MeshNames): readonly string[] | undefined {
  if (!authentication) return undefined;
  const { body, namespace } = authentication;
  const given = stringsAt(body, 'spec', 'identities').map(({ value }) => value);
  const referred = itemsAt(body, 'spec', 'identityRefs').map(({ item }) => {
    const name = stringAt(item, 'name') ?? '';
    return stringAt(item, 'kind') === 'Namespace'
      ? accountIdentity(name, '*', names)
      : accountIdentity(stringAt(item, 'namespace') ?? namespace, name, names);
  });
  return [...given, ...referred];
}

/** @returns a reason, as a clause, when the controller ignores it */
export function clientsOfServerAuthorization({ body, namespace }: Resource, names: MeshNames): Clients | string {
  const client = objectAt(body, 'spec', 'client');
  const networks = networksOf(client, 'networks');
  if (client['unauthenticated'] === true) return { authentication: 'none', identities: [], networks };
  if (!isBody(client['meshTLS'])) return 'its client says neither "meshTLS" nor "unauthenticated"';
  if (objectAt(client, 'meshTLS')['unauthenticatedTLS'] === true) return { authentication: 'tls', identities: [], networks };
  const identities = [
    ...stringsAt(client, 'meshTLS', 'identities').map(({ value }) => value),
    ...itemsAt(client, 'meshTLS', 'serviceAccounts').map(({ item }) =>
      accountIdentity(stringAt(item, 'namespace') ?? namespace, stringAt(item, 'name') ?? '', names),
    ),
  ];
  return identities.length === 0 ? 'it names no identities' : { authentication: 'mesh-tls', identities, networks };
}

function networksOf(value: Body, ...path: readonly string[]): readonly string[] {
  return itemsAt(value, ...path).map(({ item }) => {
    const except = stringsAt(item, 'except').map((each) => each.value);
    return `${stringAt(item, 'cidr') ?? ''}${except.length > 0 ? ` except ${except.join(' ')}` : ''}`;
  });
}

/** `anyone`, `anyone in the mesh`, `web.shop from 10.0.0.0/8`: identities of the own mesh without what they have in common. */
export function clientsText({ authentication, identities, networks }: Clients, { suffix }: MeshNames): string {
  const short = identities.map((identity) =>
    identity === '*' ? 'anyone in the mesh' : identity.replace(`.serviceaccount.identity.${suffix}`, ''),
  );
  const who = authentication === 'none' ? 'anyone' : authentication === 'tls' ? 'anyone with TLS' : short.join(', ');
  return networks.length === 0 ? who : `${who} from ${networks.join(', ')}`;
}
