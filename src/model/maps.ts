/** Maps of lists, and values computed at most once: what newer versions of JavaScript bring as `Map.groupBy` and `getOrInsertComputed`. */

/** The items by a key of theirs, keys and items in the order in which they come. */
export function groupBy<K, T>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) getOrInsert(groups, keyOf(item), () => []).push(item);
  return groups;
}

/** The same for items that are found under several keys. */
export function groupByEach<K, T>(items: Iterable<T>, keysOf: (item: T) => Iterable<K>): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    for (const key of keysOf(item)) getOrInsert(groups, key, () => []).push(item);
  }
  return groups;
}

/** The value of a key, which is computed and kept when the map has none. */
export function getOrInsert<K, V>(map: Map<K, V>, key: K, compute: () => V): V {
  const known = map.get(key);
  if (known !== undefined || map.has(key)) return known as V;
  const value = compute();
  map.set(key, value);
  return value;
}

/** A value that is computed when it is first asked for. */
export function lazy<T>(compute: () => T): () => T {
  let value: { readonly it: T } | undefined;
  return () => {
    value ??= { it: compute() };
    return value.it;
  };
}
