/** Requests as they happen, whatever tells of them. */
import type { Cluster } from './cluster.ts';
import type { Body, Ref, Resource } from './resource.ts';
import type { MeshId } from './rule.ts';

/** One end of a request, as far as it is known. */
export interface TapPeer {
  readonly namespace?: string | undefined;
  readonly pod?: string | undefined;
  /** What made the pod: `web` of `web-5d7c9-x2x9z`. */
  readonly workload?: string | undefined;
  /** The service that was asked for: `reviews.shop`. */
  readonly service?: string | undefined;
  readonly address?: string | undefined;
  readonly port?: number | undefined;
  /** Proven by its certificate: `spiffe://cluster.local/ns/shop/sa/web`. */
  readonly identity?: string | undefined;
}

export interface TapRequest {
  readonly method: string;
  readonly scheme?: string | undefined;
  readonly authority: string;
  readonly path: string;
  readonly protocol?: string | undefined;
  readonly bytes?: number | undefined;
  /** Lower-case names; only where they were asked for. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

export interface TapResponse {
  /** Undefined when there was no answer. */
  readonly status?: number | undefined;
  readonly grpcStatus?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly bytes?: number | undefined;
  /** Envoy's response flags: `UH`, `UF,URX`. */
  readonly flags?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
}

type TapDirection = 'inbound' | 'outbound' | 'unknown';

export interface TapEvent {
  /** When the request came, in milliseconds since the epoch. */
  readonly time: number;
  readonly mesh: MeshId;
  /** The pod whose proxy saw it. */
  readonly proxy: Pick<Ref, 'namespace' | 'name'>;
  readonly direction: TapDirection;
  readonly source: TapPeer;
  readonly destination: TapPeer;
  readonly request: TapRequest;
  readonly response?: TapResponse | undefined;
  /** `mutual`: both ends have proven who they are. Undefined where it is not known. */
  readonly tls?: 'mutual' | 'none' | undefined;
  readonly routeName?: string | undefined;
  /** The same for both proxies of a request. */
  readonly id?: string | undefined;
}

export interface TextMatch {
  readonly is: 'exact' | 'prefix' | 'expression';
  /** An expression is RE2. */
  readonly value: string;
}

/** HTTP statuses from one to another, both included, or a status of gRPC. */
export type StatusMatch =
  | { readonly is: 'http'; readonly from: number; readonly to: number }
  | { readonly is: 'grpc'; readonly code: number };

/** What a source may leave out already where it can; what it lets through is looked at again. */
export interface TapQuery {
  readonly method?: string | undefined;
  readonly path?: TextMatch | undefined;
  readonly authority?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Any of them; all statuses when empty. */
  readonly statuses: readonly StatusMatch[];
  readonly maxRps: number;
  readonly wantsHeaders: boolean;
}

export interface TapTools {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
  now(): number;
}

/** A way to see the requests of a pod. */
export interface TapSource {
  readonly id: 'tap' | 'logs';
  /** `the tap filter of Envoy`. */
  readonly title: string;
  /** Why it gives nothing for the pod now, and what to do; undefined when it works. */
  obstacle(pod: Resource, tools: TapTools): Promise<{ readonly reason: string; readonly hint?: string | undefined } | undefined>;
  /** Until the signal, or the pod ends. */
  open(pod: Resource, query: TapQuery, tools: TapTools): AsyncIterable<TapEvent>;
  /** The smallest change of the cluster by which pods that have none get this source. */
  readonly change?: TapChange;
}

/** An object that gives proxies the filter. */
export type TapAddition = Ref & {
  readonly body: Body;
  /** Labels of the pods that it is for. */
  readonly selects: Readonly<Record<string, string>>;
};

export interface TapChange {
  /** Kind of the objects that it makes, by which those that were left over are found. */
  readonly kind: Ref['kind'];
  /** @returns undefined when nothing but these pods is meant by what they have in common */
  objectFor(pods: readonly Resource[]): TapAddition | undefined;
}

/** Name by which a tap filter that a tap has made is tapped at Envoy's administration. */
export const TAP_ID = 'meshctl';

/** On every object that a tap has made; its value is when it may be taken away at the latest, in seconds since the epoch. */
export const TAP_LABEL = 'meshctl.dev/tap';
