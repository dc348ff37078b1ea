/** What an analysis has to say besides its answer: skipped input, suppressions and baseline entries without use. */
import type { BaselineEntry } from '../analysis/baseline.ts';
import type { Gathered } from '../gather/gather.ts';
import type { Notice } from '../gather/read.ts';
import { count } from '../text/words.ts';
import type { AnalyzePlan } from './analyze.plan.ts';
import type { Context } from './define.ts';

export interface Observed {
  readonly gathered: Gathered;
  readonly plan: AnalyzePlan;
  readonly unused: readonly string[];
  readonly stale: readonly BaselineEntry[];
  readonly rulesRun: number;
}

/** More than this many skipped files are counted, not listed, unless the user asks with -v. */
const LISTED = 3;

/** @returns lines for standard error; empty when there is nothing to say */
export function analysisNotices({ gathered, plan, unused, stale, rulesRun }: Observed, { quiet, verbose }: Context): string {
  if (quiet) return '';
  const lines = [
    ...skipped(gathered.notices, verbose),
    ...unused.map((by) => `Suppression without use: ${by}. No finding needed it; remove it.`),
    ...stale.map(
      ({ rule, resource, field }) =>
        `Baseline entry without use: ${rule} of ${resource}${field ? ` at ${field}` : ''}. Write the baseline anew.`,
    ),
  ];
  if (gathered.files === 0) lines.push('No .yaml, .yml or .json file was found in the input.');
  if (verbose) {
    lines.push(
      `Read ${count(gathered.resources.length, 'resource')} from ${count(gathered.files, 'file')} and ran ${count(rulesRun, 'rule')}.`,
    );
    if (plan.configFile !== undefined) lines.push(`Configuration: ${plan.configFile}.`);
  }
  return lines.map((line) => `${line}\n`).join('');
}

function skipped(notices: readonly Notice[], verbose: boolean): readonly string[] {
  const shown = verbose || notices.length <= LISTED ? notices : notices.slice(0, LISTED);
  const rest = notices.length - shown.length;
  const more = rest > 0 ? [`Skipped ${rest} more; -v lists them.`] : [];
  return [...shown.map(({ source, reason }) => `Skipped: ${source} ${reason}.`), ...more];
}
