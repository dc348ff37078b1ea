/** How texts of annotations and flags become values of the chart, and back. */
import { parseDuration } from '../../../text/duration.ts';
import { parseQuantity } from '../../../text/quantity.ts';

export interface Reading {
  /** Undefined for a text that it does not understand. */
  read(text: string): unknown;
  write(value: unknown): string;
  /** What the text has to be, as the end of a sentence. */
  readonly wants: string;
}

const plainly = (wants: string, read: (text: string) => unknown): Reading => ({ wants, read, write: String });

export const text = plainly('text', (given) => given);

export const integer = plainly('a number', (given) => (/^-?\d{1,15}$/.test(given) ? Number(given) : undefined));

export const port = plainly('a port', (given) => (/^\d{1,5}$/.test(given) && Number(given) < 65536 ? Number(given) : undefined));

export const quantity = plainly('a quantity such as "100m" or "64Mi"', (given) => (parseQuantity(given) === undefined ? undefined : given));

export const cpuRatio = plainly('a number between 0 and 1', (given) => {
  const ratio = Number(given);
  return given.trim() !== '' && ratio > 0 && ratio < 1 ? ratio : undefined;
});

/** The spellings of Go's ParseBool. */
export const boolean = plainly('"true" or "false"', (given) => {
  if (/^(?:1|t|T|true|TRUE|True)$/.test(given)) return true;
  return /^(?:0|f|F|false|FALSE|False)$/.test(given) ? false : undefined;
});

export const onOff: Reading = {
  wants: '"enabled" or "disabled"',
  read: (given) => (given === 'enabled' ? true : given === 'disabled' ? false : undefined),
  write: (value) => (value === true ? 'enabled' : 'disabled'),
};

export const oneOf = (...known: readonly string[]): Reading =>
  plainly(`one of ${known.map((each) => `"${each}"`).join(', ')}`, (given) => (known.includes(given) ? given : undefined));

/** @param unit in which the chart keeps it, cut to a whole number; none for a bare number of seconds */
export function duration(unit: 'ms' | 's' | ''): Reading {
  return {
    wants: 'a duration such as "30s"',
    read: (given) => {
      const milliseconds = parseDuration(given);
      if (milliseconds === undefined) return undefined;
      const amount = Math.trunc(unit === 'ms' ? milliseconds : milliseconds / 1000);
      return unit === '' ? amount : `${amount}${unit}`;
    },
    write: (value) => (typeof value === 'number' ? `${value}s` : String(value)),
  };
}
