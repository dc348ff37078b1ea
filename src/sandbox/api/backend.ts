/** What every handler works on. */
import type { RemoteVersion } from '../aggregation/api-services.ts';
import type { Registry } from '../kinds/registry.ts';
import type { Programs, SandboxOptions } from '../options.ts';
import type { Store } from '../store/store.ts';
import type { Tokens } from './tokens.ts';

export interface Backend {
  readonly store: Store;
  readonly registry: Registry;
  readonly options: SandboxOptions;
  /** Every request carries it. */
  readonly token: string;
  /** Those of service accounts. */
  readonly tokens: Tokens;
  /** Milliseconds since the epoch; an hour ago while the cluster is set up. */
  readonly now: () => number;
  /** False while the cluster is set up: nothing takes time then, and no Events are recorded. */
  readonly isOpen: () => boolean;
  /** Runs an action later on the sandbox's clock; the result cancels it. */
  readonly after: (delayMs: number, action: () => void) => () => void;
  /** Aborted when the sandbox closes. */
  readonly closing: AbortSignal;
  readonly url: () => string;
  /** Groups and versions that services in the cluster serve. */
  readonly remotes: () => readonly RemoteVersion[];
  /** What runs in the pods; nothing does while the cluster is set up. */
  readonly programs: () => Programs;
}
