/** A CheckReport in each of its formats. The text is meant to be read without colours too: every line begins with its status as a word. */
import type { Affected, CheckOutcome, CheckReport, CheckStatus } from '../model/check.ts';
import { groupBy } from '../model/maps.ts';
import { friendlyName } from '../model/resource.ts';
import { checkDocument } from '../reporters/check-document.ts';
import { checkJunit } from '../reporters/check-junit.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { count } from '../text/words.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';

export function renderChecks(report: CheckReport, format: string, context: Context): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(checkDocument(report), null, 2)}\n`;
    case 'yaml':
      return writeYaml(checkDocument(report));
    case 'junit':
      return checkJunit(report);
    default:
      return text(report, format === 'short', context);
  }
}

/** More affected objects than this are counted, unless the user asks with -v. */
const LISTED = 5;
const INDENT = ' '.repeat(11);
/** A column narrower than this is hard to read. */
const ROOM = 30;

function text({ mesh, version, outcomes }: CheckReport, short: boolean, { host, color, verbose }: Context): string {
  const style = styleFor(color.out);
  const width = host.out.columns;
  const shown = short ? outcomes.filter(({ result }) => result.is !== 'ok') : outcomes;
  const lines: string[] = [];
  for (const [category, group] of groupBy(shown, ({ check }) => check.category)) {
    if (!short) lines.push(...(lines.length > 0 ? [''] : []), style.bold(category));
    const widest = Math.max(...shown.map(({ check }) => check.id.length));
    for (const outcome of group) {
      lines.push(headline(outcome, short ? undefined : widest, style, width));
      if (!short) lines.push(...details(outcome, verbose ? Number.POSITIVE_INFINITY : LISTED, style, width));
    }
  }
  const what = mesh === 'none' ? '' : ` (${mesh}${version === undefined ? '' : ` ${printableLine(version)}`})`;
  return `${[...lines, ...(short || lines.length === 0 ? [] : ['']), `${summary(outcomes)}${what}`].join('\n')}\n`;
}

/** @param widest undefined: the reason takes the place of the title */
function headline({ check, result }: CheckOutcome, widest: number | undefined, style: Style, width: number | undefined): string {
  const status = painted(result.is, style)(result.is.padEnd(7));
  const reason = printableLine(result.reason ?? '');
  if (widest === undefined) return wrap(`${status}  ${check.id}  ${reason}`, width, INDENT);
  const seen = result.is === 'ok' && reason !== '' ? style.dim(` ${reason}`) : '';
  const column = INDENT.length + widest + 2;
  const indent = width === undefined || width - column >= ROOM ? ' '.repeat(column) : INDENT;
  return wrap(`  ${status}  ${check.id.padEnd(widest)}  ${check.title}${seen}`, width, indent);
}

function details({ result }: CheckOutcome, most: number, style: Style, width: number | undefined): readonly string[] {
  if (result.is === 'ok') return [];
  const affected = result.affected ?? [];
  const more = affected.length - most;
  const paragraphs = [
    ...(result.reason ? [printableLine(result.reason)] : []),
    ...affected.slice(0, most).map((each) => `- ${affectedText(each)}`),
    ...(more > 0 ? [`and ${more} more; -v lists them.`] : []),
  ];
  const hint = result.hint ? [`${INDENT}${style.info('hint:')} ${printableLine(result.hint)}`] : [];
  return [...paragraphs.map((line) => `${INDENT}${line}`), ...hint].map((line) => wrap(line, width, `${INDENT}  `));
}

const affectedText = ({ resource, detail }: Affected): string =>
  printableLine(`${friendlyName(resource)}${detail === undefined ? '' : `: ${detail}`}`);

function painted(status: CheckStatus, style: Style): (text: string) => string {
  if (status === 'failed') return style.error;
  if (status === 'warning') return style.warning;
  return status === 'skipped' ? style.dim : (text) => text;
}

function summary(outcomes: readonly CheckOutcome[]): string {
  const of = (status: CheckStatus): number => outcomes.filter(({ result }) => result.is === status).length;
  return `${count(outcomes.length, 'check')}: ${of('ok')} ok, ${count(of('warning'), 'warning')}, ${of('failed')} failed, ${of('skipped')} skipped`;
}
