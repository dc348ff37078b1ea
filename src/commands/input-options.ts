/** Flags of commands that take their inputs as arguments. */
import type { OptionRow } from './define.ts';

export const inputOptions: readonly OptionRow[] = [
  { flags: '-f, --filename <file>', description: 'the same as an argument, as kubectl has it', repeats: true, keepsCommas: true },
];
