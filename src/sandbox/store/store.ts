/** The sandbox's etcd: objects by kind and key, one counter of revisions, and a bounded history for watches. */
import { randomUUID } from 'node:crypto';
import type { Kind } from '../../model/resource.ts';
import { isSame, type KubeObject, timestamp } from './object.ts';

export interface StoreEvent {
  readonly revision: number;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly kind: Kind;
  readonly object: KubeObject;
  /** What a watch with a selector needs to tell a change from an arrival. */
  readonly previous?: KubeObject;
}

export interface StoredRef {
  readonly kind: Kind;
  readonly namespace: string;
  readonly name: string;
}

interface Shelf {
  readonly objects: Map<string, KubeObject>;
  /** Keys in order; undefined after an arrival or a departure. */
  sorted: readonly string[] | undefined;
}

const keyOf = (namespace: string, name: string): string => `${namespace}/${name}`;

export class Store {
  readonly #now: () => number;
  readonly #historyLimit: number;
  readonly #shelves = new Map<Kind, Shelf>();
  readonly #dependents = new Map<string, Map<string, StoredRef>>();
  readonly #listeners = new Set<(event: StoreEvent) => void>();
  #history: StoreEvent[] = [];
  #revision = 1000;
  #compacted = 1000;

  constructor(now: () => number, historyLimit = 5000) {
    this.#now = now;
    this.#historyLimit = historyLimit;
  }

  get revision(): number {
    return this.#revision;
  }

  get(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    return this.#shelves.get(kind)?.objects.get(keyOf(namespace, name));
  }

  /** Objects of a kind ordered by namespace and name; of all namespaces when none is named. */
  list(kind: Kind, namespace = ''): readonly KubeObject[] {
    const shelf = this.#shelves.get(kind);
    if (!shelf) return [];
    shelf.sorted ??= [...shelf.objects.keys()].sort();
    const found: KubeObject[] = [];
    for (const key of shelf.sorted) {
      const object = shelf.objects.get(key);
      if (object && (namespace === '' || object.metadata.namespace === namespace)) found.push(object);
    }
    return found;
  }

  kinds(): readonly Kind[] {
    return [...this.#shelves.keys()];
  }

  /** Objects that name `uid` as an owner. */
  dependents(uid: string): readonly StoredRef[] {
    return [...(this.#dependents.get(uid)?.values() ?? [])];
  }

  /** Adds an object and gives it what only the server may give: uid, creation time, revision. */
  create(kind: Kind, object: KubeObject): KubeObject {
    const { metadata } = object;
    const stored: KubeObject = {
      ...object,
      metadata: {
        ...metadata,
        uid: metadata.uid ?? randomUUID(),
        creationTimestamp: metadata.creationTimestamp ?? timestamp(this.#now()),
        resourceVersion: String(++this.#revision),
      },
    };
    this.#put(kind, stored);
    this.#record({ revision: this.#revision, type: 'ADDED', kind, object: stored });
    return stored;
  }

  /** Replaces an object by a new state of it; the same state leaves the revision alone. */
  replace(kind: Kind, object: KubeObject): KubeObject {
    const previous = this.get(kind, object.metadata.namespace ?? '', object.metadata.name);
    if (!previous) return object;
    const kept = { ...object, metadata: { ...object.metadata, resourceVersion: previous.metadata.resourceVersion } };
    if (isSame(kept, previous)) return previous;
    const stored = { ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#revision) } };
    this.#index(kind, previous, false);
    this.#put(kind, stored);
    this.#record({ revision: this.#revision, type: 'MODIFIED', kind, object: stored, previous });
    return stored;
  }

  remove(kind: Kind, namespace: string, name: string): KubeObject | undefined {
    const shelf = this.#shelves.get(kind);
    const previous = shelf?.objects.get(keyOf(namespace, name));
    if (!shelf || !previous) return undefined;
    shelf.objects.delete(keyOf(namespace, name));
    shelf.sorted = undefined;
    this.#index(kind, previous, false);
    const object = { ...previous, metadata: { ...previous.metadata, resourceVersion: String(++this.#revision) } };
    this.#record({ revision: this.#revision, type: 'DELETED', kind, object, previous });
    return object;
  }

  /** What happened to a kind after a revision; undefined when that is no longer known. */
  since(revision: number, kind: Kind): readonly StoreEvent[] | undefined {
    if (revision < this.#compacted) return undefined;
    return this.#history.filter((event) => event.revision > revision && event.kind === kind);
  }

  /** Forgets the history, as etcd's compaction does; older watches and lists get 410. */
  compact(): void {
    this.#history = [];
    this.#compacted = this.#revision;
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #put(kind: Kind, object: KubeObject): void {
    const shelf = this.#shelves.get(kind) ?? { objects: new Map<string, KubeObject>(), sorted: undefined };
    this.#shelves.set(kind, shelf);
    const key = keyOf(object.metadata.namespace ?? '', object.metadata.name);
    if (!shelf.objects.has(key)) shelf.sorted = undefined;
    shelf.objects.set(key, object);
    this.#index(kind, object, true);
  }

  #index(kind: Kind, object: KubeObject, present: boolean): void {
    const ref = { kind, namespace: object.metadata.namespace ?? '', name: object.metadata.name };
    for (const owner of object.metadata.ownerReferences ?? []) {
      const known = this.#dependents.get(owner.uid) ?? new Map<string, StoredRef>();
      if (present) known.set(`${kind} ${keyOf(ref.namespace, ref.name)}`, ref);
      else known.delete(`${kind} ${keyOf(ref.namespace, ref.name)}`);
      if (known.size > 0) this.#dependents.set(owner.uid, known);
      else this.#dependents.delete(owner.uid);
    }
  }

  #record(event: StoreEvent): void {
    this.#history.push(event);
    if (this.#history.length > this.#historyLimit * 2) {
      const dropped = this.#history.splice(0, this.#history.length - this.#historyLimit);
      this.#compacted = dropped.at(-1)?.revision ?? this.#compacted;
    }
    for (const listener of [...this.#listeners]) listener(event);
  }
}
