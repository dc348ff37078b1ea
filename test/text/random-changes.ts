/** Seeded changes of parsed values, for tests of whoever edits texts. */

export type Random = (below: number) => number;

/** Mulberry32. */
export function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}

const TEXTS = ['x', 'yes', '', ' a', 'a: b #', 'two\nlines\n', '\n\nend\n\n', '  indented\nnot\n', 'tab\t', '*x', '{', 'é', '012'];
const VALUES: readonly unknown[] = [...TEXTS, 7, 1.5, true, null, {}, [], { a: { b: [{ c: 1, d: [] }, 'e'] }, on: 'x' }, [[1], { n: 'y' }]];

/** Changes one place of a value, and says in which mapping or list. */
export function changeAnywhere(root: unknown, random: Random): readonly (string | number)[] {
  const path: (string | number)[] = [];
  let at = root as Record<string, unknown> | unknown[];
  for (;;) {
    const keys = Object.keys(at);
    const key = keys[random(keys.length)];
    const next = key === undefined ? undefined : (at as Record<string, unknown>)[key];
    if (key !== undefined && typeof next === 'object' && next !== null && random(4) > 0) {
      path.push(Array.isArray(at) ? Number(key) : key);
      at = next as typeof at;
      continue;
    }
    const value = JSON.parse(JSON.stringify(VALUES[random(VALUES.length)]));
    if (Array.isArray(at)) at.splice(random(at.length + 1), random(2), ...(random(3) === 0 ? [] : [value]));
    else if (key !== undefined && random(3) === 0) delete at[key];
    else at[key === undefined || random(2) === 0 ? 'added/key' : key] = value;
    return path;
  }
}
