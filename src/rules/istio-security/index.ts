/** Who may call whom, and how clients prove who they are. */
import type { Rule } from '../../model/rule.ts';
import { denyAllIntended } from './deny-all-intended.ts';
import { jwksFetchesRestricted } from './jwks-fetches-restricted.ts';
import { policySelectsWorkloads } from './policy-selects-workloads.ts';
import { principalServiceAccountExists } from './principal-service-account-exists.ts';
import { principalsHaveMtls } from './principals-have-mtls.ts';
import { sourceNamespaceExists } from './source-namespace-exists.ts';

export const rules: readonly Rule[] = [
  denyAllIntended,
  jwksFetchesRestricted,
  policySelectsWorkloads,
  principalServiceAccountExists,
  principalsHaveMtls,
  sourceNamespaceExists,
];
