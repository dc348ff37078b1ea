/** How sidecars come into pods, and what goes wrong on the way. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
