/** The messages of xDS that are read or written, by the numbers of their fields. @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/api */
import type { Message } from '../../../text/protobuf.ts';

const ANY: Message = { type: [1, 'string'], value: [2, 'bytes'] };

/** What both messages have of a node. */
const NODE: Message = { id: [1, 'string'], metadata: [3, 'struct'] };

export const DISCOVERY_REQUEST: Message = {
  node: [2, NODE],
  resourceNames: [3, 'string', 'repeated'],
  typeUrl: [4, 'string'],
};

export const DISCOVERY_RESPONSE: Message = {
  resources: [2, ANY, 'repeated'],
  typeUrl: [4, 'string'],
  controlPlane: [6, { identifier: [1, 'string'] }],
};

export const CLIENT_CONFIG: Message = {
  node: [1, NODE],
  genericXdsConfigs: [
    3,
    {
      typeUrl: [1, 'string'],
      lastUpdated: [5, 'timestamp'],
      configStatus: [6, 'enum'],
      errorState: [8, { details: [3, 'string'] }],
    },
    'repeated',
  ],
};
