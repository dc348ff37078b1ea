/** Gateway API resources, whatever implements them. */
import type { Rule } from '../../model/rule.ts';
import { conditionsPositive } from './conditions-positive.ts';
import { crdVersionSupported } from './crd-version-supported.ts';
import { policySelectorReachesGateway } from './policy-selector-reaches-gateway.ts';

export const rules: readonly Rule[] = [conditionsPositive, crdVersionSupported, policySelectorReachesGateway];
