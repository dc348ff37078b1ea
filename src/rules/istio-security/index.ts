/** Authentication and authorization policies. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
