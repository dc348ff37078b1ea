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

/** Beyond it nothing is an amount of anything. */
const MOST_EXPONENT = 100;

const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const DECIMAL_SUFFIXES: ReadonlyMap<number, string> = new Map([
  [-9, 'n'],
  [-6, 'u'],
  [-3, 'm'],
  [0, ''],
  [3, 'k'],
  [6, 'M'],
  [9, 'G'],
  [12, 'T'],
  [15, 'P'],
  [18, 'E'],
]);

/**
 * The same amount as the API server writes it: no fraction, and the largest suffix that needs none. `2000m` is `2` and
 * `1024Mi` is `1Gi`.
 * @returns undefined for what is no quantity
 */
export function canonicalQuantity(text: string): string | undefined {
  const match = QUANTITY.exec(text);
  if (!match) return undefined;
  const [, number = '', binary, decimal, exponent] = match;
  if (Math.abs(Number(exponent ?? 0)) > MOST_EXPONENT) return text;
  const [, sign = '', whole = '', fraction = ''] = /^([+-]?)(\d*)\.?(\d*)$/.exec(number) ?? [];
  const digits = BigInt(`${whole}${fraction}` || '0');
  if (digits === 0n) return '0';
  const minus = sign === '-' ? '-' : '';
  if (binary !== undefined) {
    const factor = BigInt(BINARY[binary] ?? 1);
    // Bytes are never cut in two.
    const scale = 10n ** BigInt(fraction.length);
    let amount = (digits * factor + scale - 1n) / scale;
    // Less than a kibibyte is written in decimal.
    if (amount < 1024n) return `${minus}${amount}`;
    let power = 0;
    while (amount % 1024n === 0n && power < BINARY_SUFFIXES.length - 1) {
      amount /= 1024n;
      power++;
    }
    return `${minus}${amount}${BINARY_SUFFIXES[power]}`;
  }
  let amount = digits;
  let power = Number(decimal === undefined ? (exponent ?? 0) : DECIMAL_EXPONENT[decimal]) - fraction.length;
  // Nothing is finer than a billionth; what is left is rounded up.
  for (; power < -9; power++) amount = (amount + 9n) / 10n;
  for (; amount % 10n === 0n; power++) amount /= 10n;
  for (; power % 3 !== 0; power--) amount *= 10n;
  if (exponent !== undefined) return `${minus}${amount}${power === 0 ? '' : `e${power}`}`;
  for (; power > 18; power -= 3) amount *= 1000n;
  return `${minus}${amount}${DECIMAL_SUFFIXES.get(power)}`;
}
