/** How what one proxy has differs from what its control plane would send it now. */

/** Seen from the proxy: it lacks something, has something too much, or has it otherwise. */
export interface FieldDifference {
  /** `virtual_hosts[reviews].routes[0].route.timeout`, with the names of fields as Envoy writes them. */
  readonly path: string;
  /** `reordered`: the same items in another order, which are then the values. */
  readonly change: 'missing' | 'surplus' | 'changed' | 'reordered';
  /** What the control plane would send; absent with `surplus`. */
  readonly intended?: unknown;
  /** What the proxy has; absent with `missing`. */
  readonly actual?: unknown;
}

export interface ResourceDifference {
  readonly name: string;
  readonly change: 'missing' | 'surplus' | 'changed';
  /** Why the proxy refused the last change of it. */
  readonly error?: string | undefined;
  /** A newer one is there, and waits for something before it takes effect. */
  readonly isWarming?: boolean | undefined;
  /** With `changed`; sorted by path. */
  readonly fields: readonly FieldDifference[];
}

/** One type of resources. */
export interface TypeComparison {
  /** `clusters`. */
  readonly type: string;
  /** `CDS`. */
  readonly xds: string;
  /** Resources of this type that one of both has. */
  readonly compared: number;
  /** Sorted by name. */
  readonly differences: readonly ResourceDifference[];
  /** Why the type could not be compared, as a sentence. */
  readonly skipped?: string | undefined;
}

/** The instance of a control plane that serves a proxy. */
export interface ServingControlPlane {
  readonly namespace: string;
  readonly name: string;
  readonly revision?: string | undefined;
}

/** What a control plane would send to one proxy. */
export interface IntendedConfiguration {
  readonly controlPlane: ServingControlPlane;
  /** Where the proxy's administration shows what it has. */
  readonly dumpPath: string;
  /** @throws MeshctlError E_DUMP for what is no such dump */
  compare(dump: unknown): readonly TypeComparison[];
}
