/** How often and how fast requests pass a proxy, where it counts them and does not tell of each. */
import type { Resource } from './resource.ts';
import type { TapEvent, TapResponse, TapTools } from './tap.ts';

/** Responses of one kind, counted from the proxy's start on. */
export interface Counted extends Pick<TapEvent, 'direction' | 'source' | 'destination' | 'tls'> {
  /** Absent for durations that are told for all statuses together. */
  readonly response?: Pick<TapResponse, 'status' | 'grpcStatus' | 'flags'> | undefined;
  readonly count: number;
  /** How many took no longer than so many milliseconds, by these; Infinity: all of them. */
  readonly durations: ReadonlyMap<number, number>;
}

/** What passed between two ends in an interval. */
export interface Rate extends Pick<Counted, 'direction' | 'source' | 'destination' | 'tls'> {
  readonly requests: number;
  readonly successes: number;
  /** By status, `503` or `grpc:14`. */
  readonly statuses: ReadonlyMap<string, number>;
  /** As in `Counted`. */
  readonly durations: ReadonlyMap<number, number>;
}

/** Where a proxy tells what it has counted. */
export interface RateSource {
  /** @throws MeshctlError of exit code 3 when it does not answer */
  read(pod: Resource, tools: TapTools): Promise<readonly Counted[]>;
}
