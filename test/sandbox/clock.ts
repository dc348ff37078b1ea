/** A clock that stands until it is moved. */
export interface ManualClock {
  now(): number;
  after(delayMs: number, action: () => void): () => void;
  /** Runs in order what falls due on the way. */
  advance(ms: number): void;
  /** Sleeps: what falls due on the way is late. */
  skip(ms: number): void;
}

export function manualClock(startAt = Date.now()): ManualClock {
  let time = startAt;
  let waiting: { readonly at: number; readonly action: () => void }[] = [];
  return {
    now: () => time,
    after: (delayMs, action) => {
      const entry = { at: time + delayMs, action };
      waiting.push(entry);
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    skip: (ms) => {
      time += ms;
    },
    advance: (ms) => {
      const until = time + ms;
      for (;;) {
        const next = waiting.filter(({ at }) => at <= until).sort((left, right) => left.at - right.at)[0];
        if (!next) break;
        waiting = waiting.filter((each) => each !== next);
        time = Math.max(time, next.at);
        next.action();
      }
      time = until;
    },
  };
}
