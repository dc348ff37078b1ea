/** How an installation goes: what is done on lines that stay, what is waited for on a terminal's last line. */

import type { Unready } from '../install/wait.ts';
import { printableLine } from '../terminal/printable.ts';
import type { Progress } from '../terminal/progress.ts';
import { type Style, styleFor } from '../terminal/style.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Context } from './define.ts';

export interface LiveInstall {
  /** Something that stays on the screen. */
  done(text: string): void;
  failed(text: string): void;
  /** What goes on, until something else does. */
  tell(text: string): void;
  /** Nothing is said twice where there is no terminal. */
  waiting(component: string, unready: readonly Unready[]): void;
}

export function liveInstall(line: Progress, { host, color, quiet }: Context): LiveInstall {
  const style: Style = styleFor(color.err);
  const said = new Set<string>();
  const write = (text: string): void => {
    if (quiet) return;
    line.stop();
    host.err.write(`${wrap(text, host.err.columns, '        ')}\n`);
  };
  return {
    done: (text) => write(`${style.added('ok')}      ${printableLine(text)}`),
    failed: (text) => write(`${style.error('failed')}  ${printableLine(text)}`),
    tell: (text) => line.tell(printableLine(text)),
    waiting: (component, unready) => {
      const [first] = unready;
      if (!first) return;
      const more = unready.length > 1 ? ` and ${unready.length - 1} more` : '';
      const text = printableLine(`${component}: waiting for ${first.object} (${first.reason})${more}`);
      line.tell(text);
      if (host.err.isTTY || said.has(text)) return;
      said.add(text);
      write(`        ${text}`.trimStart());
    },
  };
}
