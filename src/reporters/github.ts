/**
 * Workflow commands of GitHub Actions. A step may show ten of each kind, so the gravest come first.
 * @see https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
 */
import type { Finding, InputError } from '../model/finding.ts';
import type { Span } from '../model/resource.ts';
import type { Severity } from '../model/rule.ts';
import { printable } from '../terminal/printable.ts';
import { pathText } from '../text/field-path.ts';
import { nameOf, repositoryPath } from './places.ts';
import type { Reporter } from './report.ts';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice' };

export const github: Reporter = ({ findings, errors }) => {
  const commands = [
    ...errors.map(errorCommand),
    ...(Object.keys(COMMANDS) as Severity[]).flatMap((severity) =>
      findings.filter((finding) => finding.severity === severity).map(findingCommand),
    ),
  ];
  return commands.map((command) => `${command}\n`).join('');
};

function findingCommand({ severity, rule, aliases, message, fix, resource, path, position }: Finding): string {
  const subject = [nameOf(resource), ...(path ? [pathText(path)] : [])].join(' ');
  return command(
    COMMANDS[severity],
    { ...(position && region(position)), title: [rule, ...aliases].join(' ') },
    [message, ...(fix === undefined ? [] : [fix]), subject].join('\n'),
  );
}

/** The runner refuses columns for what spans lines, and an end before the start. */
function region({ source, line, column, endLine, endColumn }: Span): Readonly<Record<string, string | number>> {
  const file = repositoryPath(source);
  if (endLine > line) return { file, line, endLine };
  return { file, line, endLine, col: column, endColumn: Math.max(endColumn, column) };
}

function errorCommand({ source, line, column, message }: InputError): string {
  const place = { ...(line !== undefined && { line }), ...(column !== undefined && { col: column }) };
  return command('error', { file: repositoryPath(source), ...place, title: 'input not read' }, message);
}

function command(name: string, properties: Readonly<Record<string, string | number>>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${property(String(value))}`);
  return `::${name} ${list.join(',')}::${data(message)}`;
}

/** The log is a terminal too: it obeys escape sequences. */
const data = (text: string): string =>
  text
    .replace(/[^\r\n]+/g, printable)
    .replaceAll('%', '%25')
    .replaceAll('\r', '%0D')
    .replaceAll('\n', '%0A');

const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
