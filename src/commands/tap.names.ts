/** Who the addresses belong to, read again when new ones come. */
import { MeshctlError } from '../errors.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Kind, Resource } from '../model/resource.ts';
import type { TapEvent } from '../model/tap.ts';
import { type AddressBook, addressBook } from '../tap/names.ts';

/** Addresses from outside of the cluster stay unknown, and are no reason to read all pods again and again. */
const LEAST_PAUSE_MS = 15_000;

export class Names {
  readonly #cluster: Cluster;
  readonly #now: () => number;
  readonly #signal: AbortSignal;
  #book: AddressBook = addressBook([], []);
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  constructor(cluster: Cluster, now: () => number, signal: AbortSignal) {
    this.#cluster = cluster;
    this.#now = now;
    this.#signal = signal;
  }

  async read(): Promise<void> {
    this.#readAt = this.#now();
    const [pods, services] = await Promise.all([this.#all('core/Pod'), this.#all('core/Service')]);
    this.#book = addressBook(pods, services);
  }

  named(event: TapEvent): TapEvent {
    const unknown = [event.source.address, event.destination.address].some(
      (address) => address !== undefined && !this.#book.knows(address),
    );
    if (unknown && !this.#reading && this.#now() - this.#readAt > LEAST_PAUSE_MS) {
      this.#reading = this.read()
        .catch(() => undefined)
        .finally(() => {
          this.#reading = undefined;
        });
    }
    return this.#book.named(event);
  }

  /** Nothing where it may not be read: addresses then stand for themselves. */
  async #all(kind: Kind): Promise<readonly Resource[]> {
    const found: Resource[] = [];
    try {
      for await (const page of this.#cluster.list(kind, { signal: this.#signal })) found.push(...page);
    } catch (error) {
      if (!(error instanceof MeshctlError)) throw error;
    }
    return found;
  }
}
