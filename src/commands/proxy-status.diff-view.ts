/** The comparison of one proxy for people. */
import type { FieldDifference, ResourceDifference, TypeComparison } from '../model/proxy-difference.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import { count } from '../text/words.ts';
import type { Context } from './define.ts';
import type { Comparison } from './proxy-status.diff-document.ts';

/** Of one resource, and of one type; the rest is counted. `-o wide` shows all. */
const MOST_FIELDS = 8;
const MOST_RESOURCES = 20;
/** Of a line where no terminal has a width: values may be whole listeners. */
const LONGEST = 200;

interface Shown {
  readonly style: Style;
  /** Undefined: nothing is cut. */
  readonly width: number | undefined;
}

export function differenceText(comparison: Comparison, format: string, { color, host }: Context): string {
  const { columns } = host.out;
  const shown: Shown = { style: styleFor(color.out), width: format === 'wide' ? undefined : (columns ?? LONGEST) };
  const different = comparison.types.filter(({ differences }) => differences.length > 0);
  const skipped = comparison.types.filter((each) => each.skipped !== undefined);
  const blocks = [
    wrap(summary(comparison), columns),
    ...different.map((type) => typeText(type, shown)),
    ...skipped.map(({ type, skipped: reason }) => wrap(`${type} not compared: ${reason}`, columns)),
    ...(different.length > 0 ? [legend(shown.style), wrap(hint(comparison), columns)] : []),
  ];
  return `${blocks.join('\n\n')}\n`;
}

function summary({ title, file, controlPlane, types }: Comparison): string {
  const subject = file === undefined ? title : `${title}, as saved in ${file === '-' ? 'standard input' : file}`;
  const compared = types.filter(({ skipped }) => skipped === undefined);
  const different = compared.filter(({ differences }) => differences.length > 0);
  if (different.length === 0) {
    const counts = compared.flatMap(({ compared: number, type }) =>
      number === 0 ? [] : [`${number} ${number === 1 ? singular(type) : type}`],
    );
    return `${subject}${file === undefined ? '' : ','} has what ${controlPlane.name} would send: ${counts.length === 0 ? 'nothing' : counts.join(', ')}.`;
  }
  return `${subject}: ${different.length} of ${count(compared.length, 'type')} ${different.length === 1 ? 'differs' : 'differ'} from what ${controlPlane.name} would send.`;
}

const singular = (type: string): string => type.replace(/ies$/, 'y').replace(/s$/, '');

function typeText({ type, xds, compared, differences }: TypeComparison, shown: Shown): string {
  const { style, width } = shown;
  const most = width === undefined ? differences.length : MOST_RESOURCES;
  const more = differences.length - most;
  return [
    `${style.bold(`${type} (${xds})`)}: ${differences.length} of ${compared} ${differences.length === 1 ? 'differs' : 'differ'}`,
    ...differences.slice(0, most).flatMap((each) => resourceLines(each, shown)),
    ...(more > 0 ? [style.dim(`  … ${count(more, 'more resource')}: -o wide shows all`)] : []),
  ].join('\n');
}

const WORDS = { missing: 'not in the proxy', surplus: 'only in the proxy' };

function resourceLines({ name, change, error, isWarming, fields }: ResourceDifference, shown: Shown): readonly string[] {
  const { style, width } = shown;
  const most = width === undefined ? fields.length : MOST_FIELDS;
  const sign = change === 'missing' ? style.added('+') : change === 'surplus' ? style.removed('-') : style.warning('~');
  const why = change === 'changed' ? '' : style.dim(` (${WORDS[change]})`);
  return [
    `  ${sign} ${printableLine(name)}${why}`,
    ...(error === undefined ? [] : [wrap(`      ${style.error('rejected')}: ${printableLine(error)}`, width, '      ')]),
    ...(isWarming ? ['      a newer one is warming: it waits for what it needs'] : []),
    ...fields.slice(0, most).flatMap((field) => fieldLines(field, shown)),
    ...(fields.length > most ? [style.dim(`      … ${count(fields.length - most, 'more field')}: -o wide shows all`)] : []),
  ];
}

function fieldLines({ path, change, intended, actual }: FieldDifference, { style, width }: Shown): readonly string[] {
  const line = (sign: string, value: unknown): string => cut(`        ${sign} ${valueText(value)}`, width);
  return [
    ...pathLines(`${printableLine(path)}${change === 'reordered' ? ': in another order' : ''}`, width),
    ...(intended === undefined ? [] : [style.added(line('+', intended))]),
    ...(actual === undefined ? [] : [style.removed(line('-', actual))]),
  ];
}

const valueText = (value: unknown): string => printableLine(JSON.stringify(value) ?? '');

const cut = (line: string, width: number | undefined): string =>
  width === undefined || line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`;

/** Broken before the names of fields; what stands in brackets is whole, dots and brackets of its own included. */
function pathLines(path: string, width = Number.POSITIVE_INFINITY): readonly string[] {
  const lines: string[] = [];
  for (const step of stepsOf(path)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + step.length <= width) lines[lines.length - 1] = last + step;
    else lines.push(`${last === undefined ? '      ' : '        '}${step}`);
  }
  return lines;
}

function stepsOf(path: string): readonly string[] {
  const steps: string[] = [];
  let [from, depth] = [0, 0];
  for (let index = 0; index < path.length; index++) {
    const char = path[index];
    depth += char === '[' ? 1 : char === ']' ? -1 : 0;
    if (char !== '.' || depth !== 0 || index === from) continue;
    steps.push(path.slice(from, index));
    from = index;
  }
  return [...steps, path.slice(from)];
}

const legend = (style: Style): string => `${style.added('+')} what the control plane would send   ${style.removed('-')} what the proxy has`;

function hint({ types, proxy, file }: Comparison): string {
  const rejected = types.some(({ differences }) => differences.some(({ error }) => error !== undefined));
  if (rejected)
    return 'The proxy rejected what it was sent and goes on with what it had: mend what the message names, often an EnvoyFilter.';
  if (file !== undefined) return 'A saved dump may be older than what the control plane knows now.';
  const where = proxy ? ` -n ${proxy.namespace}` : '';
  return `Right after a change this passes by itself. If it stays, the proxy does not get its configuration: see "meshctl proxy-status${where}" for when it was last sent.`;
}
