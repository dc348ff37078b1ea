/** A CheckReport in each of its formats. The text is meant to be read without colours too: every line begins with its status as a word. */
import type { Affected, Check, CheckedMesh, CheckOutcome, CheckReport, CheckStatus } from '../model/check.ts';
import { friendlyName } from '../model/resource.ts';
import { checkDocument } from '../reporters/check-document.ts';
import { checkJunit } from '../reporters/check-junit.ts';
import { checkLinkerd } from '../reporters/check-linkerd.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { count } from '../text/words.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';

/** @param format one for machines */
export function renderChecks(report: CheckReport, format: string): string {
  if (format === 'junit') return checkJunit(report);
  if (format === 'linkerd') return checkLinkerd(report);
  return format === 'yaml' ? writeYaml(checkDocument(report)) : `${JSON.stringify(checkDocument(report), null, 2)}\n`;
}

export const isText = (format: string): boolean => format === 'text' || format === 'short';

/** More affected objects than this are counted, unless the user asks with -v. */
const LISTED = 5;
const INDENT = ' '.repeat(11);
/** A column narrower than this is hard to read. */
const ROOM = 40;

export interface CheckText {
  /** To be asked for in the order of the checks. */
  outcome(outcome: CheckOutcome): string;
  summary(outcomes: readonly CheckOutcome[], meshes: readonly CheckedMesh[]): string;
}

/** @param checks those that run, by which columns and headings are laid out before there is any outcome */
export function checkText(checks: readonly Check[], isShort: boolean, { host, color, verbose }: Context): CheckText {
  const style = styleFor(color.out);
  const width = host.out.columns;
  const most = verbose ? Number.POSITIVE_INFINITY : LISTED;
  const heading = headings(checks);
  let last: string | undefined;
  let moot: { readonly reason: string | undefined; more: number } | undefined;
  /** What was folded behind the first of its kind. */
  const unfolded = (): readonly string[] => {
    const more = moot?.more ?? 0;
    moot = undefined;
    return more === 0 ? [] : [`  ${'ok'.padEnd(7)}  ${style.dim(`and ${count(more, 'more check')} for the same reason; -v lists them.`)}`];
  };
  const lines = (each: CheckOutcome): readonly string[] => {
    if (isShort) return each.result.is === 'ok' ? [] : [headline(each, undefined, style, width)];
    const title = heading(each.check);
    const { is, isMoot, reason } = each.result;
    if (is === 'ok' && isMoot && moot?.reason === reason && title === last && !verbose) {
      if (moot) moot.more++;
      return [];
    }
    const before = unfolded();
    if (is === 'ok' && isMoot) moot = { reason, more: 0 };
    const above = title === last ? [] : [...(last === undefined ? [] : ['']), style.bold(title)];
    last = title;
    const widest = Math.max(...checks.map(({ id }) => id.length));
    return [...before, ...above, headline(each, widest, style, width), ...details(each, most, style, width)];
  };
  return {
    outcome: (each) =>
      lines(each)
        .map((line) => `${line}\n`)
        .join(''),
    summary: (outcomes, meshes) => {
      const what = meshes.map(({ id, version }) => (version === undefined ? id : `${id} ${printableLine(version)}`)).join(', ');
      const before = unfolded().map((line) => `${line}\n`);
      return `${before.join('')}${isShort || last === undefined ? '' : '\n'}${totals(outcomes)}${what === '' ? '' : ` (${what})`}\n`;
    },
  };
}

/** The category; where several meshes have checks of one category, with the mesh before it. */
function headings(checks: readonly Check[]): (check: Check) => string {
  const ownerOf = ({ id }: Check): string => id.slice(0, id.indexOf('/'));
  return (check) => {
    const isShared = checks.some((other) => other.category === check.category && ownerOf(other) !== ownerOf(check));
    return isShared && ownerOf(check) !== check.category ? `${ownerOf(check)} ${check.category}` : check.category;
  };
}

/** @param widest undefined: the reason takes the place of the title */
function headline({ check, result }: CheckOutcome, widest: number | undefined, style: Style, width: number | undefined): string {
  const status = painted(result.is, style)(result.is.padEnd(7));
  const reason = printableLine(result.reason ?? '');
  if (widest === undefined) return wrap(`${status}  ${check.id}  ${reason}`, width, INDENT);
  const seen = result.is === 'ok' && reason !== '' ? style.dim(` ${reason}`) : '';
  const column = INDENT.length + widest + 2;
  if (width === undefined || width - column >= ROOM) {
    return wrap(`  ${status}  ${check.id.padEnd(widest)}  ${check.title}${seen}`, width, ' '.repeat(column));
  }
  // On a narrow terminal the id stands only where it is needed to ask further.
  return wrap(`  ${status}  ${result.is === 'ok' ? '' : `${check.id}  `}${check.title}${seen}`, width, INDENT);
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

function totals(outcomes: readonly CheckOutcome[]): string {
  const of = (status: CheckStatus): number => outcomes.filter(({ result }) => result.is === status).length;
  return `${count(outcomes.length, 'check')}: ${of('ok')} ok, ${count(of('warning'), 'warning')}, ${of('failed')} failed, ${of('skipped')} skipped`;
}
