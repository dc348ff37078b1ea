/** `-o FORMAT` and `-o FORMAT=FILE`, several at once. */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { reporterNames } from '../reporters/index.ts';
import { nearest } from '../text/nearest.ts';

export interface OutputTarget {
  readonly format: string;
  /** Undefined: standard output. */
  readonly file: string | undefined;
}

/** What the log of a GitHub workflow shows without being asked: the text, and behind it the annotations, which the runner takes out. */
const LOG_OF_GITHUB: readonly OutputTarget[] = [
  { format: 'text', file: undefined },
  { format: 'github', file: undefined },
];

/** @throws MeshctlError E_USAGE for an unknown format, and when two outputs want the same place */
export function parseOutputs(values: readonly string[], env: Host['env']): readonly OutputTarget[] {
  const targets = values.map((value): OutputTarget => {
    const equals = value.indexOf('=');
    const format = equals < 0 ? value : value.slice(0, equals);
    if (!reporterNames.includes(format)) {
      const close = nearest(format, reporterNames);
      throw new MeshctlError('E_USAGE', `There is no output format "${format}".`, {
        hint: `${close ? `Did you mean "${close}"? ` : ''}The formats are ${reporterNames.join(', ')}.`,
      });
    }
    if (equals === value.length - 1) {
      throw new MeshctlError('E_USAGE', `"${value}" names no file.`, {
        hint: `Write -o ${format}=FILE, or -o ${format} for standard output.`,
      });
    }
    return { format, file: equals < 0 ? undefined : value.slice(equals + 1) };
  });
  const twice = targets.find(({ file }, index) => file !== undefined && targets.findIndex((other) => other.file === file) < index);
  if (twice) {
    throw new MeshctlError('E_USAGE', `Two outputs go to the file "${twice.file}".`, { hint: 'Give each of them a file of its own.' });
  }
  if (targets.length === 0) return env['GITHUB_ACTIONS'] === 'true' ? LOG_OF_GITHUB : LOG_OF_GITHUB.slice(0, 1);
  const shown = targets.filter((target) => target.file === undefined);
  if (shown.length > 1 && !shown.every(({ format }, index) => format === LOG_OF_GITHUB[index]?.format)) {
    throw new MeshctlError(
      'E_USAGE',
      `Only one format can go to standard output, not ${shown.map((target) => target.format).join(' and ')}.`,
      {
        hint: 'Send the others to files: -o text -o sarif=meshctl.sarif.',
      },
    );
  }
  return targets;
}
