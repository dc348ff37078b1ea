/** What a mesh is installed from. Adapters say which charts, in which order, with which values; `install/` does the rest. */

import type { Kind } from './resource.ts';

/** Plain values as YAML and JSON hold them, the root being a map. */
export type Values = { readonly [key: string]: unknown };

/** Where a chart comes from when nothing else is said. */
export interface ChartReference {
  /** `https://…` with an index.yaml below it, or `oci://registry/path`, to which the name is appended. */
  readonly repository: string;
  readonly name: string;
  /** An exact version or a constraint as Helm reads it (`~1.28`, `>=2.10 <3`); absent: the newest stable one. */
  readonly version?: string | undefined;
}

/** One chart, installed as one release. */
export interface Component {
  /** Unique within the mesh; what `--chart COMPONENT=DIR` and `--set COMPONENT:key=value` name. */
  readonly id: string;
  readonly chart: ChartReference;
  /** Name of the release, as `helm list` shows it. */
  readonly release: string;
  readonly namespace: string;
  /** Labels that the namespace needs, when it is made and when it is there. */
  readonly namespaceLabels?: Readonly<Record<string, string>>;
  /** Components that must be ready before this one is applied. */
  readonly needs: readonly string[];
  /** Files of the chart itself, such as `values-ha.yaml`, laid over its defaults below `values`; later ones win. */
  readonly valuesFiles?: readonly string[];
  /** Everything laid over the chart's defaults: of the profile, then the user's. As in Helm's values, `null` takes a default away. */
  readonly values: Values;
}

/** A sign by which left-overs are told. */
export interface LeftOverSign {
  readonly kind: Kind;
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Of the name; every object of the selection when absent. */
  readonly name?: RegExp | undefined;
  /** Why it is there, in half a sentence: `istiod keeps its authority in it`. */
  readonly reason: string;
}

export interface Profile {
  readonly name: string;
  /** One sentence. */
  readonly summary: string;
  /** Ids of the components that it brings, in the order of their needs. */
  readonly components: readonly string[];
}

export interface InstallRequest {
  /** Absent: the default one. */
  readonly profile?: string | undefined;
  /** Version of the mesh, or a constraint. */
  readonly version?: string | undefined;
  /** Of the control plane, where the user wants another than the usual one. */
  readonly namespace?: string | undefined;
  readonly revision?: string | undefined;
  /** Components besides those of the profile, and those of it to leave out. */
  readonly with: readonly string[];
  readonly without: readonly string[];
  /** Further copies of components, by ids of their own, which the releases are named by: `{ 'private-gateway': 'istio-ingressgateway' }`. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Of single components, where the user wants another than the usual one. */
  readonly namespaces?: Readonly<Record<string, string>>;
  readonly values: {
    /** For every component. */
    readonly all: Values;
    readonly of: Readonly<Record<string, Values>>;
  };
  /**
   * Values that the same releases were given before, by component: what was generated then stays. A release that was
   * given none has an empty map, and only a release that is not there has no entry.
   */
  readonly before: Readonly<Record<string, Values>>;
  /** Makes new what was generated, such as certificates near their end. */
  readonly renew?: boolean;
  /** False for a plan that is only looked at: no key is made for it, and required values may be missing. */
  readonly complete?: boolean;
  readonly now: Date;
}

export interface MeshPlan {
  /** In the order of their needs. */
  readonly components: readonly Component[];
  /** What the user should know, such as until when a generated certificate is valid. Never a key. */
  readonly notices: readonly string[];
}

/** What a file in the format of a mesh's own installer stands for. */
export interface ConvertedRequest extends Omit<InstallRequest, 'version' | 'before' | 'now' | 'renew' | 'complete'> {
  /** What is done otherwise than that installer does it. */
  readonly notices: readonly string[];
}

/** The capability of an adapter. */
export interface Install {
  readonly profiles: readonly Profile[];
  readonly defaultProfile: string;
  /** Every component that a profile or `--with` can bring, in the order of their needs. */
  readonly components: readonly { readonly id: string; readonly summary: string }[];
  /** What stays in a cluster when the releases are gone, because the mesh made it while it ran. */
  readonly leftOvers?: readonly LeftOverSign[];
  /** @throws MeshctlError E_INSTALL for profiles, components, revisions and values that do not fit */
  plan(request: InstallRequest): Promise<MeshPlan>;
  /**
   * Reads a file in the format of the mesh's own installer, such as an IstioOperator.
   * @returns undefined when it is none
   * @throws MeshctlError E_INSTALL naming the fields that charts have no place for
   */
  convert?(document: unknown): ConvertedRequest | undefined;
}
