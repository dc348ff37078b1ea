/** Amounts of cores, bytes and the like, as Kubernetes writes them. */

const QUANTITY = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([KMGTPE]i)|([numkMGTPE])|[eE]([+-]?\d+))?$/;

const BINARY: Readonly<Record<string, number>> = { Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 };
const DECIMAL_EXPONENT: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/**
 * Reads a Kubernetes quantity such as `250m`, `1.5Gi` or `1e3`.
 * @returns the value in base units (cores, bytes), exact for integers below 2^53; undefined for what is no quantity
 * @see https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
 */
export function parseQuantity(text: string): number | undefined {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, number = '', binary, decimal, exponent] = match;
  if (binary !== undefined) return Number(number) * (BINARY[binary] ?? 1);
  // Scaling in decimal notation keeps `100m` at 0.1 instead of the nearest product.
  return Number(`${number}e${decimal === undefined ? (exponent ?? 0) : DECIMAL_EXPONENT[decimal]}`);
}
