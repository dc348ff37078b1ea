/** A DescribeReport in each of its formats. */
import type { Fact, Section, Trouble } from '../model/describe.ts';
import type { ConfigObject } from '../model/proxy-config.ts';
import { friendlyName } from '../model/resource.ts';
import { type DescribeReport, describeDocument } from '../reporters/describe-document.ts';
import { printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { visibleWidth } from '../terminal/width.ts';
import { wrap } from '../terminal/wrap.ts';
import { count, quotedList } from '../text/words.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { Context } from './define.ts';

/** More objects of a fact than this are counted. */
const MOST_OBJECTS = 3;

export function renderDescription(report: DescribeReport, format: string, { host, color, verbose }: Context): string {
  if (format === 'json') return `${JSON.stringify(describeDocument(report), null, 2)}\n`;
  if (format === 'yaml') return writeYaml(describeDocument(report));
  const style = styleFor(color.out);
  const width = format === 'wide' ? undefined : host.out.columns;
  const { troubles, sections, proxies } = report.description;
  const silent = proxies.flatMap(({ silence }) => (silence === undefined ? [] : [wrap(printableLine(silence), width, '  ')]));
  const blocks = [
    [style.bold(printableLine(friendlyName(report.target)))],
    troubles.flatMap((trouble) => troubleLines(trouble, style, width)),
    [...silent, ...notReadLine(report.notRead, width)],
    ...sections.map((section) => sectionLines(section, { style, width, verbose, title: friendlyName(report.target) })),
    [summary(troubles, proxies.length - silent.length)],
  ];
  return `${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`;
}

function troubleLines({ id, severity, isDifference, message, hint }: Trouble, style: Style, width: number | undefined): readonly string[] {
  const paint = severity === 'error' ? style.error : style.warning;
  const word = isDifference ? 'difference' : severity;
  return [
    wrap(`${paint(word)}  ${printableLine(message)} ${style.dim(`(${id})`)}`, width, '    '),
    ...(hint === undefined ? [] : [wrap(`    ${style.info('hint:')} ${printableLine(hint)}`, width, '      ')]),
  ];
}

interface Look {
  readonly style: Style;
  readonly width: number | undefined;
  readonly verbose: boolean;
  /** Of the report, which need not be told again. */
  readonly title: string;
}

/** Details of longer subjects, and of objects, are not put below the value: there would be no room left for them. */
const WIDEST_SUBJECT = 26;

const isPlain = ({ subject }: Fact): boolean => !subject.includes('/') && visibleWidth(printableLine(subject)) <= WIDEST_SUBJECT;

function sectionLines({ title, facts }: Section, look: Look): readonly string[] {
  const short = facts.filter(isPlain).map(({ subject }) => visibleWidth(printableLine(subject)));
  const column = Math.max(0, ...short);
  return [look.style.bold(title), ...facts.flatMap((fact) => factLines(fact, column, look))];
}

function factLines(fact: Fact, column: number, { style, width, verbose, title }: Look): readonly string[] {
  const { subject, value, from, details = [] } = fact;
  const name = printableLine(subject);
  const padding = isPlain(fact) ? ' '.repeat(column - visibleWidth(name)) : '';
  const source = sourceText([title, subject, value, ...details].join(' '), from, verbose);
  const behind = source === '' ? '' : ` ${style.dim(`[${source}]`)}`;
  const indent = isPlain(fact) ? ' '.repeat(column + 4) : '    ';
  return [
    wrap(`  ${name}${padding}  ${printableLine(value)}${behind}`, width, indent),
    ...details.map((detail) => wrap(`${indent}${printableLine(detail)}`, width, `${indent}  `)),
  ];
}

/** Objects that the words do not name themselves. Pods are told by the title. */
function sourceText(words: string, from: readonly ConfigObject[], verbose: boolean): string {
  const names = [...new Set(from.map(({ kind, namespace, name }) => `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`))];
  const others = names.filter((name) => !words.includes(name) && (verbose || !/^(?:Pod|Namespace) /.test(name)));
  const more = others.length - MOST_OBJECTS;
  return [...others.slice(0, MOST_OBJECTS), ...(more > 0 ? [`${more} more`] : [])].map(printableLine).join(', ');
}

function summary(troubles: readonly Trouble[], asked: number): string {
  const differences = troubles.filter(({ isDifference }) => isDifference).length;
  const others = troubles.length - differences;
  const by = asked === 0 ? 'By configuration alone' : `By configuration and ${asked === 1 ? 'its proxy' : `${asked} proxies`}`;
  return `${by}: ${count(differences, 'difference')}, ${others === 1 ? '1 other problem' : `${others} other problems`}.`;
}

/** What applies may be more than is told. */
export function notReadLine(notRead: DescribeReport['notRead'], width: number | undefined): readonly string[] {
  if (notRead.length === 0) return [];
  return [
    wrap(`Not everything that may apply could be read: ${quotedList([...new Set(notRead.map(({ kind }) => kind))], 6)}.`, width, '  '),
  ];
}
