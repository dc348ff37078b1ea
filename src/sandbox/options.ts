/** What a sandbox is started with. */
import type { Duplex } from 'node:stream';
import type { AccessRequest } from './api/request.ts';
import type { Account } from './api/tokens.ts';
import type { ChartSource } from './charts/chart-source.ts';
import type { KubeObject } from './store/object.ts';
import type { Store } from './store/store.ts';

interface SandboxClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs an action later; the result cancels it. Real timers when absent. */
  after?(delayMs: number, action: () => void): () => void;
}

interface LogRequest {
  readonly container: string;
  readonly previous: boolean;
}

/** The cluster as the programs in its pods see it. */
export interface Inside {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs an action later on the sandbox's clock; the result cancels it. */
  after(delayMs: number, action: () => void): () => void;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
  /** A TokenReview: whose token it is; undefined when it is none that holds for one of the audiences. */
  judge(token: string, audiences: readonly string[]): Account | undefined;
}

/** What runs in the pods. Nothing of it listens on a port of the machine: connections are streams. */
export interface Programs {
  /** A connection to a port of a pod; undefined refuses it. */
  dial?(pod: KubeObject, port: number): Duplex | undefined;
  /** The log of a container; without an answer the annotation `sandbox.meshctl.dev/log` of the pod is its log. */
  logs?(pod: KubeObject, request: LogRequest): string | LiveLog | undefined;
}

/** A log that goes on. */
export interface LiveLog {
  readonly text: string;
  /** What is added from now on, whole lines, until the signal. */
  added(signal: AbortSignal): AsyncIterable<string>;
}

export interface SandboxOptions {
  /** Any free port when absent. */
  readonly port?: number | undefined;
  /** Objects that are there from the start, an hour old, with their controllers' work done. */
  readonly objects?: Iterable<object> | undefined;
  readonly clock?: SandboxClock | undefined;
  /** TLS by an authority that the kubeconfig names; true when absent. kubectl sends no token over plain HTTP. */
  readonly tls?: boolean | undefined;
  /** Requests must carry it; a fixed one when absent. */
  readonly token?: string | undefined;
  /** True answers 403; access reviews answer by it too. */
  readonly forbid?: ((request: AccessRequest) => boolean) | undefined;
  /** Every answer is late by this much, or by as much as the request says. */
  readonly delayMs?: number | ((request: AccessRequest) => number) | undefined;
  /** Every n-th request is answered by 503. */
  readonly failEvery?: number | undefined;
  /**
   * What a mutating webhook made of a pod before the sandbox opened, when there are no programs yet that could be
   * called: it is asked for each webhook that selects the pod. From then on webhooks are called over HTTPS.
   */
  readonly before?: ((pod: KubeObject, webhook: string) => KubeObject) | undefined;
  /** Starts what runs in the pods, when the cluster has been set up. */
  readonly programs?: ((inside: Inside) => Programs) | undefined;
  /** Charts of a repository on a port of its own; there is no repository when absent. */
  readonly charts?: readonly ChartSource[] | undefined;
  /** How long a new pod takes to become ready. */
  readonly podStartMs?: number | undefined;
}
