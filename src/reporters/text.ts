/** For people, and for `grep`: each place begins a line of its own as `file:line:column`. */
import type { Finding, InputError, NotChecked } from '../model/finding.ts';
import { groupBy } from '../model/maps.ts';
import { printable, printableLine } from '../terminal/printable.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { visibleWidth } from '../terminal/width.ts';
import { wrap } from '../terminal/wrap.ts';
import { pathText } from '../text/field-path.ts';
import { count } from '../text/words.ts';
import { codeFrame } from './frame.ts';
import { nameOf, placeText, startOf } from './places.ts';
import type { Reporter } from './report.ts';
import { summaryLine } from './summary.ts';

interface Page {
  readonly style: Style;
  readonly width: number | undefined;
  prose(text: string, indent?: string): string;
}

/** Longer lines of prose are hard to follow, however wide the terminal. */
const WIDEST_PROSE = 120;

export const text: Reporter = (report, { color, width }) => {
  const page: Page = {
    style: styleFor(color),
    width,
    prose: (words, indent = '    ') => wrap(words, width === undefined ? undefined : Math.min(width, WIDEST_PROSE), indent),
  };
  const blocks = [
    ...report.findings.map((finding) => findingBlock(finding, page)),
    ...notCheckedBlock(report.notChecked, page),
    ...report.errors.map((error) => errorBlock(error, page)),
    page.style.bold(page.prose(summaryLine(report))),
  ];
  return `${blocks.join('\n\n')}\n`;
};

function findingBlock(finding: Finding, page: Page): string {
  const { severity, rule, aliases, message, fix, edits, related } = finding;
  const { style, prose } = page;
  const title = [style[severity](severity), rule, ...aliases.map(style.dim)].join(' ');
  return [
    prose(`${title}  ${printableLine(message)}`),
    ...placeLines(finding, page),
    ...codeFrame(finding, page),
    ...(fix === undefined ? [] : [prose(`  ${style.bold('fix:')} ${printableLine(fix)}${edits ? ` ${style.dim('[--fix]')}` : ''}`)]),
    ...related.map((resource) => {
      const start = startOf(resource);
      return prose(
        `  ${style.bold('related:')} ${printable(nameOf(resource))}${start ? `  ${style.path(printable(placeText(start)))}` : ''}`,
      );
    }),
  ].join('\n');
}

/** On one line, or on several when they do not fit; the place itself is never broken. */
function placeLines({ position, resource, path }: Finding, { style, width }: Page): readonly string[] {
  const parts = [
    ...(position ? [style.path(printable(placeText(position)))] : []),
    printable(nameOf(resource)),
    ...(path === undefined || path.length === 0 ? [] : [printable(pathText(path))]),
  ];
  const line = parts.join('  ');
  return width === undefined || visibleWidth(line) <= width ? [line] : parts.map((part, index) => (index === 0 ? part : `  ${part}`));
}

const SHOWN = 3;

/** The rules that could not be judged, by what they lack. */
function notCheckedBlock(notChecked: readonly NotChecked[], { style, prose }: Page): readonly string[] {
  const lines = [...groupBy(notChecked, ({ reason }) => reason)].map(([reason, entries]) => {
    const names = [...new Set(entries.map(({ rule }) => rule))];
    const more = names.length - SHOWN;
    const shown = more > 1 ? `${names.slice(0, SHOWN).join(', ')} and ${more} more` : names.join(', ');
    return prose(`${style.bold('not checked')}  ${printableLine(reason)} (${count(names.length, 'rule')}: ${shown})`);
  });
  return lines.length === 0 ? [] : [lines.join('\n')];
}

function errorBlock(error: InputError, { style, prose }: Page): string {
  return `${prose(`${style.error('not read')}  ${printableLine(error.message)}`)}\n${style.path(printable(placeText(error)))}`;
}
