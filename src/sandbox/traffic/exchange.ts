/** A request and its answer, as the proxies on both sides see it. */
import type { KubeObject } from '../store/object.ts';

export type Protocol = 'http1' | 'http2' | 'grpc';

export interface Call {
  readonly namespace: string;
  readonly service: string;
  /** Port of the service. */
  readonly port: number;
  readonly method: string;
  readonly path: string;
  /** `http1` when absent. */
  readonly protocol?: Protocol;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Host that the client asks for; the name of the service and its port when absent. */
  readonly authority?: string;
}

export interface Exchange extends Required<Call> {
  /** Unique within a sandbox. */
  readonly id: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** Undefined for what comes from outside of the cluster. */
  readonly source: KubeObject | undefined;
  /** Undefined when no endpoint was ready. */
  readonly destination: KubeObject | undefined;
  readonly targetPort: number;
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Envoy's response flags, as its access log writes them; `-` for none. */
  readonly flags: string;
}
