/** Between those who see requests and the one who prints them: a slow reader loses events, and never makes memory grow. */

export class TapBuffer<T> {
  readonly #most: number;
  #items: T[] = [];
  #wake: (() => void) | undefined;
  #waiting: (() => void)[] = [];
  #ended = false;
  #dropped = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Events that found no room. */
  get dropped(): number {
    return this.#dropped;
  }

  push(item: T): void {
    if (this.#ended) return;
    if (this.#items.length >= this.#most) {
      this.#dropped++;
      return;
    }
    this.#items.push(item);
    this.#notify();
  }

  /** For those who can be kept waiting, such as a log: what they have to say is still there later. */
  async pushWhenRoom(item: T): Promise<void> {
    while (this.#items.length >= this.#most && !this.#ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.push(item);
  }

  end(): void {
    this.#ended = true;
    this.#makeRoom();
    this.#notify();
  }

  #makeRoom(): void {
    for (const go of this.#waiting) go();
    this.#waiting = [];
  }

  #notify(): void {
    this.#wake?.();
    this.#wake = undefined;
  }

  /** What has gathered since the last time, in one piece; ends when it was ended and is empty. One reader at a time. */
  async *batches(): AsyncIterable<readonly T[]> {
    for (;;) {
      if (this.#items.length > 0) {
        const batch = this.#items;
        this.#items = [];
        this.#makeRoom();
        yield batch;
      } else if (this.#ended) {
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        // What comes with it in the same turn is printed with it.
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
    }
  }
}
