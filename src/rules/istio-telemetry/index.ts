/** Telemetries: what they select, and whom they send metrics, traces and logs to. */
import type { Rule } from '../../model/rule.ts';
import { lightstepReplaced } from './lightstep-replaced.ts';
import { oneDefaultPerNamespace } from './one-default-per-namespace.ts';
import { providerNamed } from './provider-named.ts';
import { selectorMatchesWorkload } from './selector-matches-workload.ts';
import { selectorsDoNotOverlap } from './selectors-do-not-overlap.ts';

export const rules: readonly Rule[] = [
  lightstepReplaced,
  oneDefaultPerNamespace,
  providerNamed,
  selectorMatchesWorkload,
  selectorsDoNotOverlap,
];
