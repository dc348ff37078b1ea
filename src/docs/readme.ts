/** Rewrites the marked tables of README.md from the declarations they describe. Prose is left alone. Not part of the bundle. */
import { clusterOptions } from '../commands/cluster-options.ts';
import { argumentsOf, type CommandDeclaration, type OptionRow } from '../commands/define.ts';
import type { Check } from '../model/check.ts';
import type { Rule } from '../model/rule.ts';

export interface Documented {
  readonly commands: readonly CommandDeclaration[];
  readonly globals: readonly OptionRow[];
  readonly rules: readonly Rule[];
  readonly checks: readonly Check[];
}

/** @throws Error when a marker of the README names no table, or a table has no marker */
export function withTables(readme: string, documented: Documented): string {
  const tables = tablesOf(documented);
  const used = new Set<string>();
  const text = readme.replace(/(<!-- begin: ([\w-]+) -->\n)[\s\S]*?(<!-- end: \2 -->)/g, (_, begin: string, name: string, end: string) => {
    const table = tables[name];
    if (table === undefined) throw new Error(`README.md asks for a table "${name}", which does not exist.`);
    used.add(name);
    return `${begin}${table}${end}`;
  });
  const unused = Object.keys(tables).filter((name) => !used.has(name));
  if (unused.length > 0) throw new Error(`README.md has no place for the tables ${unused.join(', ')}.`);
  return text;
}

function tablesOf({ commands, globals, rules, checks }: Documented): Readonly<Record<string, string>> {
  const shown = commands.filter((command) => !command.hidden);
  const analyze = shown.find((command) => command.name === 'analyze');
  return {
    commands: markdown(
      ['Command', 'What it does'],
      shown.map((command) => [code(['meshctl', command.name, ...argumentsOf(command).map(({ name }) => name)].join(' ')), command.summary]),
    ),
    options: markdown(['Option', 'Meaning'], [...(analyze?.options ?? []), ...globals].map(optionRow)),
    rules: markdown(
      ['Rule', 'Known as', 'Severity', 'Mesh', 'Fix', 'What holds when it is silent'],
      rules.map(({ meta }) => [
        code(meta.id),
        meta.aliases.join(', '),
        meta.isOnRequest ? `${meta.severity}, on request` : meta.severity,
        meta.meshes?.join(', ') ?? 'any',
        meta.fixable ? code('--fix') : '',
        meta.summary,
      ]),
    ),
    'check-options': markdown(
      ['Option', 'Meaning'],
      (shown.find((command) => command.name === 'check')?.options ?? []).filter((row) => !clusterOptions.includes(row)).map(optionRow),
    ),
    'inject-options': markdown(
      ['Option', 'Meaning'],
      (shown.find((command) => command.name === 'inject')?.options ?? []).filter((row) => !clusterOptions.includes(row)).map(optionRow),
    ),
    'install-options': markdown(
      ['Option', 'Meaning'],
      (shown.find((command) => command.name === 'install')?.options ?? []).filter((row) => !clusterOptions.includes(row)).map(optionRow),
    ),
    checks: markdown(
      ['Check', 'Category', 'Known as', 'Asked by', 'What holds when it passes'],
      checks.map(({ id, category, aliases = [], modes = [], title }) => [
        code(id),
        category,
        aliases.join(', '),
        modes
          .filter((mode) => mode !== 'running')
          .map((mode) => code(`--${mode}`))
          .join(', '),
        title,
      ]),
    ),
    differences: markdown(
      ['Rule', 'Known as', 'Difference'],
      rules.flatMap(({ meta }) => (meta.differs === undefined ? [] : [[code(meta.id), meta.aliases.join(', '), meta.differs]])),
    ),
  };
}

function optionRow({ flags, description, choices, repeats, default: standard, defaultText = standard }: OptionRow): readonly string[] {
  const remarks = [
    ...(choices ? [choices.map(code).join(', ')] : []),
    ...(defaultText === undefined ? [] : [`default: ${defaultText}`]),
    ...(repeats ? ['may be repeated'] : []),
  ];
  return [code(flags), remarks.length === 0 ? description : `${description} (${remarks.join('; ')})`];
}

function code(text: string): string {
  return `\`${text}\``;
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replace(/\|/g, '\\|').replace(/\s+/g, ' ')).join(' | ')} |\n`;
  return `${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`;
}
