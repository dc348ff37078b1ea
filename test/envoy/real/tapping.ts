/** Runs `meshctl tap` while requests pass a real Envoy. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { main } from '../../../src/cli.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import type { Sandbox } from '../../../src/sandbox/server.ts';

interface TapEventDocument {
  readonly direction: string;
  readonly request: { readonly method: string; readonly path: string; readonly headers: Readonly<Record<string, string>> };
  readonly response?: { readonly status?: number; readonly durationMs?: number; readonly grpcStatus?: number };
}

export interface Tapped {
  readonly events: readonly TapEventDocument[];
  readonly out: string;
  readonly err: string;
}

export const pod = (name: string, container: string, image = 'proxy:1.8.2'): object => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'shop', labels: { app: name } },
  spec: { containers: [{ name: container, image }] },
});

/** Until what is looked for is there. */
export async function until(isThere: () => boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 500; tries++) {
    if (isThere()) return;
    await sleep(20);
  }
  throw new Error(`${what} does not come.`);
}

/** What tap shows of what is sent while it runs; it ends by itself after the limit, or when it is told to. */
export async function tapped(sandbox: Sandbox, args: readonly string[], send: () => Promise<unknown>): Promise<Tapped> {
  const ending = new AbortController();
  const memory = memoryHost({
    args: ['tap', '-n', 'shop', '--max-rps', '1000000', '-o', 'json', ...args],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  const clock = { now: () => Date.now(), sleep: (ms: number, signal?: AbortSignal) => sleep(ms, undefined, signal ? { signal } : {}) };
  const ended = main({ ...memory, clock, ending: () => ending.signal });
  await Promise.race([until(() => /Tapping|Reading/.test(memory.stderr()), 'The tap'), ended]);
  // The stream is asked for after that is said.
  await sleep(500);
  await send();
  const endsItself = args.includes('--limit') || args.includes('--duration');
  const timer = setTimeout(() => ending.abort(new Error('asked to end')), endsItself ? 20_000 : 1500);
  expect([await ended, memory.stderr()]).toEqual([0, expect.any(String)]);
  clearTimeout(timer);
  const lines = memory.stdout().trim().split('\n');
  return { events: lines.filter((line) => line !== '').map((line) => JSON.parse(line)), out: memory.stdout(), err: memory.stderr() };
}
