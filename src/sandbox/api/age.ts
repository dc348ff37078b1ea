import { humanAge } from '../../text/age.ts';

export function ageSince(time: unknown, now: number): string {
  const then = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(then) ? '<unknown>' : humanAge(now - then);
}
