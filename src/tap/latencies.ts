/** Percentiles of any number of durations in a fixed amount of memory, a few per cent exact. */

/** Each bucket is 5 % wider than the one before; together they reach from 0.1 ms to beyond a day. */
const GROWTH = 1.05;
const LEAST_MS = 0.1;
const BUCKETS = 430;

export class Latencies {
  readonly #counts = new Uint32Array(BUCKETS);
  #total = 0;

  get count(): number {
    return this.#total;
  }

  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / Math.log(GROWTH));
    const place = Math.min(BUCKETS - 1, Math.max(0, bucket));
    this.#counts[place] = (this.#counts[place] ?? 0) + 1;
    this.#total++;
  }

  /** @returns milliseconds; undefined before anything was added */
  percentile(part: number): number | undefined {
    if (this.#total === 0) return undefined;
    const wanted = Math.max(1, Math.ceil(this.#total * part));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] ?? 0;
      if (seen >= wanted) return LEAST_MS * GROWTH ** bucket;
    }
    return LEAST_MS * GROWTH ** (BUCKETS - 1);
  }
}
