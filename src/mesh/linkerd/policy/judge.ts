/** Whether an authorization is one for the client of a request. */
import type { AuthzRequest, Condition, Truth } from '../../../model/authz.ts';
import { anyOf, type Conjunction, conjunction } from '../../../model/truth.ts';
import { isWithin, parseAddress, parseNetwork } from '../../../text/ip-network.ts';
import { quotedList } from '../../../text/words.ts';
import type { Account, Authorization, Clients, Network } from './authorizations.ts';
import { identityName, type MeshSettings } from './settings.ts';

export function isAuthorized({ clients, networks, ignored }: Authorization, request: AuthzRequest, mesh: MeshSettings): Conjunction {
  if (ignored !== undefined) return conjunction([{ field: 'requiredAuthenticationRefs', is: 'no', because: ignored, options: [] }]);
  return conjunction([...clientConditions(clients, request, mesh), ...networkConditions(networks, request)]);
}

function clientConditions(clients: Clients, { from }: AuthzRequest, mesh: MeshSettings): readonly Condition[] {
  if (clients.is === 'any') return [];
  const field = 'identity';
  const wanted = clients.is === 'tls' ? 'TLS of the mesh' : wantedText(clients);
  if (from === undefined) return [{ field, is: 'open', because: `not told; it takes ${wanted}`, options: ['--from'] }];
  const because = from === 'none' ? 'the client has no identity of the mesh' : from.unproven;
  if (from === 'none' || because !== undefined) return [{ field, is: 'no', because: `${because}; it takes ${wanted}`, options: [] }];
  if (clients.is === 'tls') return [];
  const own = identityName(from, from.trustDomain === undefined ? mesh : { ...mesh, trustDomain: from.trustDomain });
  const isMeant =
    clients.identities.some((identity) => identityFits(identity, own, from)) ||
    clients.accounts.some((account) => accountFits(account, from));
  return [{ field, is: isMeant ? 'yes' : 'no', because: `"${own}" is not ${wanted}`, options: [] }];
}

/** A star stands for any identity, or at the beginning for any labels before the rest; anywhere else it means itself. */
function identityFits(
  identity: string,
  own: string,
  { namespace, serviceAccount }: { readonly namespace: string; readonly serviceAccount: string },
): boolean {
  if (identity === '*') return true;
  if (identity.startsWith('*.')) return own.endsWith(identity.slice(1));
  const [, spiffeNamespace, account] = /^spiffe:\/\/[^/]+\/ns\/([^/]+)\/sa\/([^/]+)$/.exec(identity) ?? [];
  return identity === own || (spiffeNamespace === namespace && account === serviceAccount);
}

const accountFits = ({ namespace, name }: Account, client: { readonly namespace: string; readonly serviceAccount: string }): boolean =>
  namespace === client.namespace && (name === undefined || name === client.serviceAccount);

function wantedText({ identities, accounts }: Extract<Clients, { is: 'identified' }>): string {
  const names = [
    ...identities.map((identity) => (identity === '*' ? 'any client of the mesh' : identity)),
    ...accounts.map(({ namespace, name }) => (name === undefined ? `any of namespace ${namespace}` : `${namespace}/${name}`)),
  ];
  return names.length === 0 ? 'nobody' : quotedList(names, 4);
}

function networkConditions(networks: readonly Network[], { fromIp }: AuthzRequest): readonly Condition[] {
  if (networks.length === 0) return [];
  const shown = quotedList(
    networks.map(({ cidr }) => cidr),
    4,
  );
  if (fromIp === undefined) return [{ field: 'networks', is: 'open', because: `not told; it takes ${shown}`, options: ['--from-ip'] }];
  const is: Truth = anyOf(networks.map((network) => (isIn(fromIp, network) ? 'yes' : 'no')));
  return [{ field: 'networks', is, because: `"${fromIp}" is not in ${shown}`, options: [] }];
}

function isIn(address: string, { cidr, except }: Network): boolean {
  const own = parseAddress(address);
  const within = (text: string): boolean => {
    const network = text.includes('/') ? parseNetwork(text) : parseAddress(text);
    return own !== undefined && network !== undefined && isWithin(own, [network]);
  };
  return within(cidr) && !except.some(within);
}
