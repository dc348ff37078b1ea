/** DestinationRules and ServiceEntries: where traffic can be sent, and how it is secured on the way. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
