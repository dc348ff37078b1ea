/** Fields, kinds and versions that have been superseded. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
