/** Whether two parsed values say the same. An entry that is undefined counts as absent, as JSON has it. */

export function isEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null) {
    // The only number that is not itself.
    return Number.isNaN(left) && Number.isNaN(right);
  }
  if (Array.isArray(left) || Array.isArray(right)) {
    return (
      Array.isArray(left) &&
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, index) => isEqual(item, right[index]))
    );
  }
  const [mine, theirs] = [definedEntries(left), definedEntries(right)];
  return (
    mine.length === theirs.length &&
    mine.every(([key, value]) => Object.hasOwn(right, key) && isEqual(value, (right as Record<string, unknown>)[key]))
  );
}

function definedEntries(value: object): readonly (readonly [string, unknown])[] {
  return Object.entries(value).filter(([, entry]) => entry !== undefined);
}
