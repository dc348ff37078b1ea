/** What is being waited for, on a terminal's last line. The only importer of ora, which is loaded when there is a terminal. */

interface TerminalOutput {
  write(text: string): void;
  readonly columns: number | undefined;
  readonly isTTY: boolean;
}

export interface Progress {
  /** Replaces the line. */
  tell(text: string): void;
  /** Takes the line away. */
  stop(): void;
}

const SILENT: Progress = { tell: () => {}, stop: () => {} };

/** Room for the spinner before the text, and for the cursor behind it. */
const MARGIN = 4;

/** @param output standard error; nothing is written unless it is a terminal */
export async function progressOn(
  output: TerminalOutput,
  { color, quiet }: { readonly color: boolean; readonly quiet: boolean },
): Promise<Progress> {
  if (!output.isTTY || quiet) return SILENT;
  const { default: ora } = await import('ora');
  const spinner = ora({ stream: streamOf(output), discardStdin: false, ...(color ? {} : { color: false }) });
  const room = (output.columns ?? 80) - MARGIN;
  return {
    tell: (text) => {
      spinner.text = text.length > room ? `${text.slice(0, room - 1)}…` : text;
      if (!spinner.isSpinning) spinner.start();
    },
    stop: () => void spinner.stop(),
  };
}

type Stream = NonNullable<import('ora').Options['stream']>;

/** What ora asks of a terminal, in the escape sequences that Node's own streams write. */
function streamOf(output: TerminalOutput): Stream {
  const sequence = (code: string): boolean => {
    output.write(`\u001b[${code}`);
    return true;
  };
  const stream = {
    isTTY: true,
    columns: output.columns ?? 80,
    write: (text: string) => {
      output.write(text);
      return true;
    },
    cursorTo: (column: number) => sequence(`${column + 1}G`),
    moveCursor: (columns: number, rows: number) => sequence(rows < 0 ? `${-rows}A` : `${columns}C`),
    clearLine: () => sequence('2K'),
    once: () => stream,
    removeListener: () => stream,
  };
  return stream as unknown as Stream;
}
