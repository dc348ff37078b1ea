/** analyze: inputs → resources → rules → suppressions → report. */
import { writeBaseline } from '../analysis/baseline.ts';
import { type FailOn, SEVERITIES } from '../analysis/config.ts';
import { knownRulesNamed, selectRules } from '../analysis/select.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { withoutThese } from '../gather/cluster.ts';
import type { Gathered } from '../gather/gather.ts';
import type { AnalysisReport, Finding } from '../model/finding.ts';
import type { Rule, Severity } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { count } from '../text/words.ts';
import { gatherInputs } from './analyze.files.ts';
import { ALL_MESHES, judge } from './analyze.judge.ts';
import { gatherLive, openCluster } from './analyze.live.ts';
import { analysisNotices } from './analyze.notices.ts';
import { type AnalyzePlan, planOf } from './analyze.plan.ts';
import { renderReport } from './analyze.view.ts';
import type { Run } from './define.ts';
import { writeOutput } from './files.ts';
import { ruleList } from './rule-list.view.ts';

export const run: Run = async (args, options, context) => {
  const { host } = context;
  const rules = await allRules();
  const plan = await planOf(args, options, host);
  if (plan.listRules) return { text: await ruleList(listed(rules, plan), plan.outputs, context), exit: EXIT.fine };
  for (const { rule } of plan.suppressions) knownRulesNamed(rule, rules);
  if (plan.inputs.includes('-') && host.stdin.isTTY) host.err.write('Reading manifests from the terminal. Ctrl-D ends them.\n');

  const cluster = plan.live ? await openCluster(plan, options, context) : undefined;
  const files = await gatherInputs(plan, host, cluster?.namespace);
  const live = cluster && (await gatherLive(plan, selectRules(rules, plan.selection, ALL_MESHES), cluster));
  const gathered = live ? { ...files, resources: [...withoutThese(live.resources, files.resources), ...files.resources] } : files;
  const judgement = await judge(rules, plan, gathered.resources, live, cluster, host);
  const { selected, detected, kept, suppressed, baseline, notChecked, unused, unknown } = judgement;
  // Who asks for some families knows what they are about.
  const unruled = plan.selection.families ? [] : detected;
  const withoutRules = unruled.filter((mesh) => !rules.some((rule) => rule.meta.meshes?.includes(mesh)));
  const read = cluster && live && { ...cluster, gaps: live.gaps };
  const notices = analysisNotices(
    { gathered, plan, unused, unknown, stale: baseline.stale, rulesRun: selected.length, withoutRules, live: read },
    context,
  );
  host.err.write(notices);

  if (plan.writeBaseline !== undefined) {
    await writeOutput(plan.writeBaseline, writeBaseline(kept), host);
    return { text: `Wrote ${count(kept.length, 'finding')} to ${plan.writeBaseline}.\n`, exit: EXIT.fine };
  }
  const report: AnalysisReport = {
    findings: baseline.fresh.filter((finding) => atLeast(finding.severity, plan.minSeverity)),
    suppressed: [...suppressed, ...baseline.known.map((finding) => ({ finding, by: `baseline ${plan.baseline}` }))],
    notChecked,
    errors: gathered.errors,
    resources: gathered.resources,
    files: gathered.files,
  };
  const ran = selected.map(({ rule }) => rule);
  return { text: await renderReport(report, ran, plan.outputs, context), exit: exitCode(baseline.fresh, gathered, plan.failOn) };
};

/** The rules that a run with these flags and settings could use. */
function listed(rules: readonly Rule[], { selection }: AnalyzePlan): readonly Rule[] {
  const inUse = selection.mesh ? new Set([selection.mesh]) : ALL_MESHES;
  return selectRules(rules, selection, inUse).map(({ rule, severity }) => ({ ...rule, meta: { ...rule.meta, severity } }));
}

/** True when a severity is as grave as another, or graver. */
function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

function exitCode(findings: readonly Finding[], gathered: Gathered, failOn: FailOn): ExitCode {
  if (failOn !== 'never' && findings.some((finding) => atLeast(finding.severity, failOn))) return EXIT.bad;
  return gathered.errors.length > 0 ? EXIT.question : EXIT.fine;
}
