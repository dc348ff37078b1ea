/** sandbox: scenario → running server → kubeconfig, until the program is asked to end. */
import { EXIT, MeshctlError } from '../errors.ts';
import { reasonOf } from '../gather/files.ts';
import type { Host } from '../host/host.ts';
import type { RunningSandbox, Sandboxes } from '../model/sandbox.ts';
import { type Options, type Run, textOf } from './define.ts';

/** The first line of what this command writes: a file without it is somebody's own. */
const MARK = '# Written by "meshctl sandbox", which removes it when it ends.\n';

export const run: Run = async (_args, options, { host, sandboxes, quiet }) => {
  const available = await sandboxes();
  const json = textOf(options, 'output') === 'json';
  if (options['list'] === true) return { text: listed(available, json), exit: EXIT.fine };

  const ending = host.ending();
  const scenario = scenarioOf(options, available);
  const port = portOf(options);
  const named = textOf(options, 'kubeconfig');
  const file = named === undefined || /^(\/|[A-Za-z]:[\\/])/.test(named) ? named : `${host.cwd}/${named}`;
  if (file !== undefined) await isOwn(file, host);
  if (!quiet) host.err.write(`Starting scenario "${scenario}".\n`);
  const sandbox = await started(available, scenario, port);
  try {
    await serve(sandbox, {
      file,
      host,
      ending,
      say: (path) => host.out.write(json ? asJson(scenario, sandbox, path) : invitation(path, sandbox)),
    });
  } finally {
    await sandbox.close();
  }
  return { text: '', exit: EXIT.fine };
};

interface Serving {
  readonly file: string | undefined;
  readonly host: Host;
  readonly ending: AbortSignal;
  /** Told the kubeconfig's path when the cluster can be used. */
  readonly say: (path: string) => void;
}

async function serve(sandbox: RunningSandbox, { file, host, ending, say }: Serving): Promise<void> {
  if (ending.aborted) return;
  const folder = file === undefined ? await host.files.temporaryFolder('meshctl-sandbox-') : undefined;
  const path = file ?? `${folder}/kubeconfig`;
  const text = MARK + sandbox.kubeconfig();
  try {
    await writeKubeconfig(path, text, host);
    if (ending.aborted) return;
    say(path);
    await new Promise<void>((resolve) => ending.addEventListener('abort', () => resolve(), { once: true }));
  } finally {
    // Whoever wrote the file anew meanwhile, a second sandbox or the user, keeps it.
    if (folder !== undefined) await host.files.remove(folder);
    else if ((await host.files.read(path).catch(() => undefined)) === text) await host.files.remove(path);
  }
}

function scenarioOf(options: Options, { scenarios }: Sandboxes): string {
  const wanted = textOf(options, 'scenario') ?? '';
  if (scenarios.some(({ name }) => name === wanted)) return wanted;
  throw new MeshctlError('E_USAGE', `There is no scenario "${wanted}".`, {
    hint: `Scenarios: ${scenarios.map(({ name }) => name).join(', ')}.`,
  });
}

function portOf(options: Options): number | undefined {
  const text = textOf(options, 'port');
  if (text === undefined) return undefined;
  if (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535) return Number(text);
  throw new MeshctlError('E_USAGE', `"${text}" is no port.`, { hint: 'Give a number from 1 to 65535.' });
}

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there',
  EACCES: 'permission is missing',
};

async function started(available: Sandboxes, scenario: string, port: number | undefined): Promise<RunningSandbox> {
  try {
    return await available.start(scenario, port);
  } catch (error) {
    const reason = SYSTEM_REASONS[(error as NodeJS.ErrnoException).code ?? ''];
    if (reason === undefined) throw error;
    throw new MeshctlError('E_SANDBOX_PORT', `The sandbox cannot listen on port ${port ?? 0} of 127.0.0.1: ${reason}.`, {
      hint: 'Leave out --port to take a free one.',
      cause: error,
    });
  }
}

/**
 * Whether a sandbox wrote the file; false for one that is not there yet.
 * @throws MeshctlError for a file that is somebody else's
 */
async function isOwn(path: string, host: Host): Promise<boolean> {
  try {
    if ((await host.files.kind(path)) === undefined) return false;
    if ((await host.files.kind(path)) === 'file' && (await host.files.read(path)).startsWith(MARK)) return true;
  } catch (error) {
    throw new MeshctlError('E_SANDBOX_KUBECONFIG', `"${path}" cannot be read: ${reasonOf(error)}.`, { cause: error });
  }
  throw new MeshctlError('E_SANDBOX_KUBECONFIG', `"${path}" exists and was not written by a sandbox; it is left as it is.`, {
    hint: 'Name a new file with --kubeconfig, or leave it out for a temporary one.',
  });
}

async function writeKubeconfig(path: string, text: string, host: Host): Promise<void> {
  const own = await isOwn(path, host);
  try {
    await (own ? host.files.write(path, text) : host.files.create(path, text));
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'its folder does not exist' : reasonOf(error);
    throw new MeshctlError('E_SANDBOX_KUBECONFIG', `The kubeconfig "${path}" cannot be written: ${reason}.`, { cause: error });
  }
}

function listed({ scenarios }: Sandboxes, json: boolean): string {
  if (json) return document('SandboxScenarios', { scenarios });
  const width = Math.max(...scenarios.map(({ name }) => name.length));
  return scenarios.map(({ name, summary }) => `${name.padEnd(width)}  ${summary}\n`).join('');
}

const asJson = (scenario: string, { url, charts }: RunningSandbox, kubeconfig: string): string =>
  document('Sandbox', { scenario, server: url, kubeconfig, charts });

const document = (kind: string, body: object): string =>
  `${JSON.stringify({ apiVersion: 'meshctl.dev/v1', kind, ...body }, undefined, 2)}\n`;

function invitation(path: string, { charts }: RunningSandbox): string {
  return `Kubeconfig: ${path}
Charts: ${charts}

In another terminal:
  export KUBECONFIG=${shellQuoted(path)}
  kubectl get pods -A
  meshctl analyze -A
  meshctl install istio --plan --repo ${charts}

Ctrl-C ends the sandbox.
`;
}

const shellQuoted = (text: string): string => (/^[\w./@%+=:,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
