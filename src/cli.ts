/**
 * Arguments → the chosen command, loaded when it is chosen, and errors → exit codes. What a command
 * prints on standard output is its answer; everything else goes to standard error.
 */
import { Command, CommanderError, Option } from 'commander';
import { type CommandDeclaration, type Context, type OptionRow, type Options, type Outcome, textOf, textsOf } from './commands/define.ts';
import { commands, globals } from './commands/index.ts';
import { EXIT, type ExitCode, MeshctlError } from './errors.ts';
import type { Host, Output } from './host/host.ts';
import type { Cluster } from './model/cluster.ts';

export async function main(host: Host): Promise<ExitCode> {
  const opened: Cluster[] = [];
  let outcome: Outcome = { text: '', exit: EXIT.fine };
  const program = buildProgram(host, async (declaration, args, options) => {
    const { run } = await declaration.load();
    outcome = await run(args, options, contextOf(host, options, opened));
  });
  try {
    await program.parseAsync(helpAsOption(host.args), { from: 'user' });
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
  return commands.some((command) => command.name === name) ? [name, '--help', ...rest] : [name];
}

type Action = (declaration: CommandDeclaration, args: readonly string[], options: Options) => Promise<void>;

function buildProgram(host: Host, action: Action): Command {
  const program = new Command('meshctl');
  program
    .description('One command-line tool for every Kubernetes service mesh.')
    .usage('<command> [options]')
    .version(host.versions.meshctl, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .showSuggestionAfterError(true)
    .configureHelp({ showGlobalOptions: true, subcommandTerm: (command) => command.name() })
    .addHelpText('after', `\n${examplesText(commands.flatMap(({ examples }) => examples.slice(0, 1)))}`);
  addOptions(program, globals);
  settle(program, host);
  for (const declaration of commands) {
    const command = program.command(declaration.name, { hidden: declaration.hidden === true });
    command.summary(declaration.summary).description(declaration.description);
    if (declaration.argument) command.argument(declaration.argument.name, declaration.argument.description);
    addOptions(command, declaration.options);
    if (declaration.examples.length > 0) command.addHelpText('after', `\n${examplesText(declaration.examples)}`);
    command.action(async (...given: unknown[]) => {
      const args = given
        .slice(0, -2)
        .flat()
        .filter((value) => value !== undefined);
      await action(declaration, args.map(String), command.optsWithGlobals());
    });
    settle(command, host);
  }
  return program;
}

/** Help and errors go through the host, and nothing ends the process but `bin`. */
function settle(command: Command, host: Host): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => host.out.write(text),
    // What commander says of an error is printed by `report`, in our own form.
    writeErr: () => {},
    getOutHelpWidth: () => host.out.columns ?? 100,
    getOutHasColors: () => false,
  });
}

function addOptions(command: Command, rows: readonly OptionRow[]): void {
  for (const row of rows) {
    const option = new Option(row.flags, row.description);
    if (row.choices) option.choices(row.choices);
    if (row.default !== undefined) option.default(row.default);
    if (row.repeats) {
      option.argParser((value: string, previous: readonly string[] | undefined) => [
        ...(previous ?? []),
        ...(row.keepsCommas ? [value] : value.split(',').filter((part) => part !== '')),
      ]);
    }
    command.addOption(option);
  }
}

function examplesText(examples: CommandDeclaration['examples']): string {
  return `Examples:\n${examples.map(({ command, does }) => `  ${command}\n      ${does}`).join('\n')}`;
}

/** client-node is loaded when a command asks for a cluster, and not before. */
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
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] !== '0' && env['FORCE_COLOR'] !== 'false';
  return output.isTTY && env['TERM'] !== 'dumb';
}

function report(error: unknown, host: Host): ExitCode {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.fine;
    host.err.write(`${usageMessage(error.message)}\n`);
    return EXIT.question;
  }
  if (error instanceof MeshctlError) {
    host.err.write(`${error.message}\n${error.hint === undefined ? '' : `${error.hint}\n`}`);
    return error.exit;
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { meshctl, node } = host.versions;
  host.err.write(`This is a bug in meshctl. Please report it with what follows.\nmeshctl ${meshctl}, Node.js ${node}\n${stack}\n`);
  return EXIT.bug;
}

/** `error: unknown command 'analyse'\n(Did you mean analyze?)` as sentences in the form of our own errors. */
function usageMessage(message: string): string {
  const [first = '', ...more] = message.replace(/^error: /, '').split('\n');
  const sentence = first.replace(/'/g, '"').replace(/^./, (letter) => letter.toUpperCase());
  const hint = more
    .join(' ')
    .trim()
    .replace(/^\((.*)\)$/, '$1');
  return `${/[.?]$/.test(sentence) ? sentence : `${sentence}.`}\n${hint || 'Run "meshctl --help" or "meshctl <command> --help".'}`;
}
