/** How many events come through: at the most so many a second, or one of so many. */

/** A token bucket of one second. */
export function rateLimit(maxRps: number, now: () => number): () => boolean {
  let tokens = maxRps;
  let at = now();
  return () => {
    const time = now();
    tokens = Math.min(maxRps, tokens + ((time - at) / 1000) * maxRps);
    at = time;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}

/** Evenly: of 25 % every fourth. */
export function sampling(percent: number): () => boolean {
  let sum = 0;
  return () => {
    sum += percent;
    if (sum < 100) return false;
    sum -= 100;
    return true;
  };
}
