/** What meshctl asks of a cluster. `cluster/` implements it over the Kubernetes API; nothing else talks to one. */
import type { Body, Kind, Ref, Resource } from './resource.ts';

/** A resource type as the API server serves it. */
export interface ServedKind {
  readonly kind: Kind;
  /** `networking.istio.io/v1`, the preferred version. */
  readonly apiVersion: string;
  /** `virtualservices`, as URLs name it. */
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Ask for `metadata` only: what else the objects hold never leaves the cluster. The resources are `partial`. */
  readonly metadataOnly?: boolean | undefined;
  /** Objects a page; 500 unless they are large. */
  readonly pageSize?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface WatchEvent {
  readonly type: 'added' | 'modified' | 'deleted';
  readonly resource: Resource;
}

export interface ApplyOptions {
  readonly dryRun?: boolean;
  /** Take over fields that another manager owns. */
  readonly force?: boolean;
  /** Whose fields these become; `meshctl` when absent. */
  readonly manager?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface DeleteOptions {
  readonly dryRun?: boolean;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
  readonly signal?: AbortSignal | undefined;
}

export interface LogOptions {
  readonly container?: string;
  readonly follow?: boolean;
  readonly tailLines?: number;
  readonly previous?: boolean;
  readonly signal?: AbortSignal | undefined;
}

/** A question of access: may I do `verb` on objects of `kind`? */
export interface AccessQuestion {
  readonly verb: string;
  readonly kind: Kind;
  readonly namespace?: string | undefined;
  readonly name?: string | undefined;
  /** `log`, `portforward`, … */
  readonly subresource?: string | undefined;
}

export interface AccessAnswer {
  readonly allowed: boolean;
  readonly reason?: string | undefined;
}

interface ProxyResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface PodRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface AggregatedRequest {
  /** `/apis/tap.linkerd.io/v1alpha1/watch/namespaces/shop/pods/web/tap`. */
  readonly path: string;
  readonly body: Uint8Array;
  /** For errors: the verb and the resource as RBAC calls them, and what they are about. */
  readonly verb: string;
  readonly resource: string;
  readonly what: string;
  readonly namespace: string;
  readonly signal?: AbortSignal | undefined;
}

export interface AggregatedAnswer {
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

/** TLS with a program in a pod, inside the forwarded connection. It is always verified. */
export interface PodTls {
  /** PEM of the authorities that may have signed its certificate. */
  readonly ca: string;
  /** The certificate must be for one of them; the first is asked for. */
  readonly names: readonly [string, ...string[]];
}

export interface GrpcRequest {
  /**
   * `single`: the answers are whole within the time limit. `stream`: they go on until the signal, and the limit is for the
   * first. `conversation`: so too, and our side stays open, for servers that take its end for the end of all.
   */
  readonly kind?: 'single' | 'stream' | 'conversation';
  /** Headers of the call, such as `authorization`; never shown. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Plain text when absent. */
  readonly tls?: PodTls | undefined;
  /** Bytes of the largest message that is taken; 64 MiB when absent. */
  readonly largest?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface TokenOptions {
  /** Who is to accept it. */
  readonly audience: string;
  readonly signal?: AbortSignal | undefined;
}

/** A port of a pod, reached through the API server. One connection serves many requests. */
export interface PodPort {
  /** Whatever the status: it is the answer. Fails with `E_POD_PORT` when nothing answers there. */
  request(path: string, options?: PodRequest): Promise<ProxyResponse>;
  /** The response body as it arrives, for endpoints that do not end; ends with the signal. A status of 400 and above is `E_POD_PORT`. */
  stream(path: string, options?: PodRequest): AsyncIterable<Uint8Array>;
  /**
   * gRPC with one message; answers as they arrive. It may be sent twice, when a connection that was kept died before it
   * answered. Fails with `E_GRPC_` and the name of the status, `E_POD_TLS` when the program does not prove who it is, or
   * `E_POD_PORT`.
   * @param method `io.linkerd.proxy.destination.Destination/Get`
   */
  call(method: string, message: Uint8Array, options?: GrpcRequest): AsyncIterable<Uint8Array>;
}

/**
 * Failures are MeshctlErrors with exit code 3 that name context, server, verb and resource:
 * `E_CLUSTER_UNREACHABLE`, `E_CLUSTER_UNAUTHORIZED`, `E_CLUSTER_FORBIDDEN`, `E_CLUSTER_TIMEOUT`,
 * `E_CLUSTER_CONFLICT`, `E_CLUSTER_INVALID`, `E_CLUSTER_NOT_SERVED` (the kind, as when its CRD is not
 * installed), `E_CLUSTER_NOT_FOUND` (the object; exit code 2 for a name that none can have),
 * `E_CLUSTER_EXPIRED` (it changed too fast to be read), `E_CLUSTER_FAILED`, and `E_KUBECONFIG` before
 * there is a cluster to ask. An aborted signal is no failure: its reason is thrown, and streams just end.
 */
export interface Cluster {
  /** Name of the kubeconfig context, or `in-cluster`. */
  readonly context: string;
  readonly server: string;
  /** Namespace of the context. */
  readonly namespace: string;
  version(signal?: AbortSignal): Promise<{ readonly gitVersion: string }>;
  /** Every kind served, asked once and kept. */
  kinds(signal?: AbortSignal): Promise<ReadonlyMap<Kind, ServedKind>>;
  /** Pages of objects as they arrive. A kind that is not served gives no page. */
  list(kind: Kind, options?: ListOptions): AsyncIterable<readonly Resource[]>;
  get(ref: Ref, signal?: AbortSignal): Promise<Resource | undefined>;
  /** Changes from now on, resumed after lost connections; ends with the signal. */
  watch(kind: Kind, options?: ListOptions): AsyncIterable<WatchEvent>;
  /** Server-side apply. */
  apply(resource: Pick<Resource, 'kind' | 'namespace' | 'name' | 'body'>, options?: ApplyOptions): Promise<Resource>;
  /** JSON merge patch: null takes a field away, whoever set it. */
  patch(ref: Ref, change: Body, options?: Pick<ApplyOptions, 'dryRun' | 'signal'>): Promise<Resource>;
  delete(ref: Ref, options?: DeleteOptions): Promise<boolean>;
  logs(pod: Ref, options?: LogOptions): AsyncIterable<string>;
  /** POST to an API that the API server passes on to another program, whose answer may never end. */
  aggregated(request: AggregatedRequest): Promise<AggregatedAnswer>;
  access(questions: readonly AccessQuestion[], signal?: AbortSignal): Promise<readonly AccessAnswer[]>;
  /** A token of a service account that ends after ten minutes. It must never be shown. */
  token(account: Ref, options: TokenOptions): Promise<string>;
  /** Reused: one forward per pod and port. */
  podPort(pod: Ref, port: number): PodPort;
  close(): Promise<void>;
}
