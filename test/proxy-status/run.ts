/** `meshctl proxy-status` against a sandbox, the whole command on a memory host. */
import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, onTestFinished } from 'vitest';
import { main } from '../../src/cli.ts';
import { memoryHost } from '../../src/host/memory.ts';
import type { SandboxOptions } from '../../src/sandbox/options.ts';
import { scenarios } from '../../src/sandbox/scenarios/index.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';

const schema = JSON.parse(readFileSync(new URL('../../schemas/output/proxy-status-report.json', import.meta.url), 'utf8'));
const isValid = new Ajv2020({ allErrors: true }).compile(schema);

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Proxy {
  readonly name: string;
  readonly namespace: string;
  readonly mesh: string;
  readonly type: string;
  readonly version?: string;
  readonly controlPlane?: string;
  readonly state: string;
  readonly reason?: string;
  readonly hint?: string;
  readonly warnings: readonly string[];
  readonly types: Readonly<Record<string, { readonly state: string; readonly ageMs?: number; readonly error?: string }>>;
  readonly certificate?: { readonly notAfter: string };
}

export interface Report {
  readonly summary: Readonly<Record<string, number>>;
  readonly controlPlanes: readonly {
    readonly name: string;
    readonly reachable: boolean;
    readonly error?: string;
    readonly version?: string;
  }[];
  readonly proxies: readonly Proxy[];
  readonly notices: readonly string[];
}

/** Ends with the test. */
export async function opened(options: SandboxOptions): Promise<Sandbox> {
  const sandbox = await startSandbox(options);
  onTestFinished(() => sandbox.close());
  return sandbox;
}

export function scenario(name: string): Promise<Sandbox> {
  const found = scenarios.find((each) => each.name === name);
  if (!found) throw new RangeError(name);
  return opened(found.options());
}

export async function ps(sandbox: Sandbox, ...args: readonly string[]): Promise<Ran> {
  const host = memoryHost({
    args: ['proxy-status', ...args],
    files: { '/kube': sandbox.kubeconfig() },
    env: { KUBECONFIG: '/kube' },
    now: Date.now(),
  });
  const exit = await main(host);
  return { exit, stdout: host.stdout(), stderr: host.stderr() };
}

/** Fails when the document does not follow its schema. */
export async function report(sandbox: Sandbox, ...args: readonly string[]): Promise<Report & { readonly exit: number }> {
  const { exit, stdout, stderr } = await ps(sandbox, '-o', 'json', ...args);
  expect(stderr).toBe('');
  const document = JSON.parse(stdout);
  isValid(document);
  expect(isValid.errors).toBeNull();
  return { ...document, exit };
}

/** `state name-of-workload` of what is not well. */
export const unwell = ({ proxies }: Report): readonly string[] =>
  proxies
    .filter(({ state, warnings }) => state !== 'synced' || warnings.length > 0)
    .map(({ name, state }) => `${state} ${name.replace(/-[a-z0-9]+-[a-z0-9]{5}$/, '')}`);
