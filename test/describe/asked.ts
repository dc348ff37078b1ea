/** Whole commands against sandboxes and files, as a user runs them. */

import { expect } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { Scenario } from '../../src/sandbox/scenarios/_scenario.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

export async function ask(args: readonly string[], of: Sandbox, columns?: number): Promise<Said> {
  const host = memoryHost({
    args,
    files: { '/kube': of.kubeconfig() },
    env: { KUBECONFIG: '/kube', NO_COLOR: '1' },
    now: Date.now(),
    ...(columns === undefined ? {} : { columns, isTTY: true }),
  });
  const exit = await main(host);
  for (const secret of ['PRIVATE KEY', of.token]) expect(host.stdout() + host.stderr()).not.toContain(secret);
  return { exit, out: host.stdout(), err: host.stderr() };
}

export async function askFiles(args: readonly string[], yaml: string): Promise<Said> {
  const host = memoryHost({ args: [...args, '-f', 'input.yaml'], files: { 'input.yaml': yaml } });
  const exit = await main(host);
  return { exit, out: host.stdout(), err: host.stderr() };
}

export async function within<T>(scenario: Scenario, work: (of: Sandbox) => Promise<T>): Promise<T> {
  const of = await startSandbox(scenario.options());
  try {
    return await work(of);
  } finally {
    await of.close();
  }
}
