/**
 * Every object of one analysis, with every lookup as an index built at most once. Rules read
 * nothing else. Recording which kinds are read (`recording`) is how tests prove a rule's inputs.
 */
import { labelsMatch } from './labels.ts';
import { groupBy, lazy } from './maps.ts';
import type { Kind, Resource } from './resource.ts';
import type { Violation } from './violation.ts';

/** A view computed from the set once and shared by all rules: hosts, workloads, mesh configuration. */
export interface Derivation<T> {
  readonly name: string;
  build(resources: ResourceSet): T;
}

/** What the command line or the configuration file says about the mesh as a whole. */
export interface Settings {
  /** DNS suffix of services. */
  readonly clusterDomain: string;
  /** Namespace whose mesh configuration applies everywhere; undefined: as the mesh's own configuration says. */
  readonly rootNamespace?: string | undefined;
  /** Control plane revision to judge for; undefined: the default one. */
  readonly revision?: string | undefined;
  /** Time at which validity is judged, in milliseconds since the epoch; undefined: nothing is judged by time. */
  readonly now?: number | undefined;
}

export interface ResourceSet {
  readonly settings: Settings;
  /** The input claims to hold every object there is, so what is absent does not exist. */
  readonly complete: boolean;
  /** Kinds of which objects may exist that are not here, and why: they could not be read, or only in part. */
  readonly unread: ReadonlyMap<Kind, string>;
  /** Kinds of which every object is here, but some as metadata alone, although what they hold is of interest, and why. */
  readonly partlyRead: ReadonlyMap<Kind, string>;
  /** What the definitions of their kinds have against the objects. Definitions are loaded, which rules cannot wait for. */
  readonly violations: readonly Violation[];
  /** True when what is absent of the kind does not exist. */
  whole(kind: Kind): boolean;
  kinds(): readonly Kind[];
  /** In input order; of objects given twice only the last one. */
  all(kind: Kind): readonly Resource[];
  inNamespace(kind: Kind, namespace: string): readonly Resource[];
  get(kind: Kind, namespace: string, name: string): Resource | undefined;
  /** Objects whose labels carry every entry of the selector; an empty selector selects everything. */
  selectedBy(selector: Readonly<Record<string, string>>, kind: Kind, namespace?: string): readonly Resource[];
  derive<T>(derivation: Derivation<T>): T;
  /** True when the input itself holds an object of the kind; objects assumed on its behalf do not count. */
  given(kind: Kind): boolean;
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

interface KindIndex {
  readonly all: readonly Resource[];
  readonly byKey: () => ReadonlyMap<string, Resource>;
  readonly byNamespace: () => ReadonlyMap<string, readonly Resource[]>;
}

const EMPTY: KindIndex = { all: [], byKey: () => new Map(), byNamespace: () => new Map() };

function indexKind(resources: readonly Resource[]): KindIndex {
  const latest = new Map<string, Resource>();
  for (const resource of resources) latest.set(`${resource.cluster ?? ''} ${keyOf(resource.namespace, resource.name)}`, resource);
  const all = [...latest.values()];
  return { all, byKey: lazy(() => indexKeys(all)), byNamespace: lazy(() => groupBy(all, (resource) => resource.namespace)) };
}

function indexKeys(all: readonly Resource[]): ReadonlyMap<string, Resource> {
  const byKey = new Map<string, Resource>();
  for (const resource of all) {
    const key = keyOf(resource.namespace, resource.name);
    // The primary cluster's object answers for the name; a remote one does when it is the only one.
    if (resource.cluster === undefined || !byKey.has(key)) byKey.set(key, resource);
  }
  return byKey;
}

export interface SetOptions {
  readonly complete?: boolean;
  /** For sets read from a cluster: all other kinds are whole. */
  readonly unread?: ReadonlyMap<Kind, string> | undefined;
  readonly partlyRead?: ReadonlyMap<Kind, string> | undefined;
  readonly settings?: Partial<Settings>;
  readonly violations?: readonly Violation[] | undefined;
}

/** @param resources in input order; an object given twice counts once, as last given */
export function resourceSet(resources: Iterable<Resource>, options: SetOptions = {}): ResourceSet {
  const indexes = new Map([...groupBy(resources, (resource) => resource.kind)].map(([kind, group]) => [kind, indexKind(group)]));
  const of = (kind: Kind): KindIndex => indexes.get(kind) ?? EMPTY;
  const derived = new Map<Derivation<unknown>, unknown>();
  const unread = options.unread ?? new Map<Kind, string>();
  const set: ResourceSet = {
    settings: { clusterDomain: 'cluster.local', ...options.settings },
    complete: options.complete ?? false,
    unread,
    partlyRead: options.partlyRead ?? new Map<Kind, string>(),
    violations: options.violations ?? [],
    whole: (kind) => !unread.has(kind) && (set.complete || options.unread !== undefined),
    kinds: () => [...indexes.keys()],
    given: (kind) => of(kind).all.some((resource) => !resource.assumed),
    all: (kind) => of(kind).all,
    inNamespace: (kind, namespace) => of(kind).byNamespace().get(namespace) ?? [],
    get: (kind, namespace, name) => of(kind).byKey().get(keyOf(namespace, name)),
    selectedBy(selector, kind, namespace) {
      const candidates = namespace === undefined ? of(kind).all : set.inNamespace(kind, namespace);
      return candidates.filter((candidate) => labelsMatch(selector, candidate.labels));
    },
    derive<T>(derivation: Derivation<T>): T {
      if (!derived.has(derivation)) derived.set(derivation, derivation.build(set));
      return derived.get(derivation) as T;
    },
  };
  return set;
}

/** The same objects behind a set that notes each kind it is asked for, derivations included. */
export function recording(source: ResourceSet): { readonly set: ResourceSet; readonly read: ReadonlySet<Kind> } {
  const read = new Set<Kind>();
  const derived = new Map<Derivation<unknown>, unknown>();
  const noting = <T>(kind: Kind, value: T): T => {
    read.add(kind);
    return value;
  };
  const set: ResourceSet = {
    settings: source.settings,
    complete: source.complete,
    unread: source.unread,
    partlyRead: source.partlyRead,
    violations: source.violations,
    whole: (kind) => source.whole(kind),
    kinds: () => source.kinds(),
    given: (kind) => source.given(kind),
    all: (kind) => noting(kind, source.all(kind)),
    inNamespace: (kind, namespace) => noting(kind, source.inNamespace(kind, namespace)),
    get: (kind, namespace, name) => noting(kind, source.get(kind, namespace, name)),
    selectedBy: (selector, kind, namespace) => noting(kind, source.selectedBy(selector, kind, namespace)),
    derive<T>(derivation: Derivation<T>): T {
      if (!derived.has(derivation)) derived.set(derivation, derivation.build(set));
      return derived.get(derivation) as T;
    },
  };
  return { set, read };
}
