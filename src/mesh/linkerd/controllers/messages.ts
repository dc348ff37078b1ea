/** What Linkerd's controllers are asked and answer, by the numbers of the fields. @see https://github.com/linkerd/linkerd2-proxy-api */
import type { Message } from '../../../text/protobuf.ts';

const IP: Message = { ipv4: [1, 'fixed32'], ipv6: [2, { first: [1, 'fixed64'], last: [2, 'fixed64'] }] };
const ADDRESS: Message = { ip: [1, IP], port: [2, 'uint32'] };
const METADATA: Message = {
  default: [1, 'string'],
  resource: [
    2,
    {
      group: [1, 'string'],
      kind: [2, 'string'],
      name: [3, 'string'],
      namespace: [4, 'string'],
      section: [5, 'string'],
      port: [6, 'uint32'],
    },
  ],
};
const WEIGHTED: Message = {
  address: [1, ADDRESS],
  weight: [3, 'uint32'],
  labels: [4, 'string', 'map'],
  identity: [5, { dns: [1, { name: [1, 'string'] }], uri: [3, { uri: [1, 'string'] }] }],
  hint: [6, { h2: [1, {}], transport: [2, { port: [1, 'uint32'] }], opaque: [3, {}] }],
  authority: [7, { authority: [1, 'string'] }],
};

export const GET_DESTINATION: Message = { scheme: [1, 'string'], path: [2, 'string'], token: [3, 'string'] };

export const UPDATE: Message = {
  add: [1, { endpoints: [1, WEIGHTED, 'repeated'], labels: [2, 'string', 'map'] }],
  remove: [2, { addresses: [1, ADDRESS, 'repeated'] }],
  none: [3, { exists: [1, 'bool'] }],
};

const REQUEST_MATCH: Message = {
  all: [1, { matches: [1, () => REQUEST_MATCH, 'repeated'] }],
  any: [2, { matches: [1, () => REQUEST_MATCH, 'repeated'] }],
  not: [3, () => REQUEST_MATCH],
  path: [4, { regex: [1, 'string'] }],
  method: [5, { registered: [1, 'enum'], unregistered: [2, 'string'] }],
};

export const PROFILE: Message = {
  routes: [
    1,
    { condition: [1, REQUEST_MATCH], labels: [3, 'string', 'map'], isRetryable: [4, 'bool'], timeout: [5, 'duration'] },
    'repeated',
  ],
  budget: [2, { ratio: [1, 'float'], minPerSecond: [2, 'uint32'], ttl: [3, 'duration'] }],
  overrides: [3, { authority: [1, 'string'], weight: [2, 'uint32'] }, 'repeated'],
  isOpaque: [4, 'bool'],
  name: [5, 'string'],
  endpoint: [6, WEIGHTED],
  parent: [7, METADATA],
};

const NETWORK: Message = { ip: [1, IP], prefix: [2, 'uint32'] };
const IDENTITIES: Message = {
  identities: [1, { name: [1, 'string'] }, 'repeated'],
  suffixes: [2, { parts: [1, 'string', 'repeated'] }, 'repeated'],
};
const AUTHORIZATION: Message = {
  networks: [1, { net: [1, NETWORK], except: [2, NETWORK, 'repeated'] }, 'repeated'],
  clients: [2, { anyone: [1, {}], mesh: [2, { anyone: [1, {}], named: [2, IDENTITIES] }] }],
  labels: [3, 'string', 'map'],
  metadata: [4, METADATA],
};
const ROUTES = [2, { metadata: [1, METADATA], authorizations: [3, AUTHORIZATION, 'repeated'] }, 'repeated'] as const;

export const PORT_SPEC: Message = { workload: [1, 'string'], port: [2, 'uint32'] };

export const SERVER: Message = {
  protocol: [
    1,
    {
      detect: [1, { timeout: [1, 'duration'], routes: [3, ROUTES[1], 'repeated'] }],
      opaque: [2, {}],
      tls: [3, {}],
      http1: [4, { routes: ROUTES }],
      http2: [5, { routes: ROUTES }],
      grpc: [6, { routes: ROUTES }],
    },
  ],
  authorizations: [3, AUTHORIZATION, 'repeated'],
  labels: [4, 'string', 'map'],
};
