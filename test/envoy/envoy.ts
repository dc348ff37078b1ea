/** A real Envoy on loopback: found on the machine, started with a configuration, asked, and stopped by its own process. */
import { spawn } from 'node:child_process';
import { accessSync, constants, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** The program that MESHCTL_ENVOY names, or else the first `envoy` on the PATH; undefined where there is none. */
export function findEnvoy(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const named = env['MESHCTL_ENVOY'] ?? '';
  const onPath = (env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, 'envoy'));
  return (named === '' ? onPath : [named]).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface Envoy {
  /** Of its administration, on 127.0.0.1. */
  readonly port: number;
  readonly files: Files;
  ask(path: string, method?: 'GET' | 'POST', body?: string): Promise<Answer>;
  /** The JSON of an answer. */
  json(path: string): Promise<unknown>;
  /** Gives it another version of a file of resources, which it takes up by itself. */
  push(file: string, version: string, resources: readonly object[]): void;
  /** Asks until the answer is as wanted. @throws Error with the last answer after some seconds */
  until(path: string, isWanted: (body: string) => boolean): Promise<string>;
  /** The end of what it wrote to its log. */
  log(): string;
  stop(): Promise<void>;
}

export interface Files {
  /** Absolute path of a file beside the configuration. */
  path(name: string): string;
  /** Where resources are read from, and read again whenever the file changes. */
  source(name: string): object;
}

export interface Setup {
  readonly bootstrap: (files: Files) => object;
  /** Resources by the file that delivers them; the version is `1`. */
  readonly resources?: (files: Files) => Readonly<Record<string, readonly object[]>>;
  /** Other files, such as certificates. */
  readonly texts?: Readonly<Record<string, string>>;
}

const START_MS = 20_000;
const ANSWER_MS = 10_000;
const LIFE_MS = 180_000;

/** The shell ends Envoy when its own standard input ends, as it does even where the test run is killed, and ends with it. */
const WATCHED = 'exec 3<&0; "$@" </dev/null & envoy=$!; { read -r _ <&3; kill "$envoy"; } 2>/dev/null & wait "$envoy"';

/** @throws Error with what Envoy says when it does not start */
export async function startEnvoy(program: string, { bootstrap, resources, texts = {} }: Setup): Promise<Envoy> {
  const folder = mkdtempSync(join(tmpdir(), 'meshctl-envoy-'));
  const path = (name: string): string => join(folder, name);
  // Envoy watches the folder for files that are moved into it.
  const write = (name: string, text: string): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(`${name}.new`), text);
    renameSync(path(`${name}.new`), path(name));
  };
  const source = (name: string): object => ({ path_config_source: { path: path(name) }, resource_api_version: 'V3' });
  const files = { path, source };
  const push = (file: string, version_info: string, each: readonly object[]): void =>
    write(file, JSON.stringify({ version_info, resources: each }));
  for (const [name, text] of Object.entries(texts)) write(name, text);
  for (const [name, each] of Object.entries(resources?.(files) ?? {})) push(name, '1', each);
  write('bootstrap.json', JSON.stringify(bootstrap(files)));

  const args = ['-c', path('bootstrap.json'), '--admin-address-path', path('admin'), '--disable-hot-restart'];
  const child = spawn('sh', ['-c', WATCHED, 'sh', program, ...args, '--concurrency', '1', '--log-level', 'warning'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    log = `${log}${text}`.slice(-20_000);
  });
  child.stdin.on('error', () => undefined);
  const gone = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const limit = setTimeout(() => child.stdin.end(), LIFE_MS);
  const stop = async (): Promise<void> => {
    clearTimeout(limit);
    child.stdin.end();
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };

  let port = 0;
  const ask = async (at: string, method = 'GET', body?: string): Promise<Answer> => {
    const response = await fetch(`http://127.0.0.1:${port}${at}`, {
      ...{ method, signal: AbortSignal.timeout(ANSWER_MS) },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
  };
  const until = async (at: string, isWanted: (body: string) => boolean, ms = ANSWER_MS): Promise<string> => {
    const end = Date.now() + ms;
    for (;;) {
      const { body } = await ask(at);
      if (isWanted(body)) return body;
      if (Date.now() > end) throw new Error(`Envoy does not come to answer ${at} as wanted, but: ${body}\n${log}`);
      await sleep(50);
    }
  };
  try {
    port = await adminPort(path('admin'), () => child.exitCode !== null);
    await until('/ready', (body) => body === 'LIVE\n', START_MS);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${log}`);
  }
  return { port, files, ask, json: async (at) => JSON.parse((await ask(at)).body), push, until, log: () => log, stop };
}

/** Envoy writes its address when it listens. */
async function adminPort(path: string, hasEnded: () => boolean): Promise<number> {
  const end = Date.now() + START_MS;
  while (Date.now() < end && !hasEnded()) {
    try {
      const [, port] = /:(\d+)$/.exec(readFileSync(path, 'utf8')) ?? [];
      if (port !== undefined) return Number(port);
    } catch {
      // Not there yet.
    }
    await sleep(20);
  }
  throw new Error('Envoy did not start.');
}
