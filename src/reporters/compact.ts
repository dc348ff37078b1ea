/** One line for each finding, as compilers write theirs: for problem matchers, editors and reviewdog's `-efm`. */
import type { Finding, InputError } from '../model/finding.ts';
import { printable, printableLine } from '../terminal/printable.ts';
import { clusterPath } from './places.ts';
import type { Reporter } from './report.ts';

export const compact: Reporter = ({ findings, errors }) =>
  [...errors.map(errorLine), ...findings.map(findingLine)].map((line) => `${line}\n`).join('');

function findingLine({ position, resource, severity, message, fix, rule }: Finding): string {
  const { source, line, column } = position ?? { source: clusterPath(resource), line: 1, column: 1 };
  return `${printable(source)}:${line}:${column}: ${severity}: ${printableLine(fix === undefined ? message : `${message} ${fix}`)} [${rule}]`;
}

function errorLine({ source, line = 1, column = 1, message }: InputError): string {
  return `${printable(source)}:${line}:${column}: error: ${printableLine(message)} [input-not-read]`;
}
