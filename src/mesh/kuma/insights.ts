/** What the control plane notes on each proxy that has ever been connected to it. */
import { at, itemsAt, objectAt, stringAt } from '../../model/body.ts';
import type { Body, Kind, Resource } from '../../model/resource.ts';

export const DATAPLANE: Kind = 'kuma.io/Dataplane';
export const DATAPLANE_INSIGHT: Kind = 'kuma.io/DataplaneInsight';

/** Answers about one type of configuration, since the proxy connected. */
export interface Answers {
  readonly type: string;
  readonly sent: number;
  readonly acknowledged: number;
  readonly rejected: number;
}

export interface Connection {
  /** Milliseconds since the epoch; NaN when it is not stated. */
  readonly connectedAt: number;
  readonly updatedAt: number;
  readonly answers: readonly Answers[];
  readonly version: Body;
}

/** Milliseconds since the epoch; NaN when it is not stated. */
export const timeAt = (value: unknown, field: string): number => Date.parse(stringAt(value, field) ?? '');

/** Whether one of the connections that Kuma keeps of proxies and zones alike is open. */
export const isOnline = (subscriptions: readonly { readonly item: Body }[]): boolean => subscriptions.some(({ item }) => isOpen(item));

/** When the last connection ended; undefined when none has. */
export function endedAt(subscriptions: readonly { readonly item: Body }[]): number | undefined {
  const times = subscriptions.map(({ item }) => timeAt(item, 'disconnectTime')).filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}

const isOpen = (subscription: Body): boolean =>
  stringAt(subscription, 'connectTime') !== undefined && stringAt(subscription, 'disconnectTime') === undefined;

/** The connection that is open; undefined for a proxy that is not connected. */
export function connectionOf({ body }: Resource): Connection | undefined {
  const open = itemsAt(body, 'status', 'subscriptions')
    .filter(({ item }) => isOpen(item))
    .at(-1)?.item;
  if (!open) return undefined;
  return {
    connectedAt: timeAt(open, 'connectTime'),
    updatedAt: timeAt(objectAt(open, 'status'), 'lastUpdateTime'),
    answers: ['cds', 'eds', 'lds', 'rds'].map((type) => {
      const counts = objectAt(open, 'status', type);
      return {
        type: type.toUpperCase(),
        sent: countAt(counts, 'responsesSent'),
        acknowledged: countAt(counts, 'responsesAcknowledged'),
        rejected: countAt(counts, 'responsesRejected'),
      };
    }),
    version: objectAt(open, 'version'),
  };
}

/** Counters are strings of digits there, and zero is left out. */
function countAt(value: unknown, field: string): number {
  const found = at(value, [field]);
  const number = typeof found === 'string' || typeof found === 'number' ? Number(found) : 0;
  return Number.isFinite(number) ? number : 0;
}
