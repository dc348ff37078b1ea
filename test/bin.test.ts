/** The program as users run it: a real process, the bundle, real files and pipes. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it, onTestFinished, vi } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const bin = join(root, 'bin/meshctl.js');
const KUBECTL = 'kubectl';
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

  describe('sandbox', { timeout: 30_000 }, () => {
    const temporary = join(work, 'temporary');
    mkdirSync(temporary);
    const started = (): { readonly child: ChildProcess; readonly ended: Promise<unknown>; readonly out: () => string } => {
      // What Node itself keeps among temporary files is none of the program's.
      const env = { ...process.env, TMPDIR: temporary, NODE_DISABLE_COMPILE_CACHE: '1' };
      const stdio = ['ignore', 'pipe', 'ignore'] as const;
      const child = spawn(process.execPath, [bin, 'sandbox', '--scenario', 'empty', '-o', 'json'], { cwd: root, env, stdio: [...stdio] });
      let out = '';
      child.stdout?.on('data', (chunk) => {
        out += chunk;
      });
      const ended = new Promise((resolve) => child.once('exit', (status, signal) => resolve(status ?? signal)));
      onTestFinished(() => void child.kill('SIGKILL'));
      return { child, ended, out: () => out };
    };

    /** Under a link's name as an extension of Linkerd, and with a real program as one. */
    const speakWithLinkerd = (kubeconfig: string): void => {
      const link = join(work, 'linkerd-meshctl');
      symlinkSync(bin, link);
      const answer = spawnSync(link, ['check', `--kubeconfig=${kubeconfig}`, '--output=json'], { encoding: 'utf8' });
      expect([answer.status, JSON.parse(answer.stdout).success]).toEqual([0, true]);
      const program = `#!/bin/sh\n[ "$1" = check ] || { echo '{"name":"linkerd-fine","checks":"always"}'; exit; }\necho '{"categories":[{"categoryName":"linkerd-fine","checks":[{"description":"asked with '"$2"'","result":"success"}]}]}'\n`;
      writeFileSync(join(work, 'linkerd-fine'), program, { mode: 0o755 });
      const env = { KUBECONFIG: '', PATH: `${work}:${process.env['PATH']}` };
      const asked = meshctl(['check', '--mesh', 'linkerd', '--kubeconfig', kubeconfig, '--only', 'linkerd-fine', '-o', 'json'], { env });
      expect(JSON.parse(asked.stdout).checks).toMatchObject([{ title: `asked with --kubeconfig=${kubeconfig}`, status: 'ok' }]);
    };

    it('serves until it is interrupted, and leaves nothing behind', async () => {
      const { child, ended, out } = started();
      await vi.waitFor(() => JSON.parse(out()), { timeout: 15_000 });
      const { kubeconfig, server } = JSON.parse(out());
      const [, ca = ''] = /certificate-authority-data: (\S+)/.exec(readFileSync(kubeconfig, 'utf8')) ?? [];
      const [, token] = /token: (\S+)/.exec(readFileSync(kubeconfig, 'utf8')) ?? [];
      const answered = await new Promise((resolve, reject) => {
        const options = { ca: Buffer.from(ca, 'base64'), headers: { authorization: `Bearer ${token}` }, timeout: 5000 };
        get(`${server}/api/v1/nodes`, options, ({ statusCode }) => resolve(statusCode)).on('error', reject);
      });
      expect(answered).toBe(200);
      expect(meshctl(['analyze', '-A', '-q'], { env: { KUBECONFIG: kubeconfig } }).status).toBe(0);
      speakWithLinkerd(kubeconfig);
      const kubectl = spawnSync(KUBECTL, ['get', 'nodes', '-o', 'name'], {
        env: { ...process.env, KUBECONFIG: kubeconfig },
        encoding: 'utf8',
      });
      if (kubectl.error) console.warn('\n*** kubectl IS NOT ON THE PATH: `meshctl sandbox` IS NOT TESTED WITH IT ***\n');
      else expect(kubectl.stdout).toBe('node/sandbox-node\n');
      const before = Date.now();
      child.kill('SIGINT');
      expect(await ended).toBe(0);
      expect(Date.now() - before).toBeLessThan(3000);
      expect(readdirSync(temporary)).toEqual([]);
    });

    it.each([100, 200, 300, 400])('leaves nothing behind when it is ended %i ms after its start', async (delay) => {
      const { child, ended } = started();
      await new Promise((resolve) => setTimeout(resolve, delay));
      child.kill('SIGTERM');
      // Before its first own line runs, the signal ends the process as any other.
      expect([0, 'SIGTERM']).toContain(await ended);
      expect(readdirSync(temporary)).toEqual([]);
    });
  });

  it('asks Node for nothing that it warns about', () => {
    const chunks = readdirSync(join(root, 'dist/chunks')).map((file) => readFileSync(join(root, 'dist/chunks', file), 'utf8'));
    expect(chunks.filter((text) => /(?:require\d*\(|from )"(?:node:)?punycode"/.test(text))).toEqual([]);
  });

  it('completes in a real bash', () => {
    const script = `PATH="$1:$PATH"; source <(meshctl completion bash); COMP_WORDS=(meshctl analyze --fail-on w); COMP_CWORD=3; _meshctl; echo "\${COMPREPLY[@]}"`;
    writeFileSync(join(work, 'meshctl'), `#!/bin/sh\nexec "${process.execPath}" "${bin}" "$@"\n`, { mode: 0o755 });
    expect(spawnSync('bash', ['-c', script, 'bash', work], { encoding: 'utf8' }).stdout).toBe('warning\n');
  });
});
