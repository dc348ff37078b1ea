/** Sidecars: what they select, and what they let proxies know of the mesh. */
import type { Rule } from '../../model/rule.ts';
import { egressHostExists } from './egress-host-exists.ts';
import { notInAmbient } from './not-in-ambient.ts';
import { oneDefaultPerNamespace } from './one-default-per-namespace.ts';
import { selectorMatchesWorkload } from './selector-matches-workload.ts';
import { selectorsDoNotOverlap } from './selectors-do-not-overlap.ts';

export const rules: readonly Rule[] = [
  egressHostExists,
  notInAmbient,
  oneDefaultPerNamespace,
  selectorMatchesWorkload,
  selectorsDoNotOverlap,
];
