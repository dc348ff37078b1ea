import { Duplex } from 'node:stream';

/** Two ends of a connection inside the process; what is written to one is read from the other. */
export function streamPair(): readonly [Duplex, Duplex] {
  const near: End = new End(() => far);
  const far: End = new End(() => near);
  return [near, far];
}

class End extends Duplex {
  readonly #other: () => End;
  #resume: (() => void) | undefined;

  constructor(other: () => End) {
    super();
    this.#other = other;
  }

  override _read(): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    const other = this.#other();
    if (other.destroyed) done(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    else if (other.push(chunk)) done();
    else other.#resume = done;
  }

  override _final(done: () => void): void {
    this.#other().push(null);
    done();
  }

  /** A connection that is torn down at one end ends at the other too. */
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    const resume = this.#resume;
    this.#resume = undefined;
    resume?.();
    const other = this.#other();
    setImmediate(() => {
      if (!other.destroyed) other.destroy();
    });
    done(error);
  }
}
