/** Flags of single meshes, as their adapters name them: a declaration loads no adapter, and a test compares the two. */
import type { OptionRow } from './define.ts';

export const meshFlags: readonly OptionRow[] = [];
