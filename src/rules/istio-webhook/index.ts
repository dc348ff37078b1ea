/** Admission webhooks of Istio's control plane. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
