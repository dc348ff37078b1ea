/** What `meshctl check` asks, and what it answers. */
import type { AccessAnswer, AccessQuestion, ServedKind } from './cluster.ts';
import type { Finding, NotChecked } from './finding.ts';
import type { Kind, Resource } from './resource.ts';

export type CheckStatus = 'ok' | 'warning' | 'failed' | 'skipped';

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
}

export interface Check {
  /** `istio/control-plane-ready`: stable, and states the requirement. */
  readonly id: string;
  /** One word that `--only` and `--skip` take: `control-plane`. */
  readonly category: string;
  /** One sentence that is true when the check passes. */
  readonly title: string;
  readonly docs?: string;
  /** Checks without whose success this one makes no sense. They come before it in every list of checks. */
  readonly needs?: readonly string[];
  /** Kinds that it lists in all namespaces. */
  readonly reads?: readonly Kind[];
  run(facts: Facts): Promise<CheckResult>;
}

/** What checks read of a cluster. Everything is asked when it is first wanted, and once. */
export interface Facts {
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
  list(kind: Kind, options?: { readonly namespace?: string; readonly metadataOnly?: boolean }): Promise<readonly Resource[]>;
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

export interface CheckReport {
  /** Id of the mesh; `none` when there is none. */
  readonly mesh: string;
  /** Version of its control plane. */
  readonly version?: string | undefined;
  readonly outcomes: readonly CheckOutcome[];
}
