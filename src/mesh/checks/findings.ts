/** Checks whose judgement is that of a rule of `meshctl analyze`. */
import type { CheckResult, Facts } from '../../model/check.ts';
import { concerns } from '../../model/check-scope.ts';
import { quotedRef } from '../../model/resource.ts';

/** @param reason what it means that the rule found something, as a sentence */
export async function fromFindings(facts: Facts, rule: string, reason: string): Promise<CheckResult> {
  const { findings, notChecked } = await facts.analysis();
  const missing = notChecked.find((entry) => entry.rule === rule);
  const found = findings.filter((finding) => finding.rule === rule && concerns(facts, finding.resource));
  const [first] = found;
  if (!first) return missing ? { is: 'skipped', reason: missing.reason } : { is: 'ok' };
  return {
    is: first.severity === 'error' ? 'failed' : 'warning',
    reason,
    hint: `${quotedRef(first.resource)}: ${first.fix ?? `Run "meshctl explain ${rule}".`}`,
    affected: found.map(({ resource, message }) => ({ resource, detail: message })),
  };
}
