/** The lines of the source around a finding, with the offending text underlined. */
import type { Finding } from '../model/finding.ts';
import type { Span } from '../model/resource.ts';
import { printable } from '../terminal/printable.ts';
import type { Style } from '../terminal/style.ts';
import { type Cell, cellsOf } from '../terminal/width.ts';
import { holdsPrivateKey } from '../text/private-key.ts';

export interface FrameLook {
  readonly style: Style;
  readonly width: number | undefined;
}

/** Without a terminal lines are cut all the same: one line of compact JSON may hold a whole cluster. */
const WIDEST = 200;
const NARROWEST = 20;
const TAB = 4;

/** @returns no lines for an object that was read from a cluster, and none of a Secret or of a private key: they would show it */
export function codeFrame({ position, resource, severity }: Finding, { style, width }: FrameLook): readonly string[] {
  if (!position || !resource.origin || resource.kind === 'core/Secret') return [];
  const [line, before] = resource.origin.lines(position.line - 1, position.line).toReversed();
  if (line === undefined || holdsPrivateKey(line)) return [];
  const number = String(position.line);
  const room = Math.max(NARROWEST, Math.min(width ?? WIDEST, WIDEST) - number.length - ' | '.length - 2);
  const excerpt = cutAround(line, position, room);
  const row = (label: string, text: string): string => `  ${style.dim(`${label.padStart(number.length)} |`)} ${text}`.trimEnd();
  return [
    ...(before?.trim() && !holdsPrivateKey(before) ? [row(String(position.line - 1), sameCut(before, excerpt, room))] : []),
    row(number, excerpt.text),
    row('', ' '.repeat(excerpt.caret) + style[severity]('^'.repeat(excerpt.carets))),
  ];
}

interface Excerpt {
  readonly text: string;
  /** Columns before the underline, and of the underline. */
  readonly caret: number;
  readonly carets: number;
  /** First UTF-16 unit and first column that are shown. */
  readonly unit: number;
  readonly column: number;
}

/** The part of a line that fits the room and has the marked text in it. */
function cutAround(line: string, position: Span, room: number): Excerpt {
  const from = Math.min(position.column - 1, line.length);
  // What goes on in the next line is underlined up to the end of this one.
  const to = Math.max(from, position.endLine > position.line ? line.trimEnd().length : Math.min(position.endColumn - 1, line.length));
  // Cells are dear to compute: of a megabyte of JSON only the surroundings are looked at.
  const unit = Math.max(0, from - 2 * room);
  const cells = cellsFrom(line, unit, room);
  const begin = columnOf(cells, from - unit);
  const end = columnOf(cells, to - unit);
  const total = columnOf(cells, Number.POSITIVE_INFINITY);
  const whole = unit === 0 && total <= room;
  // A third of the room before the caret keeps the key of a value in sight.
  const column = whole || (unit === 0 && end < room) ? 0 : Math.max(0, begin - Math.floor(room / 3));
  const carets = Math.max(1, Math.min(end, column + room) - begin);
  return { text: slice(cells, column, room, unit > 0), caret: begin - column, carets, unit, column };
}

/** Another line, cut at the same columns. */
function sameCut(line: string, { unit, column }: Excerpt, room: number): string {
  return unit >= line.length && unit > 0 ? '…' : slice(cellsFrom(line, unit, room), column, room, unit > 0);
}

function cellsFrom(line: string, unit: number, room: number): readonly Cell[] {
  let column = 0;
  return cellsOf(printable(line.slice(unit, unit + 6 * room))).map((cell) => {
    const width = cell.text === '\t' ? TAB - (column % TAB) : cell.width;
    column += width;
    return { text: cell.text === '\t' ? ' '.repeat(width) : cell.text, width, at: cell.at };
  });
}

/** The column at which a UTF-16 unit stands. */
function columnOf(cells: readonly Cell[], unit: number): number {
  let column = 0;
  for (const cell of cells) {
    if (cell.at >= unit) break;
    column += cell.width;
  }
  return column;
}

/** Columns `from` to `from + room`, with an ellipsis where something is left out. */
function slice(cells: readonly Cell[], from: number, room: number, cutBefore: boolean): string {
  let column = 0;
  let text = '';
  let cutAfter = false;
  for (const cell of cells) {
    if (column + cell.width > from + room) cutAfter = true;
    else if (column >= from) text += cell.text;
    // Half of a wide character is left of the cut.
    else if (column + cell.width > from) text += ' '.repeat(column + cell.width - from);
    column += cell.width;
    if (cutAfter) break;
  }
  const shown = from > 0 || cutBefore ? text.replace(/^./u, '…') : text;
  return cutAfter ? shown.replace(/.$/u, '…') : shown;
}
