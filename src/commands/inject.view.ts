/** What became of the workloads, for people. */
import type { WalkLog } from '../gather/files.ts';
import { type StreamReport, totalsOf, type WorkloadResult } from '../inject/report.ts';
import type { Transformed } from '../inject/transform.ts';
import { friendlyName } from '../model/resource.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { unifiedDiff } from '../text/unified-diff.ts';
import { count } from '../text/words.ts';
import type { Context } from './define.ts';
import { contextFor, sourceDiff } from './diff.view.ts';

/** As wide as the longest action and a gap. */
const INDENT = ' '.repeat('uninjected  '.length);

export function reportText(report: StreamReport, { host, color }: Context): string {
  const { columns } = host.err;
  const style = styleFor(color.err);
  const lines = report.workloads.flatMap((result) => [
    `${painted(result, style)}${' '.repeat(INDENT.length - result.action.length)}${printableLine(friendlyName(result.resource))}`,
    ...result.reasons.map(({ message }) => wrap(`${INDENT}${style.dim(printableLine(message))}`, columns, INDENT)),
  ]);
  const totals = totalsOf(report).map(([action, number]) => `${number} ${action}`);
  if (report.workloads.length > 1) lines.push(`${count(report.workloads.length, 'workload')}: ${totals.join(', ')}`);
  return lines.map((line) => `${line}\n`).join('');
}

function painted({ action }: WorkloadResult, style: Style): string {
  if (action === 'failed') return style.error(action);
  if (action === 'skipped') return style.warning(action);
  return action === 'unchanged' ? style.dim(action) : style.added(action);
}

export function noticeText(report: StreamReport, log: WalkLog, { quiet, host }: Context): string {
  if (quiet) return '';
  const lines = log.notices.map(({ source, reason }) => `Skipped: ${source} ${reason}.`);
  if (report.workloads.length === 0 && report.errors.length === 0) lines.push('The input holds no workload, so that nothing was changed.');
  return lines.map((line) => `${wrap(printableLine(line), host.err.columns, '  ')}\n`).join('');
}

/** Said however quiet it shall be. @param isStopped nothing is printed, because of what failed */
export function failureText({ workloads, errors }: StreamReport, isStopped: boolean, { host, quiet }: Context): string {
  const lines = errors.map(({ source, line, column, message }) => `${source}:${line}:${column}: ${message}`);
  for (const { action, resource, source, line, reasons } of workloads) {
    // The report names it; this names the place.
    if (action === 'failed')
      lines.push(
        `${source}:${line}: ${friendlyName(resource)} was not changed.${quiet ? ` ${reasons.map(({ message }) => message).join(' ')}` : ''}`,
      );
  }
  if (isStopped) lines.push('Nothing was printed. Mend this, or give --on-error skip to print it as it is.');
  return lines.map((line) => `${wrap(printableLine(line), host.err.columns, '  ')}\n`).join('');
}

export function diffText(done: readonly Pick<Transformed, 'source' | 'changes'>[], { color }: Context): string {
  const style = styleFor(color.out);
  return done
    .map(({ source, changes }) => {
      const hunks = changes.flatMap(({ before, after, line }) => unifiedDiff(before, after, { line, context: contextFor(before) }));
      return sourceDiff({ before: source, after: `${source} (changed)` }, hunks, style);
    })
    .join('');
}
