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

/** A port of a pod, reached through the API server. One connection serves many requests. */
export interface PodPort {
  /** Whatever the status: it is the answer. Fails with `E_POD_PORT` when nothing answers there. */
  request(path: string, options?: PodRequest): Promise<ProxyResponse>;
  /** The response body as it arrives, for endpoints that do not end; ends with the signal. A status of 400 and above is `E_POD_PORT`. */
  stream(path: string, options?: PodRequest): AsyncIterable<Uint8Array>;
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
  /** Reused: one forward per pod and port. */
  podPort(pod: Ref, port: number): PodPort;
  close(): Promise<void>;
}
