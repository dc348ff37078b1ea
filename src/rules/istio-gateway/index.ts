/** Gateways: their ports, hosts, certificates and the workloads that serve them. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
