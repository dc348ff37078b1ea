/** What commander and the declarations say of wrong usage, as sentences in the form of our own errors. */
import { MeshctlError } from '../errors.ts';
import { nearest } from '../text/nearest.ts';
import { type ArgumentRow, argumentsOf, type CommandDeclaration, type OptionRow } from './define.ts';

/** The failure of a parse, as commander describes it. */
export interface ParseFailure {
  /** Such as `commander.unknownOption`. */
  readonly code: string;
  readonly message: string;
  /** The command whose arguments were read; undefined for meshctl itself. */
  readonly command: CommandDeclaration | undefined;
  /** Options that may stand at this place. */
  readonly options: readonly OptionRow[];
  readonly commands: readonly CommandDeclaration[];
  /** Arguments of the command that are no options. */
  readonly args: readonly string[];
}

export function usageError({ code, message, command, options, commands, args }: ParseFailure): MeshctlError {
  const name = command ? `meshctl ${command.name}` : 'meshctl';
  const help = `Run "${name} --help" for what it takes.`;
  const quoted = /'(.*)'/.exec(message)?.[1] ?? '';
  const meant = /\(Did you mean (?:one of )?(.+)\?\)/s.exec(message)?.[1];
  const suggestion = meant && `Did you mean ${meant.split(', ').map(inQuotes).join(' or ')}?`;
  switch (code) {
    case 'commander.unknownCommand':
      return failure(
        `There is no command "${quoted}".`,
        suggestion ?? (looksLikePath(quoted) ? analyzeHint(quoted) : 'Run "meshctl --help" for the list of commands.'),
      );
    case 'commander.unknownOption':
      return failure(
        `"${name}" has no option "${quoted}".`,
        suggestion ?? (looksLikePath(quoted) ? dashesHint(name, quoted) : ((command ? undefined : afterHint(quoted, commands)) ?? help)),
      );
    case 'commander.optionMissingArgument':
      return failure(`Option "${longName(quoted)}" needs a value.`, valuesHint(options.find(({ flags }) => flags === quoted)) ?? help);
    case 'commander.missingArgument':
      return failure(`"${name}" needs its argument <${quoted}>: ${missing(command, quoted)?.description}.`, exampleHint(command) ?? help);
    case 'commander.excessArguments': {
      const most = command ? argumentsOf(command).length : 0;
      const taken = ['no arguments', 'one argument'][most] ?? `${most} arguments`;
      return failure(`"${name}" takes ${taken}; "${args[most] ?? ''}" is one too many.`, help);
    }
    default: {
      const sentence = message.replace(/^error: /, '').replace(/'/g, '"');
      return failure(`${sentence.replace(/^./, (letter) => letter.toUpperCase())}${/[.?)]$/.test(sentence) ? '' : '.'}`, help);
    }
  }
}

/**
 * @returns the value of an option, which is one of its choices where it has some
 * @throws MeshctlError E_USAGE; an empty value is an empty variable of a script, and never means "all"
 */
export function checkedValue({ flags, choices }: OptionRow, value: string): string {
  const option = longName(flags);
  if (/^[\s,]*$/.test(value)) throw failure(`The value of option "${option}" is empty.`, 'Give it a value, or leave the option out.');
  if (!choices || choices.includes(value)) return value;
  const close = nearest(value, choices);
  throw failure(`"${value}" is no value of option "${option}".`, `${close ? `Did you mean "${close}"? ` : ''}${valuesHint({ choices })}`);
}

const missing = (command: CommandDeclaration | undefined, name: string): ArgumentRow | undefined =>
  command && argumentsOf(command).find((row) => row.name.includes(name));

function failure(message: string, hint: string): MeshctlError {
  return new MeshctlError('E_USAGE', message, { hint });
}

const longName = (flags: string): string => /--[\w-]+/.exec(flags)?.[0] ?? flags;

function valuesHint(option: Pick<OptionRow, 'choices'> | undefined): string | undefined {
  const choices = option?.choices;
  return choices && `Its values are ${choices.slice(0, -1).join(', ')} and ${choices.at(-1)}.`;
}

const inQuotes = (text: string): string => `"${text}"`;

const looksLikePath = (text: string): boolean => /[\\/]|\.(?:ya?ml|json)$/i.test(text);

const analyzeHint = (path: string): string => `To analyze it, run "meshctl analyze ${path}".`;

const dashesHint = (name: string, path: string): string => `If it is a file, put "--" before it: "${name} -- ${path}".`;

/** kubectl takes options of its commands before the command, too. */
function afterHint(flag: string, commands: readonly CommandDeclaration[]): string | undefined {
  const option = flag.replace(/=.*$/s, '');
  const owner = commands.find(({ options }) => options.some(({ flags }) => flags.split(/[ ,]+/).includes(option)));
  return owner && `It belongs behind the command, as in "meshctl ${owner.name} ${option}".`;
}

function exampleHint(command: CommandDeclaration | undefined): string | undefined {
  const example = command?.examples[0]?.command;
  return example && `For example: ${example}`;
}
