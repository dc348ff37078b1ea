/** How a command is declared: data that the parser, the help, completion and the README are made from. */
import type { ExitCode } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Sandboxes } from '../model/sandbox.ts';

export interface OptionRow {
  /** As commander writes it: `-o, --output <format>`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  /** The option may be given several times, and several values may be given separated by commas. */
  readonly repeats?: boolean;
  /** The value may hold commas, so that only repeating the option gives several values. */
  readonly keepsCommas?: boolean;
  readonly default?: string;
  /** What holds without the option, where something else than the parser decides it. */
  readonly defaultText?: string;
  /** What completion offers for the value; files when absent and the option takes a `<file>`. */
  readonly completes?: 'rules' | 'checks' | 'outputs' | 'scenarios' | 'profiles';
}

export interface ArgumentRow {
  /** As commander writes it: `<name>`, `[name]`. */
  readonly name: string;
  readonly description: string;
  /** Profiles are those of the mesh that an argument before names. */
  readonly completes?: 'files' | 'explained' | 'meshes' | 'profiles' | readonly string[];
}

export interface CommandDeclaration {
  readonly name: string;
  readonly summary: string;
  /** Paragraphs above the options. */
  readonly description: string;
  readonly argument?: ArgumentRow;
  /** Those behind it. */
  readonly moreArguments?: readonly ArgumentRow[];
  /** Short forms of the name, such as `pc`. */
  readonly aliases?: readonly string[];
  readonly options: readonly OptionRow[];
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** Not shown in help or completion. */
  readonly hidden?: boolean;
  readonly load: () => Promise<{ readonly run: Run }>;
}

/** Parsed options by their long name in camel case. */
export type Options = Readonly<Record<string, unknown>>;

export interface Context {
  readonly host: Host;
  /** Colour on standard output and on standard error, as flags, environment and terminal decide. */
  readonly color: { readonly out: boolean; readonly err: boolean };
  readonly commands: readonly CommandDeclaration[];
  readonly globals: readonly OptionRow[];
  /** The cluster that the flags of `cluster-options.ts` and `--namespace` mean; closed when the command is over. */
  readonly cluster: (options: Options) => Promise<Cluster>;
  readonly sandboxes: () => Promise<Sandboxes>;
  readonly quiet: boolean;
  readonly verbose: boolean;
}

/** What a command has to say: the answer for standard output, and its exit code. */
export interface Outcome {
  readonly text: string;
  readonly exit: ExitCode;
}

export type Run = (args: readonly string[], options: Options, context: Context) => Promise<Outcome>;

export const argumentsOf = ({ argument, moreArguments = [] }: CommandDeclaration): readonly ArgumentRow[] =>
  argument ? [argument, ...moreArguments] : [];

/** The values of an option that repeats. */
export function textsOf(options: Options, name: string): readonly string[] {
  const value = options[name];
  return Array.isArray(value) ? value.map(String) : [];
}

/** The value of an option that takes one; undefined when it was not given. */
export function textOf(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}
