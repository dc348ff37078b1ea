/** A request and its answer, as the proxies on both sides see it. */
import type { KubeObject } from '../store/object.ts';

type Protocol = 'http1' | 'http2' | 'grpc';

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
  /** `http` when absent. */
  readonly scheme?: 'http' | 'https';
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
  /** What the proxy of the source sent it to, by the name that its mesh has for it; undefined where none decides. */
  readonly upstream: string | undefined;
  /** False when nothing arrived at the destination's proxy: it was turned away on the connection, or never sent. */
  readonly arrived: boolean;
  /** True when the destination's proxy turned it away by a policy. */
  readonly isDenied: boolean;
  /** True for what came from a forwarded port: it reaches the pod from within, past a proxy that only captures the network. */
  readonly isForwarded: boolean;
  readonly status: number;
  readonly grpcStatus: number | undefined;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** Envoy's response flags, as its access log writes them; `-` for none. */
  readonly flags: string;
}
