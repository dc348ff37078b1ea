import { DESTINATION_RULE } from '../../mesh/istio/kinds.ts';
import { booleanAt, has, itemsAt, numberAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, FieldPath, Resource } from '../../model/resource.ts';
import { millisecondsAt } from './_durations.ts';
import { type Flaw, isSet } from './_flaws.ts';
import { trafficPolicies } from './_traffic-policies.ts';

interface ConnectionPool {
  readonly pool: Body;
  readonly path: FieldPath;
}

/** Of a DestinationRule, or of a Sidecar. */
export function connectionPools({ kind, body }: Resource): readonly ConnectionPool[] {
  const owners =
    kind === DESTINATION_RULE
      ? trafficPolicies(body).map(({ policy, path }) => ({ item: policy, path, field: 'connectionPool' }))
      : [
          { item: objectAt(body, 'spec'), path: ['spec'], field: 'inboundConnectionPool' },
          ...itemsAt(body, 'spec', 'ingress').map((listener) => ({ ...listener, field: 'connectionPool' })),
        ];
  return owners.flatMap(({ item, path, field }) => (isSet(item, field) ? [{ pool: objectAt(item, field), path: [...path, field] }] : []));
}

const COUNTS: readonly FieldPath[] = [
  ['http', 'http1MaxPendingRequests'],
  ['http', 'http2MaxRequests'],
  ['http', 'maxRequestsPerConnection'],
  ['http', 'maxRetries'],
  ['http', 'maxConcurrentStreams'],
  ['tcp', 'maxConnections'],
];

export function* connectionPoolFlaws(pool: Body): Iterable<Flaw> {
  if (!isSet(pool, 'http') && !isSet(pool, 'tcp')) {
    yield { path: [], part: 'key', message: 'The connection pool has neither http nor tcp settings.', fix: 'Add some, or remove it.' };
  }
  for (const path of COUNTS) {
    const count = numberAt(pool, ...path);
    if (count !== undefined && count < 0)
      yield { path, message: `Limit ${path.at(-1)} is ${count}, and must not be negative.`, fix: 'Write 0 for the default, or the limit.' };
  }
  if (stringAt(pool, 'http', 'h2UpgradePolicy') === 'UPGRADE' && booleanAt(pool, 'http', 'useClientProtocol')) {
    yield {
      path: ['http', 'useClientProtocol'],
      part: 'key',
      message: 'Field useClientProtocol keeps the protocol of the client, which h2UpgradePolicy UPGRADE replaces.',
      fix: 'Remove one of them.',
    };
  }
  if (isSet(objectAt(pool, 'http'), 'http2KeepAlive')) {
    for (const field of ['interval', 'timeout']) {
      if (has(pool, 'http', 'http2KeepAlive', field)) continue;
      yield {
        path: ['http', 'http2KeepAlive'],
        part: 'key',
        message: `The field http2KeepAlive has no ${field}.`,
        fix: `Add ${field}, such as "10s".`,
      };
    }
  }
  // The schema says nothing of this duration, because 0 is allowed: it switches the timeout off.
  const idle = millisecondsAt(pool, 'tcp', 'idleTimeout');
  if (idle !== undefined && idle < 1 && Math.trunc(idle) !== 0) {
    yield {
      path: ['tcp', 'idleTimeout'],
      message: `Duration "${stringAt(pool, 'tcp', 'idleTimeout')}" is negative.`,
      fix: 'Write 0s to switch it off, or a time of 1ms or more.',
    };
  }
}
