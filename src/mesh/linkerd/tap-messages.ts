/** The messages of Linkerd's tap API, as far as they are used. */
import type { Message } from '../../text/protobuf.ts';

const RESOURCE: Message = { namespace: [1, 'string'], type: [2, 'string'], name: [3, 'string'] };

const MATCH: Message = {
  http: [5, { scheme: [1, 'string'], method: [2, 'string'], authority: [3, 'string'], path: [4, 'string'] }],
};

export const TAP_BY_RESOURCE: Message = {
  target: [1, { resource: [1, RESOURCE], labelSelector: [2, 'string'] }],
  match: [2, { all: [1, { matches: [1, MATCH, 'repeated'] }] }],
  maxRps: [3, 'float'],
  extract: [4, { http: [1, { headers: [1, {}] }] }],
};

export const API_ERROR: Message = { error: [1, 'string'] };

const ADDRESS: Message = {
  ip: [1, { v4: [1, 'fixed32'], v6: [2, { first: [1, 'fixed64'], last: [2, 'fixed64'] }] }],
  port: [2, 'uint32'],
};
const META: Message = { labels: [1, 'string', 'map'] };
const ID: Message = { base: [1, 'uint32'], stream: [2, 'int64'] };
const HEADERS: Message = { headers: [1, { name: [1, 'string'], value: [2, 'string'] }, 'repeated'] };

export const TAP_EVENT: Message = {
  source: [1, ADDRESS],
  destination: [2, ADDRESS],
  http: [
    3,
    {
      requestInit: [
        1,
        {
          id: [1, ID],
          method: [2, { registered: [1, 'enum'], unregistered: [2, 'string'] }],
          authority: [4, 'string'],
          path: [5, 'string'],
          headers: [6, HEADERS],
        },
      ],
      responseInit: [2, { id: [1, ID], since: [2, 'duration'], status: [3, 'uint32'], headers: [4, HEADERS] }],
      responseEnd: [
        3,
        {
          id: [1, ID],
          sinceRequest: [2, 'duration'],
          sinceResponse: [3, 'duration'],
          bytes: [4, 'int64'],
          eos: [5, { grpc: [1, 'uint32'], reset: [2, 'uint32'] }],
        },
      ],
    },
  ],
  destinationMeta: [4, META],
  sourceMeta: [5, META],
  direction: [6, 'enum'],
  routeMeta: [7, META],
};

/** The methods that have numbers, by number. */
export const METHODS: readonly string[] = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'CONNECT', 'HEAD', 'TRACE'];
