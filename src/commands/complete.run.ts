import { EXIT } from '../errors.ts';
import { reporterNames } from '../reporters/index.ts';
import { allRules } from '../rules/index.ts';
import type { CommandDeclaration, OptionRow, Run } from './define.ts';

/** A candidate, with a description behind a tab where there is one; `:files` asks the shell for files. */
type Candidate = string;

export const run: Run = async (words, _options, { commands, globals }) => {
  const candidates = await candidatesFor(words, commands, globals);
  return { text: candidates.map((candidate) => `${candidate}\n`).join(''), exit: EXIT.fine };
};

async function candidatesFor(
  words: readonly string[],
  commands: readonly CommandDeclaration[],
  globals: readonly OptionRow[],
): Promise<readonly Candidate[]> {
  const current = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  const shown = commands.filter((command) => !command.hidden);
  const command = shown.find(({ name }) => name === before.find((word) => !word.startsWith('-')));
  const options = [...(command?.options ?? []), ...globals];
  const starting = (candidates: readonly Candidate[]): readonly Candidate[] =>
    candidates.filter((candidate) => candidate.startsWith(current));

  const awaiting = optionAwaitingValue(before.at(-1) ?? '', options);
  if (awaiting) return starting(await valuesFor(awaiting));
  if (current.startsWith('-')) return starting(options.map((option) => `${longName(option)}\t${option.description}`));
  if (!command) return starting([...shown.map(({ name, summary }) => `${name}\t${summary}`), 'help\tshow help for a command']);
  const { argument } = command;
  if (argument?.completes === 'files') return [':files'];
  if (argument?.completes === 'rules') return starting(await ruleNames());
  return starting(argument?.completes ?? []);
}

const longName = (option: OptionRow): string => /--[\w-]+/.exec(option.flags)?.[0] ?? option.flags;

function optionAwaitingValue(word: string, options: readonly OptionRow[]): OptionRow | undefined {
  if (!word.startsWith('-')) return undefined;
  return options.find((option) => option.flags.includes('<') && option.flags.split(/[ ,]+/).includes(word));
}

async function valuesFor(option: OptionRow): Promise<readonly Candidate[]> {
  if (option.choices) return option.choices;
  if (option.completes === 'rules') return ruleNames();
  if (option.completes === 'outputs') return reporterNames;
  return option.completes === 'nothing' ? [] : [':files'];
}

async function ruleNames(): Promise<readonly Candidate[]> {
  const rules = await allRules();
  const aliases = new Set(rules.flatMap((rule) => rule.meta.aliases));
  return [...rules.map(({ meta }) => `${meta.id}\t${meta.summary}`), ...[...aliases].sort()];
}
