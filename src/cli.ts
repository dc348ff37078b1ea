/**
 * Arguments → the chosen command, loaded when it is chosen, and errors → exit codes. What a command
 * prints on standard output is its answer; everything else goes to standard error.
 */
import { Command, CommanderError, Option } from 'commander';
import {
  argumentsOf,
  type CommandDeclaration,
  type Context,
  type OptionRow,
  type Options,
  type Outcome,
  textOf,
  textsOf,
} from './commands/define.ts';
import { commands, globals } from './commands/index.ts';
import { asLinkerdExtension } from './commands/linkerd-extension.ts';
import { checkedValue, usageError } from './commands/usage.ts';
import { EXIT, type ExitCode, MeshctlError } from './errors.ts';
import type { Host, Output } from './host/host.ts';
import type { Cluster } from './model/cluster.ts';

export async function main(host: Host): Promise<ExitCode> {
  const asked = asLinkerdExtension(host.program, host.args);
  if ('text' in asked) {
    host.out.write(asked.text);
    return asked.exit;
  }
  const opened: Cluster[] = [];
  let outcome: Outcome = { text: '', exit: EXIT.fine };
  const program = buildProgram(host, asked, async (declaration, args, options) => {
    const { run } = await declaration.load();
    outcome = await run(args, options, contextOf(host, options, opened));
  });
  try {
    await program.parseAsync(helpAsOption(joinShortValues(asked)), { from: 'user' });
  } catch (error) {
    return report(error, host);
  } finally {
    await Promise.all(opened.map((cluster) => cluster.close()));
  }
  host.out.write(outcome.text);
  return outcome.exit;
}

/** `help`, `help analyze` and no arguments at all mean `--help`; `help` of an unknown command is that command's error. */
function helpAsOption(args: readonly string[]): string[] {
  const [first, name, ...rest] = args;
  if (first === undefined || (first === 'help' && name === undefined)) return ['--help'];
  if (first !== 'help' || name === undefined) return [...args];
  return commands.some((command) => command.name === name || command.aliases?.includes(name)) ? [name, '--help', ...rest] : [name];
}

/** kubectl takes `-o=json` for `-o json`; commander alone would take the value to be `=json`. */
function joinShortValues(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  return args.map((arg, index) => (end < 0 || index < end ? arg.replace(/^(-[A-Za-z])=(?=.)/, '$1') : arg));
}

type Action = (declaration: CommandDeclaration, args: readonly string[], options: Options) => Promise<void>;

function buildProgram(host: Host, args: readonly string[], action: Action): Command {
  const program = new Command('meshctl');
  program
    .description('One command-line tool for every Kubernetes service mesh.')
    .usage('<command> [options]')
    .version(host.versions.meshctl, versionFlags(args), 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(true)
    .configureHelp({
      showGlobalOptions: true,
      subcommandTerm: (command) => command.name(),
      optionDescription: (option) => option.description,
    })
    .addHelpText('after', `\n${examplesText(commands.flatMap(({ examples }) => examples.slice(0, 1)))}`);
  addOptions(program, globals);
  settle(program, host, undefined);
  for (const declaration of commands) {
    const command = program.command(declaration.name, { hidden: declaration.hidden === true });
    command.summary(declaration.summary).description(declaration.description);
    for (const { name, description } of argumentsOf(declaration)) command.argument(name, description);
    command.aliases(declaration.aliases ?? []);
    addOptions(command, declaration.options);
    if (declaration.examples.length > 0) command.addHelpText('after', `\n${examplesText(declaration.examples)}`);
    command.action(async (...given: unknown[]) => {
      const args = given
        .slice(0, -2)
        .flat()
        .filter((value) => value !== undefined);
      await action(declaration, args.map(String), command.optsWithGlobals());
    });
    settle(command, host, declaration);
  }
  return program;
}

/** Help and errors go through the host, and nothing ends the process but `bin`. */
function settle(command: Command, host: Host, declaration: CommandDeclaration | undefined): void {
  const failed = (error: CommanderError): never => {
    if (error.exitCode === EXIT.fine) throw error;
    const options = [...(declaration?.options ?? []), ...globals];
    throw usageError({ code: error.code, message: error.message, command: declaration, options, commands, args: command.args });
  };
  command.exitOverride(failed).configureOutput({
    writeOut: (text) => host.out.write(text),
    // What commander says of an error is printed by `report`, in our own form.
    writeErr: () => {},
    getOutHelpWidth: () => host.out.columns ?? 100,
    getOutHasColors: () => false,
  });
}

/** Commander would take an option of the program wherever it stands, and charts have versions too. */
function versionFlags(args: readonly string[]): string {
  const command = commands.find(({ name }) => name === args.find((arg) => commands.some((each) => each.name === arg)));
  return command?.options.some(({ flags }) => /--version\b/.test(flags)) ? '-V' : '-V, --version';
}

function addOptions(command: Command, rows: readonly OptionRow[]): void {
  for (const row of rows) {
    const option = new Option(row.flags, optionText(row));
    if (row.default !== undefined) option.default(row.default);
    if (option.required) {
      option.argParser<unknown>((given, previous) => {
        if (!row.repeats) return checkedValue(row, given);
        const found = row.keepsCommas ? [given] : commaSeparated(given);
        // Nothing at all is no value.
        const values = found.length === 0 ? [given] : found;
        return [...(Array.isArray(previous) ? previous : []), ...values.map((value) => checkedValue(row, value))];
      });
    }
    command.addOption(option);
  }
}

const commaSeparated = (value: string): readonly string[] =>
  value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');

/** `use colours (auto, always or never; default: auto)`. */
function optionText({ description, choices, default: standard, defaultText = standard }: OptionRow): string {
  const remarks = [
    ...(choices ? [`${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`] : []),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
  ];
  return remarks.length === 0 ? description : `${description} (${remarks.join('; ')})`;
}

function examplesText(examples: CommandDeclaration['examples']): string {
  return `Examples:\n${examples.map(({ command, does }) => `  ${command}\n      ${does}`).join('\n')}`;
}

/** What speaks to a cluster is loaded when a command asks for one, and not before. */
async function connected(options: Options, host: Host): Promise<Cluster> {
  const { connect } = await import('./cluster/connect.ts');
  const timeout = textOf(options, 'requestTimeout');
  return connect(
    {
      kubeconfig: textOf(options, 'kubeconfig'),
      context: textOf(options, 'context'),
      namespace: textOf(options, 'namespace'),
      as: textOf(options, 'as'),
      asGroups: textsOf(options, 'asGroup'),
      ...(timeout !== undefined && { requestTimeout: timeout }),
      quiet: options['quiet'] === true,
    },
    host,
  );
}

/** @param opened takes the clusters that the command asks for, to be closed when it is over */
function contextOf(host: Host, options: Options, opened: Cluster[]): Context {
  const color = (output: Output): boolean => wantsColor(options['color'], host.env, output);
  return {
    host,
    color: { out: color(host.out), err: color(host.err) },
    commands,
    globals,
    cluster: async (flags) => {
      const cluster = await connected(flags, host);
      opened.push(cluster);
      return cluster;
    },
    sandboxes: async () => (await import('./sandbox/scenarios/index.ts')).sandboxes,
    quiet: options['quiet'] === true,
    verbose: options['verbose'] === true,
  };
}

/** @see https://no-color.org and https://force-color.org */
function wantsColor(flag: unknown, env: Host['env'], output: Output): boolean {
  if (flag === 'always' || flag === 'never') return flag === 'always';
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return output.isTTY && env['TERM'] !== 'dumb';
}

async function report(error: unknown, host: Host): Promise<ExitCode> {
  if (error instanceof CommanderError) return EXIT.fine;
  if (error instanceof MeshctlError) {
    const { printable } = await import('./terminal/printable.ts');
    const { wrap } = await import('./terminal/wrap.ts');
    const lines = error.hint === undefined ? [error.message] : [error.message, error.hint];
    host.err.write(lines.map((line) => `${wrap(printable(line), host.err.columns)}\n`).join(''));
    return error.exit;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { meshctl, node } = host.versions;
  host.err.write(`This is a bug in meshctl. Please report it with what follows.\nmeshctl ${meshctl}, Node.js ${node}\n${stack}\n`);
  return EXIT.bug;
}
