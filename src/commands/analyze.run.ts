/** analyze: inputs → resources → rules → suppressions → (fixes →) report. */
import { writeBaseline } from '../analysis/baseline.ts';
import { type FailOn, SEVERITIES } from '../analysis/config.ts';
import { withPossibleEdits } from '../analysis/fix.ts';
import { knownRulesNamed, selectRules } from '../analysis/select.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { type LiveGathered, withoutThese } from '../gather/cluster.ts';
import type { Gathered } from '../gather/gather.ts';
import type { Host } from '../host/host.ts';
import type { Cluster } from '../model/cluster.ts';
import type { AnalysisReport, Finding } from '../model/finding.ts';
import { lazy } from '../model/maps.ts';
import type { Rule, Severity } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { count } from '../text/words.ts';
import { gatherInputs } from './analyze.files.ts';
import { fixInputs } from './analyze.fix.ts';
import { fixDiff, fixNotices } from './analyze.fix.view.ts';
import { ALL_MESHES, type Judgement, judge } from './analyze.judge.ts';
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
  const analyze = analysisOf(plan, rules, cluster);
  const fix = plan.fix && (await fixInputs(analyze, { dryRun: plan.fix === 'show' }, host));
  const { gathered, judgement, live, reported } = fix?.analyzed ?? (await analyze(host));
  const { selected, detected, kept, suppressed, baseline, notChecked, unused, unknown } = judgement;
  const withoutRules = detected.filter((mesh) => !rules.some((rule) => rule.meta.meshes?.includes(mesh)));
  const read = cluster && live && { ...cluster, gaps: live.gaps };
  const notices = analysisNotices(
    { gathered, plan, unused, unknown, stale: baseline.stale, rulesRun: selected.length, withoutRules, live: read },
    context,
  );
  host.err.write(notices + (plan.fix && fix ? fixNotices(fix, plan.fix, context) : ''));

  if (plan.writeBaseline !== undefined) {
    await writeOutput(plan.writeBaseline, writeBaseline(kept), host);
    return { text: `Wrote ${count(kept.length, 'finding')} to ${plan.writeBaseline}.\n`, exit: EXIT.fine };
  }
  const report: AnalysisReport = {
    // What is left of a fix cannot be fixed.
    findings: fix ? reported.map((finding) => ({ ...finding, edits: undefined })) : withPossibleEdits(reported),
    suppressed: [...suppressed, ...baseline.known.map((finding) => ({ finding, by: `baseline ${plan.baseline}` }))],
    notChecked,
    errors: gathered.errors,
    resources: gathered.resources,
    files: gathered.files,
  };
  const ran = selected.map(({ rule }) => rule);
  const exit = exitCode(baseline.fresh, gathered.errors.length + (fix?.unwritten.length ?? 0) > 0, plan.failOn);
  if (plan.fix !== 'show' || !fix) return { text: await renderReport(report, ran, plan.outputs, context), exit };
  const toFiles = plan.outputs.filter(({ file }) => file !== undefined);
  return { text: fixDiff(fix.sources, context) + (await renderReport(report, ran, toFiles, context)), exit };
};

interface Analysis {
  readonly gathered: Gathered;
  readonly judgement: Judgement;
  readonly live: LiveGathered | undefined;
  /** What is neither known from before nor less severe than asked for. */
  readonly reported: readonly Finding[];
}

/** The analysis of the inputs as a host gives them; the cluster is read once, whatever becomes of the files. */
function analysisOf(plan: AnalyzePlan, rules: readonly Rule[], cluster: Cluster | undefined): (host: Host) => Promise<Analysis> {
  const liveOnce = lazy(() => cluster && gatherLive(plan, selectRules(rules, plan.selection, ALL_MESHES), cluster));
  return async (host) => {
    const files = await gatherInputs(plan, host, cluster?.namespace);
    const live = await liveOnce();
    const gathered = live ? { ...files, resources: [...withoutThese(live.resources, files.resources), ...files.resources] } : files;
    const judgement = await judge(rules, plan, gathered.resources, live, cluster, host);
    const reported = judgement.baseline.fresh.filter((finding) => atLeast(finding.severity, plan.minSeverity));
    return { gathered, judgement, live, reported };
  };
}

/** The rules that a run with these flags and settings could use. */
function listed(rules: readonly Rule[], { selection }: AnalyzePlan): readonly Rule[] {
  const inUse = selection.mesh ? new Set([selection.mesh]) : ALL_MESHES;
  return selectRules(rules, selection, inUse).map(({ rule, severity }) => ({ ...rule, meta: { ...rule.meta, severity } }));
}

/** True when a severity is as grave as another, or graver. */
function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

/** @param isIncomplete an input could not be read, or not be written */
function exitCode(findings: readonly Finding[], isIncomplete: boolean, failOn: FailOn): ExitCode {
  if (failOn !== 'never' && findings.some((finding) => atLeast(finding.severity, failOn))) return EXIT.bad;
  return isIncomplete ? EXIT.question : EXIT.fine;
}
