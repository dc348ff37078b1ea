/** What a tap leaves in the cluster when its process ends by force, and who takes it away. The program is the real one. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Kind } from '../../src/model/resource.ts';
import { bookinfo } from '../../src/sandbox/scenarios/bookinfo.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

vi.setConfig({ testTimeout: 60_000 });

const FILTER: Kind = 'networking.istio.io/EnvoyFilter';
const HOUR_MS = 3_600_000;
const bin = fileURLToPath(new URL('../../bin/meshctl.js', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'meshctl-killed-'));
const kubeconfig = join(work, 'config');

/** Between the program and the API server, so that the connection can be lost. */
interface Link {
  readonly port: number;
  /** Connections that were made. */
  opened(): number;
  cut(): void;
  mend(): void;
  close(): Promise<void>;
}

async function linkTo(port: number): Promise<Link> {
  const sockets = new Set<Socket>();
  let isCut = false;
  let opened = 0;
  const server: Server = createServer((client) => {
    if (isCut) return client.destroy();
    opened++;
    const upstream = connect(port, '127.0.0.1');
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => undefined).on('close', () => other.destroy());
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  return {
    port: (server.address() as AddressInfo).port,
    opened: () => opened,
    cut: () => {
      isCut = true;
      drop();
    },
    mend: () => {
      isCut = false;
    },
    close: async () => {
      drop();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}

let sandbox: Sandbox;
let link: Link;

beforeAll(async () => {
  sandbox = await startSandbox(bookinfo.options());
  const text = sandbox.kubeconfig();
  const [, port = ''] = /server: "?https:\/\/127\.0\.0\.1:(\d+)/.exec(text) ?? [];
  link = await linkTo(Number(port));
  writeFileSync(kubeconfig, text.replaceAll(`127.0.0.1:${port}`, `127.0.0.1:${link.port}`));
});

afterEach(() => {
  link.mend();
  for (const { metadata } of sandbox.store.list(FILTER)) sandbox.store.remove(FILTER, 'bookinfo', metadata.name);
});

afterAll(async () => {
  await link?.close();
  await sandbox?.close();
  rmSync(work, { recursive: true, force: true });
});

const filters = (): number => sandbox.store.list(FILTER).length;

interface Process {
  readonly child: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  out(): string;
  err(): string;
}

function started(args: readonly string[] = ['--enable']): Process {
  const child = spawn(process.execPath, [bin, 'tap', 'deploy/productpage-v1', '-n', 'bookinfo', '--kubeconfig', kubeconfig, ...args]);
  onTestFinished(() => void child.kill('SIGKILL'));
  let [out, err] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<number | null>((resolve) => void child.once('close', resolve));
  return { child, ended, out: () => out, err: () => err };
}

type Step = (process: Process) => boolean;

/** From the first moment on in which there is something to be left. */
const STEPS: readonly (readonly [string, Step])[] = [
  ['when the filter is there, before its answer', () => filters() > 0],
  ['when it waits for the proxies', ({ err }) => /is added/.test(err())],
  ['when the stream is opened', ({ err }) => /^Tapping/m.test(err())],
  ['when it prints', ({ out }) => /GET \//.test(out())],
];

async function reached(process: Process, step: Step): Promise<void> {
  for (let tries = 0; tries < 6000 && !step(process); tries++) {
    if (process.child.exitCode !== null) throw new Error(`It ended before: ${process.err()}`);
    await sleep(5);
  }
}

/** In this process, at a time of one's choice. */
async function meshctl(args: readonly string[], now = Date.now()): Promise<{ readonly exit: number; readonly err: string }> {
  const began = Date.now();
  const host = memoryHost({ args: ['tap', ...args], files: { '/kube': sandbox.kubeconfig() }, env: { KUBECONFIG: '/kube' }, now });
  const clock = {
    now: () => now + (Date.now() - began),
    sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal ? { signal } : {}),
  };
  const exit = await main({ ...host, clock });
  return { exit, err: host.stderr() };
}

describe('a tap that is killed', () => {
  it.each(STEPS)('%s leaves a filter that is told as such, and the next run takes it over and away', async (_when, step) => {
    const process = started();
    await reached(process, step);
    process.child.kill('SIGKILL');
    await process.ended;
    expect(sandbox.store.list(FILTER)).toMatchObject([{ metadata: { labels: { 'meshctl.dev/tap': expect.stringMatching(/^\d{10}$/) } } }]);
    const next = await meshctl(['deploy/productpage-v1', '-n', 'bookinfo', '--enable', '--limit', '1']);
    expect([next.exit, filters()]).toEqual([0, 0]);
    expect(next.err).toMatch(/is removed\.\n$/);
  });

  it('leaves what --cleanup takes away at once, and any later run in the namespace when its time is over', async () => {
    for (const takesAway of [
      () => meshctl(['--cleanup', '--yes']),
      () => meshctl(['deploy/details-v1', '-n', 'bookinfo', '--limit', '1'], Date.now() + HOUR_MS + 60_000),
    ]) {
      const process = started();
      await reached(process, ({ err }) => /^Tapping/m.test(err()));
      process.child.kill('SIGKILL');
      await process.ended;
      const early = await meshctl(['deploy/details-v1', '-n', 'bookinfo', '--limit', '1']);
      expect([early.exit, filters()]).toEqual([0, 1]);
      const { exit } = await takesAway();
      expect([exit, filters()]).toEqual([0, 0]);
    }
  });

  it.each([0, 5, 20])('%d ms after it was told to end leaves what the next run takes away', async (ms) => {
    const process = started();
    await reached(process, ({ out }) => /GET \//.test(out()));
    process.child.kill('SIGINT');
    await sleep(ms);
    process.child.kill('SIGKILL');
    await process.ended;
    expect(filters()).toBeLessThanOrEqual(1);
    const next = await meshctl(['deploy/productpage-v1', '-n', 'bookinfo', '--enable', '--limit', '1']);
    expect([next.exit, filters()]).toEqual([0, 0]);
  });

  it('before it has added anything leaves nothing', async () => {
    const before = link.opened();
    const process = started();
    await reached(process, () => link.opened() > before);
    process.child.kill('SIGKILL');
    await process.ended;
    expect(filters()).toBe(0);
  });
});

describe('a tap that is told to end', () => {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  it.each(signals.flatMap((signal) => STEPS.map(([when, step]) => [signal, when, step] as const)))(
    'by %s %s takes the filter away',
    async (signal, _when, step) => {
      const process = started();
      await reached(process, step);
      process.child.kill(signal);
      expect([await process.ended, filters()]).toEqual([0, 0]);
      expect(process.err()).toMatch(/is removed\.\n/);
    },
  );

  it('by a reader that goes away takes the filter away', async () => {
    const process = started();
    await reached(process, ({ out }) => /GET \//.test(out()));
    process.child.stdout.destroy();
    await process.ended;
    expect(filters()).toBe(0);
  });
});

describe('a tap that loses its connection', () => {
  it('goes on when it comes back, and takes the filter away in the end', async () => {
    const process = started();
    await reached(process, ({ out }) => /GET \//.test(out()));
    link.cut();
    await sleep(500);
    const before = process.out().length;
    link.mend();
    await reached(process, ({ out }) => out().length > before);
    process.child.kill('SIGINT');
    expect([await process.ended, filters()]).toEqual([0, 0]);
  });

  it('for good says what is left, and the next run takes it away', async () => {
    const process = started();
    await reached(process, ({ out }) => /GET \//.test(out()));
    link.cut();
    await sleep(200);
    process.child.kill('SIGINT');
    expect([await process.ended, filters()]).toEqual([0, 1]);
    expect(process.err()).toMatch(
      /EnvoyFilter bookinfo\/meshctl-tap-\w+ could not be removed: .+\nRun "meshctl tap --cleanup" to remove it\./,
    );
    const next = await meshctl(['deploy/productpage-v1', '-n', 'bookinfo', '--enable', '--limit', '1']);
    expect([next.exit, filters()]).toEqual([0, 0]);
  });
});
