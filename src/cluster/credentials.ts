/**
 * Who meshctl is to the API server: client-node runs exec plugins, refreshes OIDC tokens and makes
 * agents for proxies. Nothing else of that library is used.
 */
import type { RequestOptions } from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { booleanAt, itemsAt, listAt, objectAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { excerpt } from './errors.ts';
import type { KubeContext } from './kubeconfig.ts';
import { proxyFor } from './proxy.ts';
import { unlessAborted } from './unless-aborted.ts';

type Headers = Readonly<Record<string, string | string[]>>;

export interface Tls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly servername?: string | undefined;
  readonly rejectUnauthorized?: boolean | undefined;
}

export interface Credentials {
  readonly headers: Headers;
  readonly tls: Tls;
  /** For WebSockets, which do not go through undici. */
  readonly agent: RequestOptions['agent'];
}

export interface CredentialSource {
  /** Address of the proxy to the server, with the credentials that it may hold. */
  readonly proxy: string | undefined;
  /** Grows with each token that is read, so that messages can be searched for all of them. */
  readonly secrets: readonly string[];
  current(signal?: AbortSignal): Promise<Credentials>;
  /** The server did not accept these: the next `current` gives others. False when there are none to be had. */
  renew(refused: Credentials): boolean;
  /** Ends plugins that still run; they would keep meshctl from ending. */
  close(): void;
}

export interface Impersonation {
  readonly user?: string | undefined;
  readonly groups: readonly string[];
}

/** Tokens in files and of OIDC are asked for again after this time; both are cheap while valid. */
const FRESH_MS = 60_000;

export function credentialSource(context: KubeContext, impersonation: Impersonation, host: Host): CredentialSource {
  const { cluster, user } = context;
  const server = stringAt(cluster, 'server') ?? '';
  const proxy = stringAt(cluster, 'proxy-url') || proxyFor(server, host.env);
  if (proxy !== undefined && (!/^(https?|socks5?):\/\/./.test(proxy) || !URL.canParse(proxy))) {
    throw new MeshctlError(
      'E_KUBECONFIG',
      `The proxy of context "${context.name}" has no address that begins with http://, https:// or socks5://.`,
      {
        hint: 'Correct proxy-url in the kubeconfig, or HTTPS_PROXY.',
        exit: EXIT.unreachable,
      },
    );
  }
  refuseGroupsAlone(context, impersonation);
  const secrets = secretsOf(user, proxy);
  const plugin = stringAt(user, 'exec', 'command');
  const running = new Set<Plugin>();
  let config: KubeConfig | undefined;
  let known: { readonly credentials: Promise<Credentials>; readonly at: number; value?: Credentials } | undefined;

  const load = async (): Promise<Credentials> => {
    config ??= watchedPlugins(await toKubeConfig(context, proxy, host), running);
    const options: RequestOptions & { auth?: string | null } = {};
    await config.applyToHTTPSOptions(options);
    const headers: Record<string, string | string[]> = {};
    for (const [name, value] of Object.entries(options.headers ?? {})) if (value !== undefined) headers[name] = value as string | string[];
    const tokenFile = stringAt(user, 'tokenFile');
    if (tokenFile) {
      const fresh = await readFile(tokenFile, host).catch((error) => stringAt(user, 'token') || Promise.reject(error));
      headers['Authorization'] = `Bearer ${fresh.trim()}`;
    }
    if (options.auth && !headers['Authorization']) headers['Authorization'] = `Basic ${Buffer.from(options.auth).toString('base64')}`;
    const token = /^\w+ (.+)$/.exec(String(headers['Authorization'] ?? ''))?.[1];
    if (token && !secrets.includes(token)) secrets.push(token);
    const text = (value: unknown): string | undefined => (value ? String(value) : undefined);
    return {
      headers: { ...headers, ...impersonationHeaders(user, impersonation) },
      tls: {
        ca: text(options.ca),
        cert: text(options.cert),
        key: text(options.key),
        servername: options.servername || undefined,
        ...(options.rejectUnauthorized === false ? { rejectUnauthorized: false } : {}),
      },
      agent: options.agent,
    };
  };

  const fail = (error: unknown): MeshctlError => {
    if (error instanceof MeshctlError) return error;
    const more = { exit: EXIT.unreachable } as const;
    const where = `context "${context.name}", server ${withoutUserInfo(server)}`;
    const { code } = error as { readonly code?: string };
    if (plugin !== undefined) {
      const name = `The credential plugin "${plugin}" of user "${context.userName}"`;
      if (code === 'ENOENT' || code === 'EACCES') {
        const installHint = stringAt(user, 'exec', 'installHint');
        const hint = installHint ? excerpt(installHint, secrets) : 'Install it, or choose another context with --context.';
        return new MeshctlError('E_CLUSTER_UNAUTHORIZED', `${name} is not installed or not in PATH (${where}).`, { ...more, hint });
      }
      // What a plugin prints on stdout is a credential, and a parser quotes it; its stderr is meant for people.
      const silent = error instanceof SyntaxError || error instanceof TypeError;
      const said = silent || !(error instanceof Error) ? '' : excerpt(error.message, secrets);
      const reason = silent ? 'did not print an ExecCredential' : said === '' ? 'failed' : `failed: ${said.replace(/\.$/, '')}`;
      const hint = 'Run the command by hand; often it wants a new login.';
      return new MeshctlError('E_CLUSTER_UNAUTHORIZED', `${name} ${reason} (${where}).`, { ...more, hint });
    }
    const said = error instanceof Error && !(error instanceof SyntaxError) ? `: ${excerpt(error.message, secrets).replace(/\.$/, '')}` : '';
    return new MeshctlError('E_CLUSTER_UNAUTHORIZED', `The credentials of user "${context.userName}" cannot be used${said} (${where}).`, {
      ...more,
      hint: 'Log in again, or choose another context with --context.',
    });
  };

  const renewable = plugin !== undefined || stringAt(user, 'tokenFile') !== undefined || user['auth-provider'] !== undefined;
  return {
    proxy,
    secrets,
    current(signal) {
      // A plugin without an expiry would be run again and again; the server tells when its token is too old.
      const stale = known !== undefined && renewable && plugin === undefined && host.clock.now() - known.at > FRESH_MS;
      if (!known || stale) {
        const credentials = load().catch((error) => Promise.reject(fail(error)));
        const asked: typeof known = { credentials, at: host.clock.now() };
        known = asked;
        credentials.then(
          (value) => {
            asked.value = value;
          },
          () => {
            if (known === asked) known = undefined;
          },
        );
      }
      return unlessAborted(known.credentials, signal);
    },
    renew(refused) {
      // Of many requests that are refused at once, the first renews for all.
      if (renewable && known?.value === refused) {
        known = undefined;
        config = undefined;
      }
      return renewable;
    },
    close() {
      for (const plugin of running) plugin.kill();
      running.clear();
    },
  };
}

/** Some put credentials into the address itself. */
export function withoutUserInfo(server: string): string {
  return server.replace(/^(https?:\/\/)[^/?#]*@/, '$1');
}

function secretsOf(user: Body, proxy: string | undefined): string[] {
  const provider = objectAt(user, 'auth-provider', 'config');
  return [
    ...['token', 'password', 'client-key-data'].flatMap((key) => stringAt(user, key) || []),
    ...['id-token', 'refresh-token', 'access-token', 'client-secret'].flatMap((key) => stringAt(provider, key) || []),
    ...itemsAt(user, 'exec', 'env').flatMap(({ item }) => stringAt(item, 'value') || []),
    ...(proxy ? [new URL(proxy).password] : []),
  ].filter((secret) => secret.length >= 4);
}

/** To leave them out would be to act with the rights that they were meant to give up. */
function refuseGroupsAlone({ user, userName }: KubeContext, flags: Impersonation): void {
  if (flags.user ?? stringAt(user, 'as')) return;
  if (flags.groups.length > 0) throw new MeshctlError('E_USAGE', '--as-group needs --as.', { hint: 'Name the user to act as, too.' });
  if (!['as-groups', 'as-uid', 'as-user-extra'].some((key) => user[key] !== undefined)) return;
  throw new MeshctlError('E_KUBECONFIG', `User "${userName}" of the kubeconfig acts as groups, but as no user.`, {
    hint: 'Add "as" to the user, or name one with --as.',
    exit: EXIT.unreachable,
  });
}

/** As with kubectl, each flag replaces what the kubeconfig says of the same thing. */
function impersonationHeaders(user: Body, flags: Impersonation): Headers {
  const name = flags.user ?? stringAt(user, 'as');
  const groups = flags.groups.length > 0 ? [...flags.groups] : listAt(user, 'as-groups').map(String);
  const uid = stringAt(user, 'as-uid');
  const extra = objectAt(user, 'as-user-extra');
  if (!name) return {};
  return {
    'Impersonate-User': name,
    ...(groups.length > 0 && { 'Impersonate-Group': groups }),
    ...(uid && { 'Impersonate-Uid': uid }),
    ...Object.fromEntries(
      Object.keys(extra).map((key) => [`Impersonate-Extra-${encodeURIComponent(key)}`, listAt(extra, key).map(String)]),
    ),
  };
}

/** Files are read here, so that client-node sees data only; it prefers files to data, kubectl the reverse. */
async function toKubeConfig({ name, cluster, user }: KubeContext, proxy: string | undefined, host: Host): Promise<KubeConfig> {
  const data = async (from: Body, key: string): Promise<string | undefined> => {
    const given = stringAt(from, `${key}-data`);
    const path = stringAt(from, key);
    if (given || !path) return given || undefined;
    return Buffer.from(await readFile(path, host)).toString('base64');
  };
  const server = stringAt(cluster, 'server') ?? '';
  const exec = objectAt(user, 'exec');
  const caData = await data(cluster, 'certificate-authority');
  const config = new KubeConfig();
  config.loadFromOptions({
    currentContext: name,
    contexts: [{ name, cluster: 'cluster', user: 'user' }],
    clusters: [
      {
        name: 'cluster',
        server,
        caData,
        tlsServerName: stringAt(cluster, 'tls-server-name') || undefined,
        // client-node refuses plain http unless told not to verify what cannot be verified.
        skipTLSVerify: booleanAt(cluster, 'insecure-skip-tls-verify') === true || server.startsWith('http:'),
        proxyUrl: proxy,
      },
    ],
    users: [
      {
        name: 'user',
        certData: await data(user, 'client-certificate'),
        keyData: await data(user, 'client-key'),
        token: stringAt(user, 'token') || undefined,
        username: stringAt(user, 'username') || undefined,
        password: stringAt(user, 'password') ?? '',
        authProvider: user['auth-provider'],
        ...(user['exec'] === undefined ? {} : { exec: withExecInfo(exec, cluster, caData) }),
      },
    ],
  });
  return config;
}

interface Plugin {
  kill(): boolean;
  once(event: 'close', listener: () => void): unknown;
  readonly stdin: { end(): void } | null;
}

/**
 * client-node starts plugins where nobody can reach them. They are noted here, to be ended with the
 * cluster, and get an empty standard input, so that one that asks a question fails instead of waiting.
 */
function watchedPlugins(config: KubeConfig, running: Set<Plugin>): KubeConfig {
  const { authenticators = [] } = config as unknown as { readonly authenticators?: { execFn?: (...args: unknown[]) => Plugin }[] };
  for (const authenticator of authenticators) {
    const start = authenticator.execFn;
    if (!start) continue;
    authenticator.execFn = (...args) => {
      const plugin = start(...args);
      running.add(plugin);
      plugin.once('close', () => running.delete(plugin));
      plugin.stdin?.end();
      return plugin;
    };
  }
  return config;
}

/** Plugins such as gke-gcloud-auth-plugin insist on this variable, which client-node does not set. */
function withExecInfo(exec: Body, cluster: Body, caData: string | undefined): Body {
  const info = {
    apiVersion: stringAt(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: {
      interactive: false,
      ...(booleanAt(exec, 'provideClusterInfo') === true && {
        cluster: {
          server: cluster['server'],
          'tls-server-name': cluster['tls-server-name'],
          'insecure-skip-tls-verify': cluster['insecure-skip-tls-verify'],
          'certificate-authority-data': caData,
          'proxy-url': cluster['proxy-url'],
        },
      }),
    },
  };
  return {
    ...exec,
    args: listAt(exec, 'args').map(String),
    env: [...listAt(exec, 'env'), { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  };
}

async function readFile(path: string, host: Host): Promise<string> {
  try {
    return await host.files.read(path);
  } catch {
    throw new MeshctlError('E_KUBECONFIG', `The file "${path}", which the kubeconfig names, cannot be read.`, { exit: EXIT.unreachable });
  }
}
