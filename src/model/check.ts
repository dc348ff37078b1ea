/** What `meshctl check` asks, and what it answers. */
import type { AccessAnswer, AccessQuestion, ServedKind } from './cluster.ts';
import type { Finding, NotChecked } from './finding.ts';
import type { Kind, Ref, Resource } from './resource.ts';
import type { MeshId } from './rule.ts';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

/**
 * The question that is asked: is what runs well (`running`), and the proxies too when each is asked
 * (`proxy`), can a mesh be installed (`pre`), is the mesh run as it should be (`posture`)?
 */
export type CheckMode = 'running' | 'proxy' | 'pre' | 'posture';

/** An object that a result is about. */
export interface Affected {
  readonly resource: Pick<Resource, 'apiVersion' | 'kind' | 'namespace' | 'name'>;
  /** What is the matter with it, as a sentence. */
  readonly detail?: string | undefined;
}

export interface CheckResult {
  readonly is: CheckStatus;
  /** Full sentences. Always there unless the result is `ok`; with `ok` what was seen. */
  readonly reason?: string | undefined;
  /** What to do. */
  readonly hint?: string | undefined;
  readonly affected?: readonly Affected[] | undefined;
  /** With `ok`: there was nothing to judge, such as an extension that is not installed. Text reports fold these. */
  readonly isMoot?: boolean | undefined;
}

export interface Check {
  /** `istio/control-plane-ready`: stable, and states the requirement. */
  readonly id: string;
  /** One word that `--only` and `--skip` take: `control-plane`. */
  readonly category: string;
  /** One sentence that is true when the check passes. */
  readonly title: string;
  /** What it means for the user when it does not, in one or two sentences. */
  readonly why: string;
  readonly docs?: string;
  /** What other tools call it, such as `l5d-k8s-api`; good wherever the id is. */
  readonly aliases?: readonly string[];
  /** Questions that it belongs to; `running` and `proxy` when absent. */
  readonly modes?: readonly CheckMode[];
  /** What it finds may mend itself, as when pods start: `--wait` asks again. */
  readonly settles?: boolean;
  /** Checks without whose success this one makes no sense. They come before it in every list of checks. */
  readonly needs?: readonly string[];
  /** Kinds that it lists in all namespaces. */
  readonly reads?: readonly Kind[];
  run(facts: Facts): Promise<CheckResult>;
}

/** What a pod answered, whatever the status; undefined when nothing answers on the port. */
export interface PodAnswer {
  readonly status: number;
  readonly body: string;
}

/** What checks read of a cluster. Everything is asked when it is first wanted, and once. */
export interface Facts {
  readonly mode: CheckMode;
  /** Those found in the cluster, and the one asked for. */
  readonly meshes: readonly MeshId[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** The namespace whose workloads and configuration are judged; undefined: all. */
  readonly namespace: string | undefined;
  /** Every kind that the checks of this run list in all namespaces. */
  readonly reads: readonly Kind[];
  /** `v1.32.5`. */
  version(): Promise<string>;
  kinds(): Promise<ReadonlyMap<Kind, ServedKind>>;
  /** Of a kind that is not served: none. */
  list(
    kind: Kind,
    options?: {
      readonly namespace?: string | undefined;
      readonly metadataOnly?: boolean;
      readonly fieldSelector?: string;
      readonly labelSelector?: string;
      readonly pageSize?: number;
    },
  ): Promise<readonly Resource[]>;
  /**
   * Objects of a namespaced kind that the run is about: of `namespace`, or all. With a namespace it works
   * for those who may not list the kind elsewhere.
   */
  scoped(kind: Kind): Promise<readonly Resource[]>;
  /** Secrets are read by name only, and never listed with what they hold. */
  get(ref: Ref): Promise<Resource | undefined>;
  /**
   * GET on a port of a pod, through the API server. Ask few: see `sample`.
   * @throws MeshctlError E_CLUSTER_FORBIDDEN when ports may not be forwarded
   */
  ask(pod: Ref, port: number, path: string): Promise<PodAnswer | undefined>;
  /** As many of the pods as may be asked one by one, spread over all of them, always the same ones. */
  sample(pods: readonly Resource[]): readonly Resource[];
  access(questions: readonly AccessQuestion[]): Promise<readonly AccessAnswer[]>;
  analysis(): Promise<LiveAnalysis>;
}

/** What `meshctl analyze` finds in the live cluster. */
export interface LiveAnalysis {
  readonly findings: readonly Finding[];
  /** Rules that could not judge. */
  readonly notChecked: readonly NotChecked[];
  /** What could not be read, each as a sentence. */
  readonly gaps: readonly string[];
}

export interface CheckOutcome {
  readonly check: Check;
  readonly result: CheckResult;
  readonly durationMs: number;
}

export interface CheckedMesh {
  readonly id: string;
  /** Version of its control plane; undefined when there is none, or several differ. */
  readonly version?: string | undefined;
}

export interface CheckReport {
  /** Empty when only Kubernetes itself was checked. */
  readonly meshes: readonly CheckedMesh[];
  readonly outcomes: readonly CheckOutcome[];
}
