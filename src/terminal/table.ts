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
  const slices = Array.from({ length: Math.ceil(lines.length / MOST_ROWS) }, (_, index) =>
    lines.slice(index * MOST_ROWS, (index + 1) * MOST_ROWS),
  );
  const isWhole = slices.length < 2;
  const ruler = natural.map((width) => '-'.repeat(width));
  return slices
    .flatMap((slice) => {
      const printed = printedLines(isWhole ? slice : [ruler, ...slice], natural, fitted);
      return isWhole ? printed : printed.slice(1);
    })
    .join('\n');
}

/** The library takes time by the square of the rows: many are laid out in slices, each with a row as wide as the columns of all. */
const MOST_ROWS = 250;

function printedLines(lines: readonly (readonly string[])[], natural: readonly number[], fitted: readonly number[]): readonly string[] {
  const printed = new Table({
    chars: NO_BORDERS,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    // The library measures for itself what need not be cut: where it counts a script otherwise, it would cut in error.
    colWidths: fitted.map((width, column) => (width === natural[column] ? null : width)),
    truncate: '…',
  });
  printed.push(...lines.map((line) => natural.map((_, column) => line[column] ?? '')));
  return printed
    .toString()
    .split('\n')
    .map((line) => line.trimEnd());
}

function naturalWidths(lines: readonly (readonly string[])[]): readonly number[] {
  const columns = lines.reduce((most, line) => Math.max(most, line.length), 0);
  return Array.from({ length: columns }, (_, column) => Math.max(1, ...lines.map((line) => visibleWidth(line[column] ?? ''))));
}

/** Narrows the widest flexible column, again and again, until the row fits or nothing more can give way. */
function fitColumns(natural: readonly number[], { width, flexible }: TableOptions): number[] {
  const widths = [...natural];
  if (width === undefined) return widths;
  const total = (): number => widths.reduce((sum, column) => sum + column, GAP.length * (widths.length - 1));
  const candidates = flexible ?? widths.map((_, column) => column);
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
