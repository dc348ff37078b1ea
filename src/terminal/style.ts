/** Colours by meaning. The only importer of chalk; whether to colour is the caller's decision, never detected here. */
import { Chalk, type ChalkInstance } from 'chalk';

type Paint = (text: string) => string;

export interface Style {
  readonly error: Paint;
  readonly warning: Paint;
  readonly info: Paint;
  readonly added: Paint;
  readonly removed: Paint;
  readonly dim: Paint;
  readonly bold: Paint;
  /** File names and places. */
  readonly path: Paint;
}

const STYLES = new Map<boolean, Style>();

/** @param color false gives functions that return their text as it is */
export function styleFor(color: boolean): Style {
  const style = STYLES.get(color) ?? madeStyle(color);
  STYLES.set(color, style);
  return style;
}

function madeStyle(color: boolean): Style {
  const chalk = new Chalk({ level: color ? 1 : 0 });
  // Chalk's own functions join all their arguments, which would make a trap of `texts.map(style.dim)`.
  const paint =
    (chain: ChalkInstance): Paint =>
    (text) =>
      chain(text);
  return {
    error: paint(chalk.red.bold),
    warning: paint(chalk.yellow.bold),
    info: paint(chalk.blue.bold),
    added: paint(chalk.green),
    removed: paint(chalk.red),
    dim: paint(chalk.dim),
    bold: paint(chalk.bold),
    path: paint(chalk.cyan),
  };
}
