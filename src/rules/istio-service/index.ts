/** Services and the workloads behind them, as the mesh reads them. */
import type { Rule } from '../../model/rule.ts';

export const rules: readonly Rule[] = [];
