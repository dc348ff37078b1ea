/** An InstallReport in each of its formats. Lines of the text begin with the action as a word, so that it reads without colours. */
import type { InstallReport, ObjectAction, ReportedComponent, ReportedObject } from '../model/install-report.ts';
import { installDocument } from '../reporters/install-document.ts';
import { printable, printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { table } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { count } from '../text/words.ts';
import { writeYaml } from '../text/yaml-write.ts';

export interface Look {
  readonly color: boolean;
  /** Columns of the terminal; undefined where there is none. */
  readonly width: number | undefined;
  /** Objects that stay as they are too, and differences of any length. */
  readonly verbose: boolean;
}

/** @param format `json` or `yaml` */
export function installDocumentText(report: InstallReport, format: string): string {
  const document = installDocument(report);
  return format === 'yaml' ? writeYaml(document) : `${JSON.stringify(document, null, 2)}\n`;
}

/** The components as a table, then what happens to the objects of each. */
export function planText(report: InstallReport, look: Look): string {
  const style = styleFor(look.color);
  const { components, notices } = report;
  const parts = [
    componentTable(components, look),
    ...components.flatMap((each) => objectsText(each, report, style, look)),
    ...(report.leftOver.length > 0 ? [leftOverText(report, style, look)] : []),
    ...notices.map((notice) => wrap(`${style.info('note:')} ${printableLine(notice)}`, look.width, '      ')),
    wrap(totals(report.objects), look.width, INDENT),
  ];
  return `${parts.join('\n\n')}\n`;
}

function componentTable(components: readonly ReportedComponent[], { color, width }: Look): string {
  const rows = components.map(({ name, chart, version, from, namespace, release, action }) => [
    printableLine(name),
    action,
    printableLine(`${chart} ${from === undefined || from === version ? version : `${from} → ${version}`}`),
    printableLine(`${namespace}/${release}`),
  ]);
  return table(rows, { head: ['COMPONENT', 'ACTION', 'CHART', 'RELEASE'], color, width, flexible: [2, 3] });
}

const INDENT = '  ';
const HANGING = ' '.repeat(13);

function objectsText({ name }: ReportedComponent, { objects }: InstallReport, style: Style, look: Look): readonly string[] {
  const own = objects.filter(({ component }) => component === name);
  const changed = own.filter(({ action }) => look.verbose || action !== 'unchanged');
  const same = own.length - changed.length;
  if (own.length === 0) return [];
  const lines = [
    style.bold(printableLine(name)),
    ...changed.flatMap((each) => objectLines(each, style, look)),
    ...(same > 0 ? [`${INDENT}${style.dim(`${count(same, 'object')} unchanged`)}`] : []),
  ];
  return [lines.join('\n')];
}

/** Certificates and scripts stand on one line of thousands of characters. */
const LONGEST = 160;

function objectLines({ action, resource, diff }: ReportedObject, style: Style, { width, verbose }: Look): readonly string[] {
  const line = `${INDENT}${painted(action, style)(action.padEnd(9))}  ${objectName(resource)}`;
  const room = verbose ? Number.POSITIVE_INFINITY : (width ?? LONGEST) - HANGING.length;
  const cut = (text: string): string => (text.length > room ? `${text.slice(0, Math.max(0, room - 1))}…` : text);
  const difference = diff === undefined ? [] : diff.trimEnd().split('\n').map(printable).map(cut);
  return [wrap(line, width, HANGING), ...difference.map((each) => `${HANGING}${paintedDifference(each, style)}`)];
}

const objectName = ({ kind, namespace, name }: ReportedObject['resource']): string =>
  printableLine(`${kind} ${namespace ? `${namespace}/` : ''}${name}`);

function painted(action: ObjectAction, style: Style): (text: string) => string {
  if (action === 'create') return style.added;
  if (action === 'delete') return style.error;
  return action === 'update' ? style.warning : style.dim;
}

function paintedDifference(line: string, style: Style): string {
  if (line.startsWith('+')) return style.added(line);
  return line.startsWith('-') ? style.removed(line) : style.dim(line);
}

function leftOverText({ leftOver }: InstallReport, style: Style, { width }: Look): string {
  const lines = leftOver.map(({ resource, reason }) => wrap(`${INDENT}${objectName(resource)}: ${printableLine(reason)}`, width, HANGING));
  return [style.bold('Left over'), ...lines].join('\n');
}

/** `3 to create, 1 to update, 12 unchanged`. */
function totals(objects: readonly ReportedObject[]): string {
  const of = (action: ObjectAction): number => objects.filter((each) => each.action === action).length;
  const parts = [
    ...(['create', 'update', 'delete'] as const).filter((action) => of(action) > 0).map((action) => `${of(action)} to ${action}`),
    ...(of('unchanged') > 0 ? [`${of('unchanged')} unchanged`] : []),
  ];
  return `${count(objects.length, 'object')}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}
