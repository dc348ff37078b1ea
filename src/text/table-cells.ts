/** Values as tables show them. */

export const NONE = '-';

export const orNone = (value: string | number | undefined): string => (value === undefined || value === '' ? NONE : String(value));

/** RFC 3339 in whole seconds. */
export const timeText = (time: number | undefined): string =>
  time === undefined || Number.isNaN(time) ? NONE : new Date(time).toISOString().replace(/\.\d{3}Z$/, 'Z');

const DAY_MS = 86_400_000;

/** `yes`, and how long still when that is not long. */
export function validity(
  { notBefore, notAfter }: { readonly notBefore?: number | undefined; readonly notAfter?: number | undefined },
  now: number,
): string {
  if (notAfter === undefined || notBefore === undefined || Number.isNaN(notAfter)) return NONE;
  if (now > notAfter) return 'no, expired';
  if (now < notBefore) return 'no, not yet';
  const hours = Math.floor((notAfter - now) / 3_600_000);
  return notAfter - now < 2 * DAY_MS ? `yes, ${hours}h left` : 'yes';
}

/** In the order of their keys, numbers by their size. */
export function sortedBy<Row>(rows: readonly Row[], key: (row: Row) => readonly (string | number | undefined)[]): readonly Row[] {
  const text = (keys: readonly (string | number | undefined)[]): string =>
    keys.map((each) => (typeof each === 'number' ? String(each).padStart(6, '0') : (each ?? ''))).join('\u0000');
  return rows
    .map((row) => ({ row, at: text(key(row)) }))
    .sort((left, right) => (left.at < right.at ? -1 : left.at > right.at ? 1 : 0))
    .map(({ row }) => row);
}
