/**
 * End-to-end cases as folders: `args`, the files they name, and what came out; in `after`, those of
 * the files that the command changed. No test code is needed for a new one. `vitest -u` writes
 * `stdout`, `stderr`, `exit` and `after` anew; read them in review.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { main } from '../src/cli.ts';
import { memoryHost } from '../src/host/memory.ts';

const root = fileURLToPath(new URL('../fixtures', import.meta.url));
const COMMANDS = ['analyze', 'cli', 'explain', 'inject', 'profile', 'sandbox', 'template', 'validate'];
const OUTCOME = ['args', 'stdin', 'stdout', 'stderr', 'exit', 'env', 'after'];

function filesOf(folder: string, below = ''): Readonly<Record<string, string>> {
  const entries = readdirSync(`${folder}/${below}`, { withFileTypes: true });
  return Object.assign(
    {},
    ...entries.map((entry) => {
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (OUTCOME.includes(path)) return {};
      return entry.isDirectory() ? filesOf(folder, path) : { [path]: readFileSync(`${folder}/${path}`, 'utf8') };
    }),
  );
}

/** One argument a line, or separated by blanks on the first line only. */
function argsOf(text: string): readonly string[] {
  if (text === '') return [];
  const lines = text.trimEnd().split('\n');
  return lines.length > 1 ? lines : (lines[0]?.split(' ') ?? []);
}

describe.each(COMMANDS)('fixtures/%s', (command) => {
  it.each(readdirSync(`${root}/${command}`).sort())('%s', async (name) => {
    const folder = `${root}/${command}/${name}`;
    const optional = (file: string): string | undefined =>
      existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, 'utf8') : undefined;
    const stdin = optional('stdin');
    const env = Object.fromEntries(
      (optional('env') ?? '')
        .split('\n')
        .filter(Boolean)
        .map((line) => line.split('=', 2)),
    );
    const files = { ...filesOf(folder), ...prefixed('bookinfo', filesOf(`${root}/bookinfo`)) };
    const columns = Number(env['COLUMNS'] ?? 0);
    const host = memoryHost({
      args: argsOf(optional('args') ?? ''),
      files,
      env,
      ...(columns > 0 ? { columns, isTTY: true } : {}),
      ...(stdin === undefined ? {} : { stdin }),
    });
    const exit = await main(host);
    await expect(host.stdout()).toMatchFileSnapshot(`${folder}/stdout`);
    if (host.stderr() !== '' || existsSync(`${folder}/stderr`)) await expect(host.stderr()).toMatchFileSnapshot(`${folder}/stderr`);
    await expect(`${exit}\n`).toMatchFileSnapshot(`${folder}/exit`);
    const after = Object.keys(files).map((path) => [path, host.contents.get(`/project/${path}`) ?? ''] as const);
    const changed = after.filter(([path, text]) => text !== files[path]);
    for (const [path, text] of changed) await expect(text).toMatchFileSnapshot(`${folder}/after/${path}`);
    expect(changed.map(([path]) => path)).toEqual(
      expect.arrayContaining(existsSync(`${folder}/after`) ? Object.keys(filesOf(`${folder}/after`)) : []),
    );
  });
});

function prefixed(folder: string, files: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`${folder}/${path}`, text]));
}
