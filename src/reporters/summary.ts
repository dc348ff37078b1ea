/** The numbers of a report, and the one line that tells them. */
import type { AnalysisReport } from '../model/finding.ts';
import { count } from '../text/words.ts';

export interface Summary {
  readonly errors: number;
  readonly warnings: number;
  readonly infos: number;
  /** How many of them `--fix` can mend. */
  readonly fixable: number;
  readonly suppressed: number;
  readonly resources: number;
  readonly files: number;
}

export function summaryOf({ findings, suppressed, resources, files }: AnalysisReport): Summary {
  const counts = { error: 0, warning: 0, info: 0 };
  for (const { severity } of findings) counts[severity]++;
  return {
    errors: counts.error,
    warnings: counts.warning,
    infos: counts.info,
    fixable: findings.filter(({ edits }) => edits !== undefined).length,
    suppressed: suppressed.length,
    resources: resources.filter((resource) => !resource.assumed).length,
    files,
  };
}

/** `3 problems (1 error, 2 warnings, 0 infos) in 12 files, 40 resources; 1 fixable with --fix; 2 suppressed`. */
export function summaryLine(report: AnalysisReport): string {
  const { errors, warnings, infos, fixable, suppressed, resources, files } = summaryOf(report);
  const total = errors + warnings + infos;
  const by = `${count(errors, 'error')}, ${count(warnings, 'warning')}, ${count(infos, 'info')}`;
  const problems = total === 0 ? 'No problems' : `${count(total, 'problem')} (${by})`;
  // Without this a broken file among good ones would end in a plain "No problems".
  const unread = new Set(report.errors.map((error) => error.source)).size;
  const unchecked = new Set(report.notChecked.map((entry) => entry.rule)).size;
  return [
    `${problems} in ${files === 0 ? '' : `${count(files, 'file')}, `}${count(resources, 'resource')}`,
    ...(fixable === 0 ? [] : [`${fixable} fixable with --fix`]),
    ...(suppressed === 0 ? [] : [`${suppressed} suppressed`]),
    ...(unchecked === 0 ? [] : [`${count(unchecked, 'rule')} not checked`]),
    ...(unread === 0 ? [] : [`${count(unread, 'input')} not fully read`]),
  ].join('; ');
}
