/** Whether a request went well. */
import type { TapEvent } from '../model/tap.ts';

export type TapOutcome = 'ok' | 'redirect' | 'client-error' | 'server-error' | 'none';

/** gRPC answers 200 whatever happens; what counts is its own status. */
export function outcomeOf({ response }: TapEvent): TapOutcome {
  if (!response || (response.status === undefined && response.grpcStatus === undefined)) return 'none';
  const { status = 200, grpcStatus } = response;
  if (grpcStatus !== undefined && grpcStatus !== 0 && status < 400) return SERVER_FAULTS.has(grpcStatus) ? 'server-error' : 'client-error';
  if (status === 0) return 'none';
  if (status >= 500) return 'server-error';
  if (status >= 400) return 'client-error';
  return status >= 300 ? 'redirect' : 'ok';
}

/** UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS. */
const SERVER_FAULTS: ReadonlySet<number> = new Set([2, 4, 8, 12, 13, 14, 15]);

/** As Linkerd counts: what the client did wrong is no failure of the server. */
export const isSuccess = (event: TapEvent): boolean => ['ok', 'redirect', 'client-error'].includes(outcomeOf(event));
