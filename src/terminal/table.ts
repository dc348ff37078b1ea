/** Tables as kubectl prints them: no borders, aligned columns, one row a line. The only importer of cli-table3. */
import Table from 'cli-table3';
import { styleFor } from './style.ts';
import { visibleWidth } from './width.ts';

export interface TableOptions {
  readonly head?: readonly string[];
  readonly color?: boolean;
  /** Width of the terminal; undefined: no terminal, so nothing is cut. */
  readonly width?: number | undefined;
  /** Columns, counted from 0, that may be cut to fit the width; all of them when absent. */
  readonly flexible?: readonly number[];
  /** Of these, the ones that are cut only when the others are as narrow as they get: what the row is about. */
  readonly last?: readonly number[];
}

const GAP = '   ';
/** A column narrower than this tells nothing any more. */
const NARROWEST = 8;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: GAP,
};

/** @returns the table without a newline at its end; empty without rows and head */
export function table(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { bold } = styleFor(options.color ?? false);
  const head = options.head ? [options.head.map(bold)] : [];
  const lines = [...head, ...rows.map((row) => row.map((cell) => cell.replace(/\s*\n\s*/g, ' ')))];
  const natural = naturalWidths(lines);
  const fitted = fitColumns(natural, options);
  // The library measures for itself what need not be cut: where it counts a script otherwise, it would cut in error.
  const widths = fitted.map((width, column) => (width === natural[column] ? null : width));
  const full = lines.map((line) => natural.map((_, column) => line[column] ?? ''));
  if (full.length <= MOST_ROWS) return printed(full, widths).join('\n');
  if (widths.every((width) => width === null)) return full.map((line) => inLine(line, natural)).join('\n');
  const widest = natural.map((width, column) => full.find((line) => visibleWidth(line[column] ?? '') === width)?.[column] ?? '');
  const pieces: (readonly string[])[] = [];
  for (let from = 0; from < full.length; from += MOST_ROWS) {
    pieces.push(printed([widest, ...full.slice(from, from + MOST_ROWS)], widths).slice(1));
  }
  return pieces.flat().join('\n');
}

/** Cells of which none is cut. */
const inLine = (cells: readonly string[], widths: readonly number[]): string =>
  cells
    .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visibleWidth(cell)))
    .join(GAP)
    .trimEnd();

/**
 * The library's time grows with the square of the rows, so that many are printed in pieces; each has the widest cell of
 * every column in a row above it, which keeps the columns of all pieces in line.
 */
const MOST_ROWS = 30;

function printed(rows: readonly string[][], colWidths: (number | null)[]): readonly string[] {
  const style = { head: [], border: [], 'padding-left': 0, 'padding-right': 0 };
  const made = new Table({ chars: NO_BORDERS, style, colWidths, truncate: '…' });
  made.push(...rows);
  return made
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function naturalWidths(lines: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  // Not by spreading them: a call takes some hundred thousand arguments at most.
  for (const line of lines) {
    for (const [column, cell] of line.entries()) widths[column] = Math.max(widths[column] ?? 1, visibleWidth(cell));
  }
  return widths;
}

function fitColumns(natural: readonly number[], { width, flexible, last = [] }: TableOptions): number[] {
  if (width === undefined) return [...natural];
  const candidates = flexible ?? natural.map((_, column) => column);
  const first = narrowed(
    natural,
    candidates.filter((column) => !last.includes(column)),
    width,
  );
  return last.length === 0 ? first : narrowed(first, last, width);
}

/** Narrows the widest candidate, again and again, until the row fits or nothing more can give way. */
function narrowed(natural: readonly number[], candidates: readonly number[], width: number): number[] {
  const widths = [...natural];
  const total = (): number => widths.reduce((sum, column) => sum + column, GAP.length * (widths.length - 1));
  for (let excess = total() - width; excess > 0; excess = total() - width) {
    const byWidth = candidates
      .map((column) => ({ column, size: widths[column] ?? 0 }))
      .filter(({ size }) => size > NARROWEST)
      .sort((left, right) => right.size - left.size);
    const [widest, next] = byWidth;
    if (!widest) break;
    // Down to the width of the runner-up at once; then both give way in turn.
    const floor = Math.max(NARROWEST, next && next.size < widest.size ? next.size : widest.size - 1);
    widths[widest.column] = Math.max(floor, widest.size - excess);
  }
  return widths;
}
