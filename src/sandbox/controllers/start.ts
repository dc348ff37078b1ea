/**
 * The controllers: every change marks objects, and the marked ones are reconciled. At the start they run to the end
 * without waiting, so that a sandbox opens with a cluster that has been running for a while.
 */
import { stringAt, stringMapAt } from '../../model/body.ts';
import { labelsMatch } from '../../model/labels.ts';
import { type Kind, kindOf } from '../../model/resource.ts';
import type { Backend } from '../api/backend.ts';
import { DEFINITIONS } from '../kinds/registry.ts';
import type { KubeObject } from '../store/object.ts';
import type { StoredRef, StoreEvent } from '../store/store.ts';
import { DEPLOYMENT, reconcileDeployment } from './deployment.ts';
import { reconcileEndpoints, SERVICE } from './endpoints.ts';
import { recordEvent } from './events.ts';
import { collectDependents, collectInstances, finalizeNamespace, finalizeOwner } from './garbage.ts';
import { DAEMON_SET, JOB, reconcileDaemonSet, reconcileJob, reconcileStatefulSet, STATEFUL_SET } from './named-pods.ts';
import { nextStep } from './pods.ts';
import { REPLICA_SET, reconcileReplicaSet } from './replicas.ts';
import { POD } from './workload-parts.ts';

const NAMESPACE: Kind = 'core/Namespace';

const RECONCILE: ReadonlyMap<Kind, (backend: Backend, object: KubeObject) => Promise<void> | undefined | void> = new Map([
  [DEPLOYMENT, reconcileDeployment],
  [REPLICA_SET, reconcileReplicaSet],
  [STATEFUL_SET, reconcileStatefulSet],
  [DAEMON_SET, reconcileDaemonSet],
  [JOB, reconcileJob],
  [SERVICE, reconcileEndpoints],
]);

const RETRY_MS = 5000;

/** A bound on one run, should two controllers disagree for ever. */
const MOST_STEPS = 200_000;

class Controllers {
  readonly #backend: Backend;
  readonly #marked = new Map<string, StoredRef>();
  readonly #timers = new Map<string, () => void>();
  /** Owners whose pods webhooks are being asked about, and whether something concerned them meanwhile. */
  readonly #waiting = new Map<string, boolean>();
  #scheduled: (() => void) | undefined;
  #stopped = false;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  start(): () => void {
    const { store } = this.#backend;
    const unsubscribe = store.subscribe((event) => this.#seen(event));
    for (const kind of [NAMESPACE, ...RECONCILE.keys(), POD]) for (const object of store.list(kind)) this.#mark(kind, object);
    this.#run();
    return () => {
      this.#stopped = true;
      unsubscribe();
      this.#scheduled?.();
      for (const cancel of this.#timers.values()) cancel();
    };
  }

  #mark(kind: Kind, { metadata }: Pick<KubeObject, 'metadata'>): void {
    const ref = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    this.#marked.set(`${kind} ${ref.namespace}/${ref.name}`, ref);
    if (this.#backend.isOpen()) this.#scheduled ??= this.#backend.after(0, () => this.#run());
  }

  /** Marks whatever an event concerns. */
  #seen({ kind, type, object, previous }: StoreEvent): void {
    if (kind === 'core/Event') return;
    const { store } = this.#backend;
    if (type === 'DELETED') collectDependents(this.#backend, object);
    else this.#mark(kind, object);
    for (const owner of object.metadata.ownerReferences ?? []) {
      this.#mark(kindOf(owner.apiVersion, owner.kind), { metadata: { name: owner.name, namespace: object.metadata.namespace ?? '' } });
    }
    const { namespace = '' } = object.metadata;
    const home = namespace === '' ? undefined : store.get(NAMESPACE, '', namespace);
    if (home?.metadata.deletionTimestamp !== undefined) this.#mark(NAMESPACE, home);
    if (kind === NAMESPACE && type === 'ADDED') this.#openNamespace(object);
    if (kind === DEFINITIONS && type === 'DELETED') {
      collectInstances(this.#backend, `${stringAt(object, 'spec', 'group') ?? ''}/${stringAt(object, 'spec', 'names', 'kind') ?? ''}`);
    }
    if (kind === POD) this.#markServices(object, previous);
    if (kind === 'core/Node') for (const set of store.list(DAEMON_SET)) this.#mark(DAEMON_SET, set);
  }

  #markServices(pod: KubeObject, previous: KubeObject | undefined): void {
    for (const service of this.#backend.store.list(SERVICE, pod.metadata.namespace ?? '')) {
      const selector = stringMapAt(service, 'spec', 'selector');
      const selects = (each: KubeObject | undefined): boolean => each !== undefined && labelsMatch(selector, each.metadata.labels ?? {});
      if (Object.keys(selector).length > 0 && (selects(pod) || selects(previous))) this.#mark(SERVICE, service);
    }
  }

  #openNamespace({ metadata }: KubeObject): void {
    const { store } = this.#backend;
    const put = (kind: Kind, object: KubeObject): void => {
      if (!store.get(kind, metadata.name, object.metadata.name)) store.create(kind, object);
    };
    const own = (name: string): KubeObject['metadata'] => ({ name, namespace: metadata.name });
    put('core/ServiceAccount', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own('default') });
  }

  #run(): void {
    this.#scheduled = undefined;
    for (let step = 0; step < MOST_STEPS && this.#marked.size > 0 && !this.#stopped; step++) {
      const [[key, ref] = []] = this.#marked;
      if (key === undefined || !ref) return;
      this.#marked.delete(key);
      const object = this.#backend.store.get(ref.kind, ref.namespace, ref.name);
      if (object) this.#reconcile(key, ref.kind, object);
    }
  }

  #reconcile(key: string, kind: Kind, object: KubeObject): void {
    const isGoing = object.metadata.deletionTimestamp !== undefined;
    if (kind === NAMESPACE) {
      if (isGoing) finalizeNamespace(this.#backend, object);
      return;
    }
    if (isGoing && kind !== POD) {
      finalizeOwner(this.#backend, kind, object);
      return;
    }
    if (this.#waiting.has(key)) {
      this.#waiting.set(key, true);
      return;
    }
    const waiting = RECONCILE.get(kind)?.(this.#backend, object);
    if (waiting) void this.#await(waiting, key, kind, object);
    if (kind === POD) this.#stepPod(key, object);
  }

  async #await(waiting: Promise<void>, key: string, kind: Kind, owner: KubeObject): Promise<void> {
    this.#waiting.set(key, false);
    let refusal: unknown;
    try {
      await waiting;
    } catch (error) {
      refusal = error;
    }
    const isConcerned = this.#waiting.get(key) === true;
    this.#waiting.delete(key);
    if (this.#stopped) return;
    if (refusal) this.#refused(key, kind, owner, refusal instanceof Error ? refusal.message : String(refusal));
    if (!refusal || isConcerned) this.#mark(kind, owner);
  }

  /** Admission refused a pod: that is told by an Event, and tried again. */
  #refused(key: string, kind: Kind, owner: KubeObject, message: string): void {
    if (this.#timers.has(key)) return;
    recordEvent(this.#backend, owner, 'FailedCreate', `Error creating: ${message}`, 'Warning');
    const cancel = this.#backend.after(RETRY_MS, () => {
      this.#timers.delete(key);
      this.#mark(kind, owner);
    });
    this.#timers.set(key, cancel);
  }

  #stepPod(key: string, pod: KubeObject): void {
    const step = nextStep(this.#backend, pod);
    if (!step) return;
    if (!this.#backend.isOpen()) {
      step.run(pod);
      return;
    }
    if (this.#timers.has(key)) {
      if (pod.metadata.deletionTimestamp === undefined) return;
      this.#timers.get(key)?.();
    }
    const cancel = this.#backend.after(step.afterMs, () => {
      this.#timers.delete(key);
      const latest = this.#backend.store.get(POD, pod.metadata.namespace ?? '', pod.metadata.name);
      // The step is asked for again: the pod may have changed meanwhile.
      if (latest && latest.metadata.uid === pod.metadata.uid) nextStep(this.#backend, latest)?.run(latest);
    });
    this.#timers.set(key, cancel);
  }
}

/** @returns what stops them */
export function startControllers(backend: Backend): () => void {
  return new Controllers(backend).start();
}
