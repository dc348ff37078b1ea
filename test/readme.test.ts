/** The README's tables are current, its examples run, and it names nothing that does not exist. `npm run docs` rewrites the tables. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allChecks } from '../src/checks/all.ts';
import { commands, globals } from '../src/commands/index.ts';
import { withTables } from '../src/docs/readme.ts';
import { EXIT } from '../src/errors.ts';
import { meshes } from '../src/mesh/index.ts';
import { allRules } from '../src/rules/index.ts';

const path = fileURLToPath(new URL('../README.md', import.meta.url));
const readme = readFileSync(path, 'utf8');
const { scripts } = JSON.parse(readFileSync(fileURLToPath(new URL('../package.json', import.meta.url)), 'utf8'));

describe('README.md', () => {
  it('holds the tables that its sources give', async () => {
    await expect(withTables(readme, { commands, globals, rules: await allRules(), checks: allChecks(meshes) })).toMatchFileSnapshot(path);
  });

  it('names only scripts that exist', () => {
    const named = [...readme.matchAll(/npm (?:run )?(test|demo|bench|docs|build|qa|conformance|format)\b/g)].map(([, name]) => name ?? '');
    expect(named.filter((name) => !(name in scripts))).toEqual([]);
    expect(named).toEqual(expect.arrayContaining(['demo', 'test', 'bench', 'docs']));
  });

  it('lists every exit code', () => {
    const listed = [...readme.matchAll(/^\| (\d+) \|/gm)].map(([, code]) => Number(code));
    expect(listed).toEqual(Object.values(EXIT));
  });

  it('shows only options that commands take', () => {
    const known = new Set(
      [...globals, ...commands.flatMap((command) => command.options)].flatMap((row) => row.flags.match(/--[\w-]+/g) ?? []),
    );
    const shown = [...readme.matchAll(/^(?:.*\|\s*)?(?:npx )?meshctl [^\n`]*$/gm)].flatMap(([line]) => line.match(/--[a-z][\w-]+/g) ?? []);
    expect(shown.filter((flag) => !known.has(flag))).toEqual([]);
  });
});
