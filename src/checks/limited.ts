export type Slots = <T>(work: () => Promise<T>) => Promise<T>;

/** Work waits until fewer than `limit` pieces of it are under way. */
export function limited(limit: number): Slots {
  let free = limit;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free--;
    else await new Promise<void>((resolve) => void waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}
