/** validate: an analysis of files by the rules that judge each object by itself. */
import { knownRulesNamed } from '../analysis/select.ts';
import { MeshctlError } from '../errors.ts';
import type { Rule } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { run as analyze } from './analyze.run.ts';
import { type Run, textsOf } from './define.ts';
import { assertInputs, namedInputs } from './named-inputs.ts';

/** Families whose rules need nothing but the object. */
const VALIDATING = ['istio-validation', 'structure'];

export const run: Run = async (args, options, context) => {
  const inputs = namedInputs(args, options);
  assertInputs(inputs, 'validate');
  const rules = await allRules();
  for (const name of textsOf(options, 'rule')) assertValidating(name, rules);
  return analyze(inputs, { ...options, families: VALIDATING }, context);
};

/** @throws MeshctlError E_RULE for a name of other rules, which would run none and find nothing */
function assertValidating(name: string, rules: readonly Rule[]): void {
  if (knownRulesNamed(name, rules).some(({ meta }) => VALIDATING.includes(meta.id.slice(0, meta.id.indexOf('/'))))) return;
  throw new MeshctlError('E_RULE', `"${name}" is not among the rules that judge an object by its definition alone.`, {
    hint: `Run "meshctl analyze --rule ${name}" on the same files.`,
  });
}
