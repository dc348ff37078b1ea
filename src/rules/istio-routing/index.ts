/** How requests are routed: VirtualServices, DestinationRules and what they refer to. */
import type { Rule } from '../../model/rule.ts';
import { destinationHostExists } from './destination-host-exists.ts';

export const rules: readonly Rule[] = [destinationHostExists];
