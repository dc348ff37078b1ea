/** Gateway API resources, whatever implements them. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
