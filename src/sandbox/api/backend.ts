/** What every handler works on. */
import type { Registry } from '../kinds/registry.ts';
import type { Admission, Programs, SandboxOptions } from '../options.ts';
import type { KubeObject } from '../store/object.ts';
import type { Store } from '../store/store.ts';
import { ApiProblem } from './status.ts';

export interface Backend {
  readonly store: Store;
  readonly registry: Registry;
  readonly options: SandboxOptions;
  /** Milliseconds since the epoch; an hour ago while the cluster is set up. */
  readonly now: () => number;
  /** False while the cluster is set up: nothing takes time then, and no Events are recorded. */
  readonly isOpen: () => boolean;
  /** Runs an action later on the sandbox's clock; the result cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
  readonly url: () => string;
  /** What runs in the pods; nothing does while the cluster is set up. */
  readonly programs: () => Programs;
}

/**
 * What the scenario's admission makes of an object.
 * @throws ApiProblem when it refuses the object
 */
export function admit({ options, store, isOpen }: Backend, object: KubeObject, operation: 'CREATE' | 'UPDATE'): KubeObject {
  try {
    const get: Admission['get'] = (kind, namespace, name) => store.get(kind, namespace, name);
    return options.admit?.(object, { operation, isOpen: isOpen(), get }) ?? object;
  } catch (error) {
    throw error instanceof ApiProblem ? error : new ApiProblem('InternalError', `Internal error occurred: ${(error as Error).message}`);
  }
}
