/** What the workloads of a made-up application do with a request: a graph of calls. */
import type { Call } from './exchange.ts';

export interface Operation {
  /** Any when absent. */
  readonly method?: string;
  /** What the path begins with. */
  readonly path: string;
  /** What the workload itself takes; varies by half up and down. */
  readonly latencyMs: number;
  readonly responseBytes: number;
  /** Made one after the other, before it answers. */
  readonly calls?: readonly Call[];
  /** Status of the answer; 200 when absent. */
  readonly status?: number;
  readonly grpcStatus?: number;
  /** A part of the requests, below one, is answered differently. */
  readonly failing?: { readonly share: number; readonly status: number; readonly grpcStatus?: number };
  /** An answer of 500 when a call fails; otherwise failures are made up for. */
  readonly propagates?: boolean;
  /** A gateway: the call is made with the method, path, headers and authority of the request, and its answer is the answer. */
  readonly forwards?: boolean;
  /** The body as clients of a forwarded port see it. */
  readonly body?: string;
  readonly contentType?: string;
}

/** The pods with these labels, in that namespace, do the same. */
export interface Behaviour {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The first that fits answers; 404 when none does. */
  readonly operations: readonly Operation[];
}

/** Somebody who calls again and again. */
interface Client {
  /** The pods that call, in turn; undefined: from outside. */
  readonly from?: { readonly namespace: string; readonly labels: Readonly<Record<string, string>> };
  /** In turn. */
  readonly calls: readonly Call[];
  readonly everyMs: number;
}

export interface Application {
  readonly behaviours: readonly Behaviour[];
  readonly clients: readonly Client[];
}
