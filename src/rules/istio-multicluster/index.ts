/** Networks and services that span clusters. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
