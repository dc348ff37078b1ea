import { allChecks } from '../checks/all.ts';
import { EXIT } from '../errors.ts';
import { meshes } from '../mesh/index.ts';
import { reporterNames } from '../reporters/index.ts';
import { allRules } from '../rules/index.ts';
import { argumentsOf, type CommandDeclaration, type Context, type OptionRow, type Run } from './define.ts';
import { installable } from './install.mesh.ts';

/** A candidate, with a description behind a tab where there is one; `:files` asks the shell for files. */
type Candidate = string;

export const run: Run = async (words, _options, { commands, globals, sandboxes }) => {
  const candidates = await candidatesFor(words, commands, globals, sandboxes);
  return { text: candidates.map((candidate) => `${candidate}\n`).join(''), exit: EXIT.fine };
};

async function candidatesFor(
  words: readonly string[],
  commands: readonly CommandDeclaration[],
  globals: readonly OptionRow[],
  sandboxes: Context['sandboxes'],
): Promise<readonly Candidate[]> {
  const { before, current, prefix } = unfinished(words);
  const shown = commands.filter((command) => !command.hidden);
  const command = shown.find(({ name }) => name === before.find((word) => shown.some((other) => other.name === word)));
  const options = [...(command?.options ?? []), ...globals];
  const starting = (candidates: readonly Candidate[]): readonly Candidate[] =>
    candidates
      .filter((candidate) => candidate.startsWith(current))
      .map((candidate) => (candidate === FILES ? candidate : `${prefix}${candidate}`));

  const awaiting = optionAwaitingValue(before.at(-1) ?? '', options);
  if (awaiting) {
    const values = await valuesFor(awaiting, current, before, sandboxes);
    return values.includes(FILES) ? values : starting(values);
  }
  const optionsEnded = before.includes('--');
  if (current.startsWith('-') && !optionsEnded) return starting([...options.map(optionCandidate), '--help\tshow help']);
  const commandNames = shown.map(({ name, summary }) => `${name}\t${summary}`);
  if (before[0] === 'help') return before.length === 1 ? starting(commandNames) : [];
  if (!command) return starting([...commandNames, 'help\tshow help for a command']);
  return argumentCandidates(command, before, options, starting);
}

const FILES = ':files';

interface Unfinished {
  /** The finished words, without a `=` that joins an option to its value. */
  readonly before: readonly string[];
  readonly current: string;
  /** What the shell already took for a part of the word: candidates must repeat it. */
  readonly prefix: string;
}

/** Bash hands over `--fail-on=wa` as three words, the other shells as one. */
function unfinished(words: readonly string[]): Unfinished {
  const [current = '', ...finished] = words.toReversed();
  const before = finished.toReversed();
  const joined = /^(--[\w-]+)=(.*)$/s.exec(current);
  if (joined) return { before: [...before, joined[1] ?? ''], current: joined[2] ?? '', prefix: `${joined[1]}=` };
  if (current === '=') return { before, current: '', prefix: '' };
  return { before: before.at(-1) === '=' ? before.slice(0, -1) : before, current, prefix: '' };
}

async function argumentCandidates(
  command: CommandDeclaration,
  before: readonly string[],
  options: readonly OptionRow[],
  starting: (candidates: readonly Candidate[]) => readonly Candidate[],
): Promise<readonly Candidate[]> {
  const given = before
    .slice(before.indexOf(command.name) + 1)
    .filter((word, index, all) => !word.startsWith('-') && !optionAwaitingValue(all[index - 1] ?? '', options));
  const rows = argumentsOf(command);
  // Files may follow each other; of everything else there is as much as is declared.
  const completes = rows[given.length]?.completes ?? (rows.at(-1)?.completes === 'files' ? 'files' : undefined);
  switch (completes) {
    case undefined:
      return [];
    case 'files':
      return [FILES];
    case 'explained':
      return starting([...(await ruleNames()), ...checkIds()]);
    case 'meshes':
      return starting(installable.map(({ adapter }) => `${adapter.id}\t${adapter.title}`));
    case 'profiles':
      return starting(profileNames(given));
    default:
      return starting(completes);
  }
}

const longName = (option: OptionRow): string => /--[\w-]+/.exec(option.flags)?.[0] ?? option.flags;

const optionCandidate = (option: OptionRow): Candidate => `${longName(option)}\t${option.description}`;

function optionAwaitingValue(word: string, options: readonly OptionRow[]): OptionRow | undefined {
  if (!word.startsWith('-')) return undefined;
  return options.find((option) => option.flags.includes('<') && option.flags.split(/[ ,]+/).includes(word));
}

async function valuesFor(
  option: OptionRow,
  current: string,
  before: readonly string[],
  sandboxes: Context['sandboxes'],
): Promise<readonly Candidate[]> {
  if (option.choices) return option.choices;
  if (option.completes === 'profiles') return profileNames(before);
  if (option.completes === 'rules') return ruleNames();
  if (option.completes === 'checks') return checkNames();
  if (option.completes === 'scenarios') return (await sandboxes()).scenarios.map(({ name, summary }) => `${name}\t${summary}`);
  if (option.completes === 'outputs')
    return reporterNames.includes(current.replace(/=.*$/s, '')) && current.includes('=') ? [FILES] : reporterNames;
  return /<file>/.test(option.flags) || (/=path>/.test(option.flags) && current.includes('=')) ? [FILES] : [];
}

async function ruleNames(): Promise<readonly Candidate[]> {
  const rules = await allRules();
  const aliases = new Set(rules.flatMap((rule) => rule.meta.aliases));
  return [...rules.map(({ meta }) => `${meta.id}\t${meta.summary}`), ...[...aliases].sort()];
}

/** Of the mesh that one of the words names. */
function profileNames(words: readonly string[]): readonly Candidate[] {
  const mesh = installable.find(({ adapter }) => words.includes(adapter.id));
  return mesh?.install.profiles.map(({ name, summary }) => `${name}\t${summary}`) ?? [];
}

const checkIds = (): readonly Candidate[] => allChecks(meshes).map(({ id, title }) => `${id}\t${title}`);

const checkNames = (): readonly Candidate[] => [...new Set(allChecks(meshes).map(({ category }) => category)), ...checkIds()];
