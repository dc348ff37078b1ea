/** The program as users run it: a real process, the bundle, real files and pipes. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/meshctl.js');
const work = mkdtempSync(join(tmpdir(), 'meshctl-bin-'));
afterAll(() => rmSync(work, { recursive: true, force: true }));

interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function meshctl(
  args: readonly string[],
  options: { readonly input?: string; readonly env?: Readonly<Record<string, string>>; readonly node?: readonly string[] } = {},
): Ended {
  const { NO_COLOR: _, FORCE_COLOR: __, ...env } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, [...(options.node ?? []), bin, ...args], {
    cwd: root,
    input: options.input ?? '',
    maxBuffer: 1 << 26,
    env: { ...env, ...options.env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const BROKEN =
  'apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: { name: a, namespace: shop }\nspec:\n  hosts: [a]\n  http:\n    - route:\n        - destination: { host: gone }\n';

describe('bin/meshctl.js', () => {
  it('prints its version, which is the one of package.json', () => {
    const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
    expect(meshctl(['--version']).stdout).toBe(`${version}\n`);
  });

  it('analyzes standard input and exits with 1 for errors, in every format', () => {
    for (const format of ['text', 'json', 'yaml', 'sarif', 'junit', 'github', 'gitlab', 'markdown']) {
      const { status, stdout } = meshctl(['analyze', '--complete', '-o', format, '-'], { input: BROKEN });
      expect([format, status]).toEqual([format, 1]);
      expect(stdout).toContain('istio-routing/destination-host-exists');
    }
  });

  it('exits with 0 for a clean input, and with 2 for one it cannot read', () => {
    expect(meshctl(['analyze', '-'], { input: 'apiVersion: v1\nkind: ConfigMap\nmetadata: { name: c }\n' }).status).toBe(0);
    expect(meshctl(['analyze', '-'], { input: 'a: b: c\n' }).status).toBe(2);
  });

  it('colours when told to, and not into a pipe', () => {
    const ansi = '\u001b[';
    const colored = (args: readonly string[], env: Readonly<Record<string, string>> = {}): boolean =>
      meshctl(['analyze', '--complete', '-', ...args], { input: BROKEN, env }).stdout.includes(ansi);
    expect(colored([])).toBe(false);
    expect(colored(['--color', 'always'])).toBe(true);
    expect(colored([], { FORCE_COLOR: '1' })).toBe(true);
    expect(colored([], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(colored(['--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(colored(['--color', 'never'], { FORCE_COLOR: '1' })).toBe(false);
  });

  it('ends quietly when its reader goes away', async () => {
    const file = join(work, 'many.yaml');
    writeFileSync(file, Array.from({ length: 3000 }, (_, index) => BROKEN.replace('name: a', `name: a-${index}`)).join('---\n'));
    const child = spawn(process.execPath, [bin, 'analyze', '--complete', file], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.once('data', () => child.stdout.destroy());
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const status = await new Promise((resolve) => child.once('exit', resolve));
    expect([status, stderr]).toEqual([1, '']);
  }, 30_000);

  it('writes a long report into a pipe to its end', () => {
    const input = Array.from({ length: 3000 }, (_, index) => BROKEN.replace('name: a', `name: a-${index}`)).join('---\n');
    const { stdout } = meshctl(['analyze', '--complete', '-o', 'json', '--rule', 'istio-routing/destination-host-exists', '-'], { input });
    expect(JSON.parse(stdout).findings).toHaveLength(3000);
  });

  it('starts from chunks that hold neither rules nor parsers nor reporters', () => {
    const reached = new Map<string, string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      const text = readFileSync(join(root, 'dist', file), 'utf8');
      reached.set(file, text);
      for (const [, next = ''] of text.matchAll(/^(?:import|export)[^;]*?from "(\.[^"]+)";|^import "(\.[^"]+)";/gm))
        visit(join(dirname(file), next));
    };
    visit('main.js');
    const text = [...reached.values()].join('\n');
    expect(text).toContain('parseAsync');
    expect(text).not.toMatch(/node_modules\/(js-yaml|chalk|cli-table3|jsonc-parser|ora|undici|@kubernetes)|src\/(rules|reporters|mesh)\//);
  });

  it('completes in a real bash', () => {
    const script = `PATH="$1:$PATH"; source <(meshctl completion bash); COMP_WORDS=(meshctl analyze --fail-on w); COMP_CWORD=3; _meshctl; echo "\${COMPREPLY[@]}"`;
    writeFileSync(join(work, 'meshctl'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, { mode: 0o755 });
    expect(spawnSync('bash', ['-c', script, 'bash', work], { encoding: 'utf8' }).stdout).toBe('warning\n');
  });
});
