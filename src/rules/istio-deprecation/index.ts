/** Fields, kinds and versions that have been superseded. */
import type { Rule } from '../../model/rule.ts';
import { apiVersionCurrent } from './api-version-current.ts';
import { consecutiveErrorsReplaced } from './consecutive-errors-replaced.ts';
import { egressProxyNotUsed } from './egress-proxy-not-used.ts';
import { faultPercentReplaced } from './fault-percent-replaced.ts';
import { minimumRingSizeReplaced } from './minimum-ring-size-replaced.ts';
import { mirrorPercentReplaced } from './mirror-percent-replaced.ts';
import { rbacKindsRemoved } from './rbac-kinds-removed.ts';

export const rules: readonly Rule[] = [
  apiVersionCurrent,
  consecutiveErrorsReplaced,
  egressProxyNotUsed,
  faultPercentReplaced,
  minimumRingSizeReplaced,
  mirrorPercentReplaced,
  rbacKindsRemoved,
];
