/** validate: an analysis of files by the rules that judge each object by itself. */
import { run as analyze } from './analyze.run.ts';
import type { Run } from './define.ts';

/** Families whose rules need nothing but the object. */
const VALIDATING = ['istio-validation', 'structure'];

export const run: Run = (args, options, context) => analyze(args, { ...options, families: VALIDATING }, context);
