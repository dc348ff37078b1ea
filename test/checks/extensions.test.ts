/** Linkerd's protocol for extensions, spoken both ways. */
import { afterEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli.ts';
import { type MemoryOptions, memoryHost } from '../../src/host/memory.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

const running: Sandbox[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((sandbox) => sandbox.close()));
});

const namespace = (name: string, labels: object): object => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

async function run(
  args: readonly string[],
  options: MemoryOptions,
  objects: readonly object[] = [],
): Promise<{ exit: number; stdout: string; stderr: string }> {
  const sandbox = await startSandbox({ objects });
  running.push(sandbox);
  const host = memoryHost({ ...options, args, files: { '/kube': sandbox.kubeconfig() }, env: { KUBECONFIG: '/kube' } });
  return { exit: await main(host), stdout: host.stdout(), stderr: host.stderr() };
}

const ENDED = { code: 0, stderr: '' };
const said = (stdout: unknown): { code: number; stdout: string; stderr: string } => ({ ...ENDED, stdout: JSON.stringify(stdout) });

const FOO = {
  success: false,
  categories: [
    {
      categoryName: 'linkerd-foo',
      checks: [
        { description: 'foo namespace exists', result: 'success' },
        {
          description: 'foo pods are running',
          hint: 'https://example.com/foo',
          error: 'these pods are not running:\n\t* foo-1\n\t* foo-2',
          result: 'error',
        },
        { description: 'foo is up-to-date', error: 'is running version 1', result: 'warning' },
      ],
    },
  ],
};

interface Entry {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
}

describe('extensions that meshctl asks', () => {
  const inLinkerd = async (
    programs: MemoryOptions['programs'],
    ...args: string[]
  ): Promise<{ exit: number; entries: readonly Entry[] }> => {
    const objects = [
      namespace('linkerd', { 'linkerd.io/is-control-plane': 'true' }),
      namespace('foo', { 'linkerd.io/extension': 'foo' }),
      namespace('linkerd-viz', { 'linkerd.io/extension': 'viz' }),
    ];
    const { exit, stdout } = await run(['check', '-o', 'json', ...args], { ...(programs && { programs }) }, objects);
    return { exit, entries: JSON.parse(stdout).checks.map(({ id, status, reason }: Entry) => ({ id, status, reason })) };
  };

  it('are those that the cluster holds, and their results stand among ours', async () => {
    const asked: (readonly string[])[] = [];
    const program = (args: readonly string[]): ReturnType<typeof said> => {
      asked.push(args);
      return said(FOO);
    };
    const { exit, entries } = await inLinkerd({ 'linkerd-foo': program }, '--only', 'linkerd-foo', '--wait', '90s');
    expect(exit).toBe(1);
    expect(entries).toEqual([
      { id: 'linkerd-foo/foo-namespace-exists', status: 'ok', reason: undefined },
      { id: 'linkerd-foo/foo-pods-are-running', status: 'failed', reason: 'these pods are not running: foo-1; foo-2' },
      { id: 'linkerd-foo/foo-is-up-to-date', status: 'warning', reason: 'is running version 1' },
    ]);
    expect(asked).toEqual([['check', '--wait=90s', '--output=json']]);
  });

  it('are missed when their program is not there', async () => {
    const { exit, entries } = await inLinkerd({}, '--only', 'linkerd-foo');
    expect(exit).toBe(0);
    expect(entries).toMatchObject([{ id: 'linkerd-foo/the-command-of-the-extension-exists', status: 'warning' }]);
  });

  it('are those on the PATH that want to be asked always, and none that do not know the question', async () => {
    const metadata = (name: string, checks: string) => (args: readonly string[]) =>
      said(
        args[0] === '_extension-metadata'
          ? { name, checks }
          : { categories: [{ categoryName: name, checks: [{ description: 'is fine', result: 'success' }] }] },
      );
    const programs = {
      'linkerd-always': metadata('linkerd-always', 'always'),
      'linkerd-other': metadata('linkerd-somebody', 'always'),
      'linkerd-meshctl': metadata('linkerd-meshctl', 'always'),
      'linkerd-old': () => ({ code: 1, stdout: '', stderr: 'unknown command' }),
    };
    const { entries } = await inLinkerd(programs, '--only', 'linkerd-always,linkerd-other,linkerd-meshctl,linkerd-old');
    expect(entries.map(({ id }) => id)).toEqual(['linkerd-always/is-fine']);
  });

  it('fail when they give no checks, with what they said', async () => {
    const { exit, entries } = await inLinkerd(
      { 'linkerd-foo': () => ({ code: 2, stdout: 'oops', stderr: 'no kubeconfig\nstack' }) },
      '--only',
      'linkerd-foo',
    );
    expect(exit).toBe(1);
    expect(entries[0]).toMatchObject({ status: 'failed', reason: '"linkerd-foo check" gave no checks, but said: no kubeconfig.' });
  });

  it('are left out when they are not wanted', async () => {
    const never = (): never => {
      throw new Error('must not run');
    };
    const { entries } = await inLinkerd({ 'linkerd-foo': never }, '--skip', 'linkerd-foo');
    expect(entries.filter(({ id }) => id.startsWith('linkerd-foo'))).toEqual([]);
  });
});

describe('meshctl as an extension', () => {
  const program = 'linkerd-meshctl';

  it('says that it wants to be asked always', async () => {
    expect(JSON.parse((await run(['_extension-metadata'], { program })).stdout)).toEqual({ name: 'linkerd-meshctl', checks: 'always' });
  });

  it('answers with the flags of linkerd check, in its form', async () => {
    const args = [
      'check',
      '--linkerd-namespace=linkerd',
      '--verbose=true',
      '--proxy=true',
      '--wait=1s',
      '--api-addr=localhost:1',
      '--output=json',
    ];
    const { exit, stdout } = await run(args, { program });
    expect(exit).toBe(0);
    const document = JSON.parse(stdout);
    expect(document.success).toBe(true);
    expect(document.categories[0].categoryName).toBe('meshctl-kubernetes');
    expect(document.categories[0].checks[0]).toEqual({
      description: 'The API server answers. (kubernetes/api-reachable)',
      result: 'success',
    });
    expect(Object.keys(document)).toEqual(['success', 'categories']);
  });

  it('tells what is wrong, with the objects', async () => {
    const { exit, stdout } = await run(['check', '--output=json'], { program }, [
      namespace('istio-system', {}),
      namespace('shop', { 'istio-injection': 'enabled' }),
    ]);
    expect(exit).toBe(1);
    const checks = JSON.parse(stdout).categories.flatMap(({ checks }: { checks: readonly object[] }) => checks);
    expect(checks).toContainEqual(expect.objectContaining({ result: 'error', error: expect.stringContaining('labelled "app=istiod"') }));
  });

  it('has nothing to install', async () => {
    expect(await run(['install'], { program })).toEqual({ exit: 0, stdout: '', stderr: '' });
  });
});
