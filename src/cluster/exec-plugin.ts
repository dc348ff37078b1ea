/**
 * Programs that log a user in, such as `aws eks get-token` and `kubelogin`.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { booleanAt, itemsAt, listAt, objectAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { excerpt, redact } from './errors.ts';

interface PluginAnswer {
  readonly token?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** Milliseconds since the epoch; undefined: until the server refuses it. */
  readonly expiresAt?: number | undefined;
}

export interface ExecPlugin {
  /** It may ask questions on the terminal, which takes as long as it takes. */
  readonly interactive: boolean;
  run(): Promise<PluginAnswer>;
  /** Ends what still runs; it would keep meshctl from ending. */
  close(): void;
}

export interface PluginUser {
  readonly name: string;
  /** `exec` of the user. */
  readonly exec: Body;
  /** The `cluster` entry. */
  readonly cluster: Body;
  /** PEM text of its authority. */
  readonly ca: () => Promise<string | undefined>;
  /** `context "x", server y`, for messages. */
  readonly where: string;
  readonly secrets: readonly string[];
}

const FALLBACK_VERSION = 'client.authentication.k8s.io/v1';

export function execPlugin(user: PluginUser, host: Host): ExecPlugin {
  const { exec, where, secrets } = user;
  const command = stringAt(exec, 'command') ?? '';
  const mode = stringAt(exec, 'interactiveMode');
  const interactive = mode !== 'Never' && host.stdin.isTTY && host.err.isTTY;
  const running = new Set<ChildProcess>();
  const fail = (reason: string, hint = 'Run the command by hand; often it wants a new login.'): MeshctlError =>
    new MeshctlError('E_CLUSTER_UNAUTHORIZED', `The credential plugin "${command}" of user "${user.name}" ${reason} (${where}).`, {
      hint,
      exit: EXIT.unreachable,
    });

  const run = async (): Promise<PluginAnswer> => {
    if (mode === 'Always' && !interactive) {
      throw fail(
        'asks questions, and there is no terminal to answer on',
        'Run meshctl in a terminal, or choose another context with --context.',
      );
    }
    const given = itemsAt(exec, 'env').map(({ item }) => [stringAt(item, 'name') ?? '', stringAt(item, 'value') ?? ''] as const);
    const env = { ...host.env, ...Object.fromEntries(given), KUBERNETES_EXEC_INFO: JSON.stringify(await execInfo(user, interactive)) };
    return new Promise((resolve, reject) => {
      // Without a terminal its input is empty, so that a plugin that asks a question fails instead of waiting.
      const started = spawn(command, listAt(exec, 'args').map(String), {
        env,
        stdio: [interactive ? 'inherit' : 'ignore', 'pipe', 'pipe'],
      });
      running.add(started);
      let printed = '';
      let said = '';
      started.stdout?.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
      started.stderr?.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (interactive) host.err.write(redact(text, secrets));
      });
      started.once('error', (error: NodeJS.ErrnoException) => {
        running.delete(started);
        const absent = error.code === 'ENOENT' || error.code === 'EACCES';
        const installHint = stringAt(exec, 'installHint');
        const hint = installHint ? excerpt(installHint, secrets) : 'Install it, or choose another context with --context.';
        reject(absent ? fail('is not installed or not in PATH', hint) : fail(`cannot be started (${error.code ?? 'unknown reason'})`));
      });
      started.once('close', (code, signal) => {
        running.delete(started);
        const words = excerpt(said, secrets).replace(/\.$/, '');
        if (code !== 0)
          return reject(fail(`failed with ${code === null ? `signal ${signal}` : `exit code ${code}`}${words && `: ${words}`}`));
        const answer = answerIn(printed, stringAt(exec, 'apiVersion'));
        // What it printed is a credential; its reasons may be told, it may not.
        if (typeof answer === 'string') reject(fail(answer));
        else resolve(answer);
      });
    });
  };

  return {
    interactive,
    run,
    close() {
      for (const started of running) {
        started.kill();
        started.stdout?.destroy();
        started.stderr?.destroy();
        started.unref();
      }
      running.clear();
    },
  };
}

async function execInfo({ exec, cluster, ca }: PluginUser, interactive: boolean): Promise<object> {
  const authority = await ca();
  return {
    apiVersion: stringAt(exec, 'apiVersion') ?? FALLBACK_VERSION,
    kind: 'ExecCredential',
    spec: {
      interactive,
      ...(booleanAt(exec, 'provideClusterInfo') === true && {
        cluster: {
          server: cluster['server'],
          'tls-server-name': cluster['tls-server-name'],
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
          'certificate-authority-data': authority && Buffer.from(authority).toString('base64'),
          'proxy-url': cluster['proxy-url'],
          config: execConfig(cluster),
        },
      }),
    },
  };
}

/** What a cluster says to plugins only. */
function execConfig(cluster: Body): unknown {
  const extension = itemsAt(cluster, 'extensions').find(({ item }) => item['name'] === 'client.authentication.k8s.io/exec');
  return extension?.item['extension'];
}

/** @returns a clause when it is no credential */
function answerIn(printed: string, wanted: string | undefined): PluginAnswer | string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(printed);
  } catch {
    return 'did not print an ExecCredential';
  }
  const status = objectAt(parsed, 'status');
  const version = stringAt(parsed, 'apiVersion');
  if (version !== undefined && wanted !== undefined && version !== wanted) {
    return `speaks another version ("${excerpt(version, [])}") than the kubeconfig asks for ("${wanted}")`;
  }
  const token = stringAt(status, 'token') || undefined;
  const cert = stringAt(status, 'clientCertificateData') || undefined;
  const key = stringAt(status, 'clientKeyData') || undefined;
  if ((cert === undefined) !== (key === undefined)) return `gave a ${cert ? 'certificate without a key' : 'key without a certificate'}`;
  if (!token && !cert)
    return Object.keys(status).length === 0 ? 'did not print an ExecCredential' : 'gave neither a token nor a certificate';
  const expiresAt = Date.parse(stringAt(status, 'expirationTimestamp') ?? '');
  return { token, cert, key, expiresAt: Number.isNaN(expiresAt) ? undefined : expiresAt };
}
