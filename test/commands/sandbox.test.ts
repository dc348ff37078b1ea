/** `meshctl sandbox` on a memory host: what it writes, where, and what is left when it ends. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished, vi } from 'vitest';
import { main } from '../../src/cli.ts';
import { type MemoryHost, memoryHost } from '../../src/host/memory.ts';

interface Running {
  readonly host: MemoryHost;
  readonly exit: Promise<number>;
}

function run(args: readonly string[], files: Readonly<Record<string, string>> = {}): Running {
  const host = memoryHost({ args: ['sandbox', '--scenario', 'empty', ...args], files });
  const exit = main(host);
  onTestFinished(async () => {
    host.end();
    await exit;
  });
  return { host, exit };
}

async function started(args: readonly string[], files: Readonly<Record<string, string>> = {}): Promise<Running> {
  const running = run(args, files);
  await vi.waitFor(() => expect(running.host.stdout()).not.toBe(''), { timeout: 5000 });
  return running;
}

it('writes a temporary kubeconfig, says what to try, and leaves nothing behind', async () => {
  const { host, exit } = await started([]);
  const path = '/tmp/meshctl-sandbox-1/kubeconfig';
  expect(host.stdout()).toContain(`Kubeconfig: ${path}\n`);
  expect(host.stdout()).toContain(`export KUBECONFIG=${path}\n  kubectl get pods -A\n  meshctl analyze -A\n`);
  expect(host.stderr()).toBe('Starting scenario "empty".\n');
  const server = /server: (\S+)/.exec(host.contents.get(path) ?? '')?.[1] ?? '';
  expect(server).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
  host.end();
  expect(await exit).toBe(0);
  expect([...host.contents.keys()]).toEqual([]);
  await expect(fetch(server)).rejects.toThrow();
});

it('says as JSON where it is', async () => {
  const { host } = await started(['-o', 'json', '--kubeconfig', 'kube/config', '-q']);
  expect(JSON.parse(host.stdout())).toEqual({
    apiVersion: 'meshctl.dev/v1',
    kind: 'Sandbox',
    scenario: 'empty',
    server: expect.stringMatching(/^https:/),
    kubeconfig: '/project/kube/config',
    charts: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/charts$/),
  });
  expect(host.stderr()).toBe('');
});

it('writes where it is told, over what a sandbox left, and removes that only', async () => {
  const first = await started(['--kubeconfig', 'kube']);
  const left = first.host.contents.get('/project/kube') ?? '';
  const { host, exit } = await started(['--kubeconfig', 'kube'], { kube: left, other: 'x' });
  expect(host.contents.get('/project/kube')).not.toBe(left);
  host.end();
  expect(await exit).toBe(0);
  expect([...host.contents.keys()]).toEqual(['/project/other']);
});

it('keeps a kubeconfig that somebody wrote meanwhile', async () => {
  const { host, exit } = await started(['--kubeconfig', 'kube']);
  await host.files.write('kube', 'mine');
  host.end();
  await exit;
  expect(host.contents.get('/project/kube')).toBe('mine');
});

it('never overwrites a file that no sandbox wrote', async () => {
  const { host, exit } = run(['--kubeconfig', 'kube'], { kube: 'apiVersion: v1\nkind: Config\n' });
  expect(await exit).toBe(2);
  expect(host.stderr()).toContain('"/project/kube" exists and was not written by a sandbox; it is left as it is.\n');
  expect(host.contents.get('/project/kube')).toBe('apiVersion: v1\nkind: Config\n');
  expect(host.stdout()).toBe('');
});

it('leaves nothing when it is interrupted while it starts', async () => {
  const { host, exit } = run([]);
  host.end();
  expect(await exit).toBe(0);
  expect([host.stdout(), [...host.contents.keys()]]).toEqual(['', []]);
});

it('says that a port is taken', async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const { host, exit } = run(['--port', String(port)]);
  expect(await exit).toBe(2);
  expect(host.stderr()).toContain(
    `The sandbox cannot listen on port ${port} of 127.0.0.1: another program listens there.\nLeave out --port to take a free one.\n`,
  );
});
