/** Which kinds are served now: the built-in ones and those of the CustomResourceDefinitions in the store. */
import type { Kind } from '../../model/resource.ts';
import type { Store } from '../store/store.ts';
import { BUILT_IN } from './built-in.ts';
import { typesOfDefinition } from './custom.ts';
import { type ServedType, storageKind } from './served-type.ts';

export const DEFINITIONS: Kind = 'apiextensions.k8s.io/CustomResourceDefinition';

/** `v2` before `v1` before `v1beta2` before `v1alpha1`, as the API server orders versions. */
function compareVersions(a: string, b: string): number {
  const rank = (version: string): readonly number[] => {
    const parts = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
    if (!parts) return [0, 0, 0];
    return [parts[2] === undefined ? 3 : parts[2] === 'beta' ? 2 : 1, Number(parts[1]), Number(parts[3] ?? 0)];
  };
  const left = rank(a);
  const right = rank(b);
  const index = left.findIndex((value, position) => value !== right[position]);
  return index < 0 ? (a < b ? -1 : 1) : (right[index] ?? 0) - (left[index] ?? 0);
}

export class Registry {
  readonly #store: Store;
  #types: readonly ServedType[] | undefined;
  #byUrl = new Map<string, ServedType>();
  #byKind = new Map<string, ServedType>();

  constructor(store: Store) {
    this.#store = store;
    store.subscribe((event) => {
      if (event.kind === DEFINITIONS) this.#types = undefined;
    });
  }

  types(): readonly ServedType[] {
    if (this.#types) return this.#types;
    const custom = this.#store.list(DEFINITIONS).flatMap((definition) => typesOfDefinition(definition));
    const types = [...BUILT_IN, ...custom];
    this.#byUrl = new Map(types.map((type) => [`${type.group}/${type.version}/${type.plural}`, type]));
    this.#byKind = new Map();
    for (const type of [...types].sort((a, b) => compareVersions(a.version, b.version))) {
      if (!this.#byKind.has(storageKind(type))) this.#byKind.set(storageKind(type), type);
    }
    this.#types = types;
    return types;
  }

  /** The type that a URL names. */
  find(group: string, version: string, plural: string): ServedType | undefined {
    this.types();
    return this.#byUrl.get(`${group}/${version}/${plural}`);
  }

  /** The preferred version of a kind. */
  preferred(kind: Kind): ServedType | undefined {
    this.types();
    return this.#byKind.get(kind);
  }

  /** Groups in order of name, each with its versions, the preferred one first; the core group is not among them. */
  groups(): readonly { readonly name: string; readonly versions: readonly string[] }[] {
    const found = new Map<string, Set<string>>();
    for (const type of this.types()) {
      if (type.group === '') continue;
      const versions = found.get(type.group) ?? new Set<string>();
      found.set(type.group, versions.add(type.version));
    }
    return [...found].map(([name, versions]) => ({ name, versions: [...versions].sort(compareVersions) }));
  }

  inVersion(group: string, version: string): readonly ServedType[] {
    return this.types().filter((type) => type.group === group && type.version === version);
  }
}
