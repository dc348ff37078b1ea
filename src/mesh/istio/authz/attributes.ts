/** What rules ask of a request: the attributes by their keys, where a request has them, and what compares them. */
import type { AuthzRequest } from '../../../model/authz.ts';
import {
  addressFits,
  hostFits,
  namespaceFits,
  type PathNormalization,
  pathFits,
  policyPath,
  principalFits,
  textFits,
} from './text-match.ts';

/** What is known of the place where a policy is enforced. */
export interface Place {
  /** The mesh's own, its aliases behind it. */
  readonly trustDomains: readonly string[];
  readonly normalization: PathNormalization;
  /** Address of the pod; undefined where it is not known, as in files. */
  readonly address: string | undefined;
}

/** `absent`: the request has none, by what was told of it. */
type Found =
  | { readonly is: 'known'; readonly values: readonly string[] }
  | { readonly is: 'absent'; readonly because: string }
  | { readonly is: 'unknown' };

export interface Attribute {
  /** Only requests of HTTP have it. */
  readonly isHttp: boolean;
  /** ztunnel knows it. */
  readonly isOfConnection: boolean;
  /** Options that tell it; empty for what no option does. */
  readonly options: readonly string[];
  read(request: AuthzRequest, place: Place): Found;
  /** @param owner namespace of the policy */
  fits(pattern: string, value: string, owner: string): boolean;
}

const known = (...values: readonly string[]): Found => ({ is: 'known', values });
const told = (value: string | number | undefined): Found => (value === undefined ? { is: 'unknown' } : known(String(value)));

/** What of the client's identity an attribute is made of; `from` with an identity that it cannot prove counts as none. */
function ofClient(
  take: (client: { namespace: string; serviceAccount: string; domains: readonly string[] }) => readonly string[],
): Attribute['read'] {
  return ({ from }, { trustDomains }) => {
    if (from === undefined) return { is: 'unknown' };
    if (from === 'none') return { is: 'absent', because: 'the client has no identity of the mesh' };
    if (from.unproven !== undefined) return { is: 'absent', because: from.unproven };
    const { namespace, serviceAccount, trustDomain = trustDomains[0] ?? '' } = from;
    return known(...take({ namespace, serviceAccount, domains: domainsFor(trustDomain, trustDomains) }));
  };
}

/** istiod takes the mesh's trust domain and its aliases for one, and `cluster.local` for all of them. */
const domainsFor = (own: string, all: readonly string[]): readonly string[] =>
  all.includes(own) ? [...new Set([own, ...all, 'cluster.local'])] : [own];

const NO_TOKEN = 'the request has no token that is read';

const readToken: Attribute['read'] = ({ requestPrincipal }) =>
  requestPrincipal === 'none' ? { is: 'absent', because: NO_TOKEN } : told(requestPrincipal);

const FROM = ['--from'];
const TOKEN = ['--request-principal'];
const connection = { isHttp: false, isOfConnection: true };
const http = { isHttp: true, isOfConnection: false };

const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
  'source.principal': {
    ...connection,
    options: FROM,
    read: ofClient(({ namespace, serviceAccount, domains }) =>
      domains.map((domain) => `spiffe://${domain}/ns/${namespace}/sa/${serviceAccount}`),
    ),
    fits: principalFits,
  },
  'source.namespace': { ...connection, options: FROM, read: ofClient(({ namespace }) => [namespace]), fits: namespaceFits },
  'source.serviceAccount': {
    ...connection,
    options: FROM,
    read: ofClient(({ namespace, serviceAccount }) => [`${namespace}/${serviceAccount}`]),
    fits: (pattern, value, owner) => value === (pattern.includes('/') ? pattern : `${owner}/${pattern}`),
  },
  'source.trustDomain': {
    ...connection,
    isOfConnection: false,
    options: FROM,
    read: ofClient(({ domains }) => domains.slice(0, 1)),
    fits: textFits,
  },
  'source.ip': { ...connection, options: ['--from-ip'], read: ({ fromIp }) => told(fromIp), fits: addressFits },
  'remote.ip': {
    ...{ isHttp: false, isOfConnection: false },
    options: ['--remote-ip'],
    read: ({ remoteIp }) => told(remoteIp),
    fits: addressFits,
  },
  'destination.ip': { ...connection, options: [], read: (_, { address }) => told(address), fits: addressFits },
  'destination.port': {
    ...connection,
    options: ['--port'],
    read: ({ port }) => told(port),
    fits: (pattern, value) => Number(pattern) === Number(value),
  },
  'connection.sni': { ...{ isHttp: false, isOfConnection: false }, options: ['--sni'], read: ({ sni }) => told(sni), fits: textFits },
  'request.host': { ...http, options: ['--host'], read: ({ host }) => told(host), fits: hostFits },
  'request.method': { ...http, options: ['--method'], read: ({ method }) => told(method), fits: textFits },
  'request.path': {
    ...http,
    options: ['--path'],
    read: ({ path }, { normalization }) => told(path === undefined ? undefined : policyPath(path, normalization)),
    fits: pathFits,
  },
  'request.auth.principal': { ...http, options: TOKEN, read: readToken, fits: textFits },
  'request.auth.audiences': claim('aud'),
  'request.auth.presenter': claim('azp'),
};

function claim(name: string): Attribute {
  return {
    ...http,
    options: [`--jwt-claim ${name}=…`],
    read: ({ requestPrincipal, claims }) => {
      if (requestPrincipal === 'none') return { is: 'absent', because: NO_TOKEN };
      const given = claims.get(name);
      if (given) return known(...given);
      if (requestPrincipal === undefined || (name !== 'iss' && name !== 'sub')) return { is: 'unknown' };
      const [issuer, subject] = splitPrincipal(requestPrincipal);
      return known(name === 'iss' ? issuer : subject);
    },
    fits: textFits,
  };
}

/** Issuers are addresses, so that the last slash parts them from the subject. */
export function splitPrincipal(principal: string): readonly [issuer: string, subject: string] {
  const slash = principal.lastIndexOf('/');
  return slash < 0 ? [principal, ''] : [principal.slice(0, slash), principal.slice(slash + 1)];
}

function header(name: string): Attribute {
  return {
    ...http,
    options: [`--header ${name}=…`],
    read: ({ headers }) => {
      const value = headers.get(name.toLowerCase());
      if (value === undefined) return { is: 'unknown' };
      return value === '' ? { is: 'absent', because: 'the header is not sent' } : known(value);
    },
    fits: textFits,
  };
}

/** Fields of `source` and `operation`, by the key of the condition that is the same. */
export const SOURCE_FIELDS: Readonly<Record<string, string>> = {
  principals: 'source.principal',
  requestPrincipals: 'request.auth.principal',
  namespaces: 'source.namespace',
  serviceAccounts: 'source.serviceAccount',
  trustDomains: 'source.trustDomain',
  ipBlocks: 'source.ip',
  remoteIpBlocks: 'remote.ip',
};

export const OPERATION_FIELDS: Readonly<Record<string, string>> = {
  hosts: 'request.host',
  ports: 'destination.port',
  methods: 'request.method',
  paths: 'request.path',
};

/** What metadata of other filters says, nothing tells beforehand. */
const UNKNOWABLE: Attribute = { ...http, options: [], read: () => ({ is: 'unknown' }), fits: textFits };

/** @param key of a condition, or one of those that fields stand for */
export function attributeOf(key: string): Attribute {
  const plain = ATTRIBUTES[key];
  if (plain) return plain;
  const [, name] = /^request\.headers\[([^\]]+)\]$/.exec(key) ?? [];
  if (name !== undefined) return header(name);
  const [, claims] = /^request\.auth\.claims((?:\[[^\]]+\])+)$/.exec(key) ?? [];
  return claims === undefined ? UNKNOWABLE : claim(claims.slice(1, -1).split('][').join('.'));
}
