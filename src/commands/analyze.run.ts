/** analyze: inputs → resources → rules → suppressions → (fixes →) report. */
import { baselineText, writeBaseline } from '../analysis/baseline.ts';
import { SEVERITIES } from '../analysis/config.ts';
import { withPossibleEdits } from '../analysis/fix.ts';
import { failOnIn } from '../analysis/overrides.ts';
import { knownRulesNamed, selectRules } from '../analysis/select.ts';
import { EXIT, type ExitCode } from '../errors.ts';
import { withoutThese } from '../gather/cluster.ts';
import type { Gathered } from '../gather/gather.ts';
import type { Host } from '../host/host.ts';
import type { Cluster } from '../model/cluster.ts';
import type { AnalysisReport, Finding } from '../model/finding.ts';
import { lazy } from '../model/maps.ts';
import type { Rule, Severity } from '../model/rule.ts';
import { allRules } from '../rules/index.ts';
import { count } from '../text/words.ts';
import { type ClustersGathered, gatherClusters } from './analyze.clusters.ts';
import { gatherInputs } from './analyze.files.ts';
import { fixInputs } from './analyze.fix.ts';
import { fixDiff, fixNotices } from './analyze.fix.view.ts';
import { ALL_MESHES, type Judgement, judge, ofRevision } from './analyze.judge.ts';
import { openCluster } from './analyze.live.ts';
import { analysisNotices } from './analyze.notices.ts';
import { type AnalyzePlan, planOf } from './analyze.plan.ts';
import { renderReport } from './analyze.view.ts';
import type { Context, Options, Run } from './define.ts';
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
  const analyze = analysisOf(plan, rules, cluster, options, context);
  const fix = plan.fix && (await fixInputs(analyze, { dryRun: plan.fix === 'show' }, host));
  const { gathered, judgement, live, reported, ofTheRevision } = fix?.analyzed ?? (await analyze(host));
  const { selected, detected, kept, suppressed, baseline, notChecked, unused, unknown } = judgement;
  // Who asks for some families knows what they are about.
  const unruled = plan.selection.families ? [] : detected;
  const withoutRules = unruled.filter((mesh) => !rules.some((rule) => rule.meta.meshes?.includes(mesh)));
  const read = cluster && live && { ...cluster, gaps: live.gaps, clusters: live.clusters };
  const notices = analysisNotices(
    { gathered, plan, unused, unknown, stale: baseline.stale, ofTheRevision, rulesRun: selected.length, withoutRules, live: read },
    context,
  );
  host.err.write(notices + (plan.fix && fix ? fixNotices(fix, plan.fix, context) : ''));

  if (plan.writeBaseline !== undefined) {
    await writeOutput(plan.writeBaseline, writeBaseline(kept), host);
    return { text: `Wrote ${count(kept.length, 'finding')} to ${plan.writeBaseline}.\n`, exit: EXIT.fine };
  }
  if (plan.pruneBaseline && plan.baseline !== undefined) {
    await writeOutput(plan.baseline, baselineText(baseline.needed), host);
  }
  const report: AnalysisReport = {
    // What is left of a fix cannot be fixed.
    findings: fix ? reported.map((finding) => ({ ...finding, edits: undefined })) : withPossibleEdits(reported),
    suppressed: [...suppressed, ...baseline.known.map((finding) => ({ finding, by: `baseline ${plan.baseline}` }))],
    notChecked,
    errors: [...gathered.errors, ...(live?.errors ?? [])],
    resources: gathered.resources,
    files: gathered.files,
    clusters: live && live.clusters.length > 1 ? live.clusters : undefined,
  };
  const ran = selected.map(({ rule }) => rule);
  const isIncomplete = gathered.errors.length + (fix?.unwritten.length ?? 0) > 0;
  const exit = exitCode(baseline.fresh, { isIncomplete, isUnreached: (live?.errors ?? []).length > 0 }, plan);
  if (plan.fix !== 'show' || !fix) return { text: await renderReport(report, ran, plan.outputs, context), exit };
  const toFiles = plan.outputs.filter(({ file }) => file !== undefined);
  return { text: fixDiff(fix.sources, context) + (await renderReport(report, ran, toFiles, context)), exit };
};

interface Analysis {
  readonly gathered: Gathered;
  readonly judgement: Judgement;
  readonly live: ClustersGathered | undefined;
  readonly ofTheRevision: ReturnType<typeof ofRevision>['notices'];
  /** What is neither known from before nor less severe than asked for. */
  readonly reported: readonly Finding[];
}

/** The analysis of the inputs as a host gives them; the cluster is read once, whatever becomes of the files. */
function analysisOf(
  plan: AnalyzePlan,
  rules: readonly Rule[],
  cluster: Cluster | undefined,
  options: Options,
  context: Context,
): (host: Host) => Promise<Analysis> {
  const selected = selectRules(rules, plan.selection, ALL_MESHES);
  const liveOnce = lazy(() => cluster && gatherClusters(plan, selected, cluster, options, context));
  return async (host) => {
    const files = await gatherInputs(plan, host, cluster?.namespace);
    const live = await liveOnce();
    const all = live ? [...withoutThese(live.resources, files.resources), ...files.resources] : files.resources;
    const { resources, notices: ofTheRevision } = ofRevision(all, plan);
    const gathered = { ...files, resources };
    const judgement = await judge(rules, plan, gathered.resources, live, cluster, host);
    const reported = judgement.baseline.fresh.filter((finding) => atLeast(finding.severity, plan.minSeverity));
    return { gathered, judgement, live, ofTheRevision, reported };
  };
}

/** The rules that a run with these flags and settings could use. */
function listed(rules: readonly Rule[], { selection }: AnalyzePlan): readonly Rule[] {
  const inUse = selection.mesh ? new Set([selection.mesh]) : ALL_MESHES;
  return selectRules(rules, { ...selection, isForList: true }, inUse).map(({ rule, severity }) => ({
    ...rule,
    meta: { ...rule.meta, severity },
  }));
}

/** True when a severity is as grave as another, or graver. */
function atLeast(severity: Severity, least: Severity): boolean {
  return SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(least);
}

interface Gaps {
  /** An input could not be read, or not be written. */
  readonly isIncomplete: boolean;
  /** A cluster could not be asked. */
  readonly isUnreached: boolean;
}

function exitCode(findings: readonly Finding[], { isIncomplete, isUnreached }: Gaps, plan: AnalyzePlan): ExitCode {
  const failOnOf = failOnIn(plan.overrides, plan.pathOf, plan.failOn);
  const fails = (finding: Finding): boolean => {
    const least = failOnOf(finding);
    return least !== 'never' && atLeast(finding.severity, least);
  };
  if (findings.some(fails)) return EXIT.bad;
  if (isIncomplete) return EXIT.question;
  return isUnreached ? EXIT.unreachable : EXIT.fine;
}
