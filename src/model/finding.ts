import type { FieldEdit } from './field-edit.ts';
import type { FieldPath, Resource, Span } from './resource.ts';
import type { Severity } from './rule.ts';

export interface Finding {
  readonly rule: string;
  readonly aliases: readonly string[];
  readonly severity: Severity;
  readonly message: string;
  readonly fix?: string | undefined;
  /** What `--fix` does to the object; absent for objects of a cluster. */
  readonly edits?: readonly FieldEdit[] | undefined;
  /** Address of a page about the rule. */
  readonly docs: string;
  readonly resource: Resource;
  readonly path?: FieldPath | undefined;
  readonly position?: Span | undefined;
  readonly related: readonly Resource[];
}

/** A rule that could not be judged, because what it looks for was not part of the input. */
export interface NotChecked {
  readonly rule: string;
  readonly reason: string;
}

/** Input that could not be read; everything else was analyzed all the same. */
export interface InputError {
  readonly source: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly message: string;
}

/** A live cluster that was asked, or could not be. */
export interface AnalyzedCluster {
  readonly context: string;
  /** What findings call it; undefined for one that could not be asked, and for a primary one that does not tell. */
  readonly name?: string | undefined;
  readonly primary: boolean;
  /** Why it could not be asked. */
  readonly error?: string | undefined;
}

export interface AnalysisReport {
  readonly findings: readonly Finding[];
  /** Findings silenced by a suppression or the baseline, each with the reason given. */
  readonly suppressed: readonly { readonly finding: Finding; readonly by: string }[];
  readonly notChecked: readonly NotChecked[];
  readonly errors: readonly InputError[];
  /** Every object that took part, for reporters that list clean objects too. */
  readonly resources: readonly Resource[];
  readonly files: number;
  /** Given when several live clusters were analyzed together, the primary one first. */
  readonly clusters?: readonly AnalyzedCluster[] | undefined;
}
