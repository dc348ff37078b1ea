/** How a mesh gets its proxy into a workload. Adapters say what becomes of one object; `inject/` does documents and reports. */
import type { Body, FieldPath, Kind, Ref, Resource } from './resource.ts';

/** `injected`: the proxy is in it; `annotated`: the cluster's webhook will add it. */
export type InjectAction = 'injected' | 'annotated' | 'uninjected' | 'unchanged' | 'skipped' | 'failed';

export interface InjectReason {
  /** Stable: `host-network`, `disabled-by-annotation`, `already-injected`, … */
  readonly code: string;
  /** One sentence. */
  readonly message: string;
}

export interface InjectRequest {
  /** The whole object, without what the API server sets; never changed in place. */
  readonly object: Body;
  /** Where its pod template stands; empty for a Pod. Below it are `metadata` and `spec`. */
  readonly template: FieldPath;
  /** Of the object, or what it would be applied to. */
  readonly namespace: string;
  /** The Namespace itself where it is known, from the input or the cluster. */
  readonly home: Resource | undefined;
}

export interface InjectOutcome {
  readonly action: InjectAction;
  /** Why; of `injected` and `annotated` what is worth knowing, such as ports that the proxy will not see. */
  readonly reasons: readonly InjectReason[];
  /** What the object becomes; absent when it stays as it is. Unchanged parts are the same objects. */
  readonly object?: Body;
}

export interface Injector {
  inject(request: InjectRequest): InjectOutcome;
}

/** What the user said, files already read. */
export interface InjectParameters {
  /** Adds the proxy itself where the usual way is an annotation for the webhook. */
  readonly manual: boolean;
  readonly revision?: string | undefined;
  /** Of the control plane. */
  readonly controlPlaneNamespace?: string | undefined;
  /** Texts by flag: `injector-config`, `injector-values`, `mesh-config`, …, each with the path it came from. */
  readonly files: Readonly<Record<string, { readonly path: string; readonly text: string }>>;
  /** Files of a chart, as `--chart DIR|TGZ` names it: path within the chart, and bytes. */
  readonly chart?: readonly { readonly name: string; readonly data: Uint8Array }[] | undefined;
  /** Flags of the mesh by their names, such as `skip-outbound-ports`, and values set by `--set`. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** The live cluster; absent offline. */
  readonly live?: {
    get(ref: Ref): Promise<Resource | undefined>;
    list(kind: Resource['kind'], namespace?: string): Promise<readonly Resource[]>;
  };
}

/** A flag of one mesh, as `--help` shows it. */
export interface InjectFlag {
  readonly flags: string;
  readonly description: string;
}

/** The capability of an adapter. */
export interface Inject {
  readonly flags: readonly InjectFlag[];
  /** Kinds without a pod template whose objects are handed over too, with an empty `template`: Namespaces that are annotated. */
  readonly alsoConcerns?: readonly Kind[];
  /** @throws MeshctlError E_INJECT when the parameters are missing, do not fit, or the cluster has no such control plane */
  open(parameters: InjectParameters): Promise<Injector>;
  /** Removes every trace. */
  uninject(request: InjectRequest): InjectOutcome;
  /** Labels and annotations by which a Namespace is opted in, and those of another mode to remove (null). */
  namespaceMarks?(parameters: Pick<InjectParameters, 'revision'>): {
    readonly labels?: Readonly<Record<string, string | null>>;
    readonly annotations?: Readonly<Record<string, string | null>>;
  };
}
