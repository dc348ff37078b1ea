/** A page for pull requests and job summaries: a table of the problems, and each with its code to unfold. */
import type { AnalysisReport, Finding } from '../model/finding.ts';
import { printable, printableLine } from '../terminal/printable.ts';
import { styleFor } from '../terminal/style.ts';
import { pathText } from '../text/field-path.ts';
import { codeFrame } from './frame.ts';
import { nameOf, placeText, startOf } from './places.ts';
import type { Reporter } from './report.ts';
import { summaryLine } from './summary.ts';

/** GitHub cuts a job summary off at 1 MiB; a finding takes about 1 KiB. */
const MOST = 500;

const RANK = { error: 0, warning: 1, info: 2 } as const;

export const markdown: Reporter = (report) => {
  const shown = mostSevere(report.findings);
  const left = report.findings.length - shown.length;
  return [
    '## meshctl analyze',
    `**${summaryLine(report)}**`,
    ...(left > 0 ? [`The ${shown.length} most severe are shown, ${left} are not; the other formats have all of them.`] : []),
    ...problemsTable(shown),
    ...shown.map(details),
    ...errorsTable(report),
    ...notCheckedTable(report),
  ]
    .map((block) => `${block}\n`)
    .join('\n');
};

/** In the order of the report, which a stable sort keeps within a severity. */
function mostSevere(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MOST) return findings;
  return findings.toSorted((left, right) => RANK[left.severity] - RANK[right.severity]).slice(0, MOST);
}

function problemsTable(findings: readonly Finding[]): readonly string[] {
  const rows = findings.map(({ severity, rule, docs, position, resource, message }) => [
    severity,
    `[${inline(rule)}](${docs.replace(/[()\s|]/g, encodeURIComponent)})`,
    [...(position ? [code(placeText(position))] : []), inline(nameOf(resource))].join('<br>'),
    inline(message),
  ]);
  return tableOf(['Severity', 'Rule', 'Place', 'Problem'], rows);
}

function errorsTable({ errors }: AnalysisReport): readonly string[] {
  const rows = errors.map((error) => [code(placeText(error)), inline(error.message)]);
  return tableOf(['Not read', 'Reason'], rows);
}

function notCheckedTable({ notChecked }: AnalysisReport): readonly string[] {
  const rows = notChecked.map(({ rule, reason }) => [inline(rule), inline(reason)]);
  return tableOf(['Not checked', 'Reason'], rows);
}

function tableOf(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  return [[head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')];
}

function details(finding: Finding): string {
  const { severity, rule, aliases, resource, path = [], message, fix, edits, related } = finding;
  const frame = codeFrame(finding, { style: styleFor(false), width: undefined }).join('\n');
  const title = [severity, rule, ...aliases].map(inline).join(' ');
  return [
    `<details>\n<summary>${title}: ${inline(nameOf(resource))}</summary>`,
    [inline(message), ...(path.length > 0 ? [code(pathText(path))] : [])].join('<br>'),
    ...(frame === '' ? [] : [fenced(frame)]),
    ...(fix === undefined ? [] : [`**Fix:** ${inline(fix)}${edits ? ' (`--fix` does it)' : ''}`]),
    ...related.map((other) => {
      const start = startOf(other);
      return `**Related:** ${inline(nameOf(other))}${start ? ` ${code(placeText(start))}` : ''}`;
    }),
    '</details>',
  ].join('\n\n');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '|': '&#124;' };

/** Foreign text as plain text: no markup, no HTML, no line breaks. */
function inline(text: string): string {
  return printableLine(text)
    .replace(/[\\`*_[\]~]/g, '\\$&')
    .replace(/[&<>|]/g, (char) => ENTITIES[char] ?? char);
}

const code = (text: string): string => `<code>${inline(text)}</code>`;

/** The fence is longer than any run of backticks inside. */
function fenced(text: string): string {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${text.split('\n').map(printable).join('\n')}\n${fence}`;
}
