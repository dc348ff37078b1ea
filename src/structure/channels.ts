/** Gateway API comes in two channels, and from the outside nobody sees which one a cluster has. */
import type { Found } from './found.ts';

/**
 * What is wrong in both channels is wrong. What the standard channel alone refuses needs the experimental one, which
 * is worth a remark; and then what that one alone refuses counts as well.
 */
export function inChannels(standard: readonly Found[], experimental: readonly Found[] | undefined): readonly Found[] {
  if (!experimental || standard.length === 0) return standard;
  const [inStandard, inExperimental] = [new Set(standard.map(keyOf)), new Set(experimental.map(keyOf))];
  const both = standard.filter((found) => inExperimental.has(keyOf(found)));
  const stricter = experimental.filter((found) => !inStandard.has(keyOf(found)));
  // The channels word some of their rules differently.
  const brokenAlike = new Set(stricter.filter(({ is }) => is === 'rule').map(placeOf));
  const needed = standard.filter((found) => !inExperimental.has(keyOf(found)) && !(found.is === 'rule' && brokenAlike.has(placeOf(found))));
  if (needed.length === 0) return [...both, ...stricter.filter((found) => brokenAlike.has(placeOf(found)) && isBrokenIn(found, standard))];
  return [...both, ...stricter, ...needed.map(experimentalOnly)];
}

const keyOf = ({ is, path, message }: Found): string => JSON.stringify([is, path, message]);
const placeOf = ({ path }: Found): string => JSON.stringify(path);

function isBrokenIn(found: Found, standard: readonly Found[]): boolean {
  return standard.some((other) => other.is === 'rule' && placeOf(other) === placeOf(found));
}

function experimentalOnly(found: Found): Found {
  const name = found.path.at(-1);
  const message =
    found.is === 'unknown-field'
      ? `Field "${name}" exists in the experimental channel of Gateway API only.`
      : `Only the experimental channel of Gateway API takes this. In the standard channel: ${found.message}`;
  return {
    ...found,
    is: 'experimental',
    message,
    fix: 'Make sure that every cluster it is meant for has the definitions of the experimental channel.',
  };
}
