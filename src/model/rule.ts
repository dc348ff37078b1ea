import type { FieldEdit } from './field-edit.ts';
import type { FieldPath, Kind, Resource } from './resource.ts';
import type { ResourceSet } from './resource-set.ts';

export type MeshId = 'istio' | 'linkerd' | 'kuma' | 'consul' | 'osm' | 'appmesh';

export type Severity = 'error' | 'warning' | 'info';

/** What a rule found, in terms of objects and fields. The engine makes a `Finding` of it. */
export interface Problem {
  readonly at: Resource;
  readonly path?: FieldPath | undefined;
  /** Point at the key of the field instead of its value, as when the field should not be there. */
  readonly part?: 'key' | 'value' | undefined;
  /** One or two full sentences: what is wrong with which value. */
  readonly message: string;
  /** One sentence: what to do. */
  readonly fix?: string | undefined;
  /** The same as changes of the object, where one is safe to make without asking: what the mesh does stays as it is. */
  readonly edits?: readonly FieldEdit[] | undefined;
  /** Other objects that the message speaks of, such as the rival of a conflict. */
  readonly related?: readonly Resource[] | undefined;
  /**
   * The kind whose absence makes this a problem. When the input does not claim to be whole and
   * holds no object of this kind, nothing can be said, and the rule is reported as not checked.
   * Several kinds: any of them is evidence enough (a workload may come as a Pod or a Deployment).
   * Where objects of the kind elsewhere prove nothing, such as in other namespaces: what would.
   */
  readonly absent?: Kind | readonly Kind[] | Evidence | undefined;
}

export interface Evidence {
  /** The kinds of which something is absent. */
  readonly kinds: readonly Kind[];
  /** In words: `Service in namespace "istio-system"`. */
  readonly of: string;
  /** True when the input holds it. */
  readonly given: boolean;
}

export interface RuleMeta {
  /** `family/file-name`, the file that holds the rule. */
  readonly id: string;
  /** Codes users know from other tools: `IST0101`. They work wherever an id works. */
  readonly aliases: readonly string[];
  /** Names of istioctl's analyzers that report the same. `--rule` takes them as istioctl's `--analyzer` does. */
  readonly analyzers?: readonly string[];
  readonly severity: Severity;
  /** True for what is no fault yet: the rule runs where `--rule` names it, or the configuration gives it a severity. */
  readonly isOnRequest?: boolean;
  /** True when `--fix` can mend what the rule finds, or some of it. */
  readonly fixable?: boolean;
  /** One sentence that is true when all is well: "Every gateway port is served by a service." */
  readonly summary: string;
  /** What happens in the mesh when it is not so. */
  readonly why: string;
  /** Every kind that the rule reads, directly or through an index. */
  readonly inputs: readonly Kind[];
  /** Absent: the rule concerns Kubernetes or Gateway API, whatever the mesh. */
  readonly meshes?: readonly MeshId[];
  /** Address of the upstream text or source that makes the rule true. */
  readonly source: string;
  /** Version of meshctl that brought the rule. */
  readonly since: string;
  /** YAML that yields exactly one finding of this rule. */
  readonly bad: string;
  /** YAML that yields none. */
  readonly good: string;
  /** Where the rule differs from the peer's analyzer of the same code, on purpose. */
  readonly differs?: string;
}

export interface Rule {
  readonly meta: RuleMeta;
  check(resources: ResourceSet): Iterable<Problem>;
}
