/** An Envoy with the whole configuration and a server behind it, and the command that reads what it says. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { main } from '../../../src/cli.ts';
import { memoryHost } from '../../../src/host/memory.ts';
import { wholeSetup } from '../configuration/bootstrap.ts';
import type { Upstream } from '../configuration/clusters.ts';
import { type Keys, keyLines, makeKeys, WORDS } from '../configuration/secrets.ts';
import { type Envoy, findEnvoy, type Setup, startEnvoy } from '../envoy.ts';

/** Empty where there is none, and then every test is skipped. */
export const program = findEnvoy() ?? '';

export interface Running {
  readonly envoy: Envoy;
  readonly keys: Keys;
  readonly upstream: Upstream;
  close(): Promise<void>;
}

export async function runWhole(change: (setup: Setup) => Setup = (setup) => setup): Promise<Running> {
  const server = createServer((request, response) => void response.writeHead(request.url === '/fails' ? 500 : 200).end('ok\n'));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const upstream = { port: (server.address() as AddressInfo).port };
  const keys = makeKeys(Date.now());
  const end = (): void => {
    server.close();
    server.closeAllConnections();
  };
  try {
    const envoy = await startEnvoy(program, change(wholeSetup(keys, upstream)));
    const close = async (): Promise<void> => {
      await envoy.stop();
      end();
    };
    return { envoy, keys, upstream, close };
  } catch (error) {
    end();
    throw error;
  }
}

export interface Said {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
}

/** Runs meshctl with files that are there for it. Nothing that it says may hold a key. */
export async function meshctl(args: readonly string[], files: Readonly<Record<string, string>>, keys: Keys): Promise<Said> {
  const host = memoryHost({ args: [...args], files, env: { KUBECONFIG: '/kube' }, now: Date.now() });
  const exit = await main(host);
  assertNoSecret(host.stdout() + host.stderr(), keys);
  return { exit, out: host.stdout(), err: host.stderr() };
}

export function assertNoSecret(text: string, keys: Keys): void {
  for (const secret of [...keyLines(keys), ...WORDS, 'PRIVATE KEY']) expect(text).not.toContain(secret);
}

/** The rows of a part of a dump that Envoy gave. */
export async function rowsOf<Row>(part: string, dump: string, keys: Keys, ...more: readonly string[]): Promise<readonly Row[]> {
  const { exit, out, err } = await meshctl(['pc', part, '--file', '/dump.json', '-o', 'json', ...more], { '/dump.json': dump }, keys);
  expect([exit, err]).toEqual([0, '']);
  return JSON.parse(out)[part];
}
