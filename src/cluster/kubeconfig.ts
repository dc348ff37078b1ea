/** Kubeconfig files, merged as kubectl merges them, or the service account of the pod that meshctl runs in. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { has, isBody, listAt, objectAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { nearest } from '../text/nearest.ts';
import { quotedList } from '../text/words.ts';
import { parseYaml } from '../text/yaml.ts';

/** What a context says, with paths made absolute. */
export interface KubeContext {
  readonly name: string;
  readonly namespace: string;
  /** The `cluster` entry; `server` has no slash at its end. */
  readonly cluster: Body;
  readonly userName: string;
  readonly user: Body;
  /** The file that holds the user. */
  readonly userFile?: string | undefined;
}

interface Entry {
  readonly name: string;
  readonly value: Body;
}

interface KubeFile {
  readonly path: string;
  readonly currentContext: string | undefined;
  readonly clusters: readonly Entry[];
  readonly contexts: readonly Entry[];
  readonly users: readonly Entry[];
}

const SERVICE_ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';

/** No file and no service account: there is nothing to connect to. */
const NO_KUBECONFIG = 'E_KUBECONFIG_MISSING';

function broken(message: string, hint?: string, code = 'E_KUBECONFIG'): MeshctlError {
  return new MeshctlError(code, message, { hint, exit: EXIT.unreachable });
}

/**
 * @param path of `--kubeconfig`; otherwise KUBECONFIG, then `~/.kube/config`, then the pod's service account
 * @throws MeshctlError E_KUBECONFIG, or E_KUBECONFIG_MISSING when there is none at all
 */
export async function loadContext(path: string | undefined, wanted: string | undefined, host: Host): Promise<KubeContext> {
  const files: KubeFile[] = [];
  const candidates = path === undefined ? defaultPaths(host) : [path];
  for (const candidate of candidates) {
    const text = await textOf(candidate, path !== undefined, host);
    if (text !== undefined) files.push(parseFile(text, candidate, host.cwd));
  }
  // The first file that names a thing wins, as with kubectl.
  const name = wanted ?? files.find((file) => file.currentContext)?.currentContext;
  const contexts = files.flatMap((file) => file.contexts);
  if (contexts.length === 0 && wanted === undefined && path === undefined) {
    const inCluster = await serviceAccount(host);
    if (inCluster) return inCluster;
  }
  if (files.length === 0) {
    throw broken(
      `There is no kubeconfig: ${quotedList(candidates, 3) || 'no home directory is known'} ${candidates.length > 1 ? 'do' : 'does'} not exist.`,
      'Name one with --kubeconfig or the variable KUBECONFIG.',
      NO_KUBECONFIG,
    );
  }
  const names = contexts.map((context) => context.name);
  const inFiles = quotedList(
    files.map((file) => file.path),
    3,
  );
  if (name === undefined) {
    throw names.length > 0
      ? broken(`The kubeconfig ${inFiles} has no current context.`, `Choose one with --context: ${listed(names)}.`)
      : broken(`The kubeconfig ${inFiles} has no contexts.`, 'Name another with --kubeconfig or the variable KUBECONFIG.');
  }
  const context = contexts.find((entry) => entry.name === name)?.value;
  if (!context) {
    const close = nearest(name, names);
    throw broken(
      `There is no context "${name}" in the kubeconfig ${inFiles}.`,
      `${close ? `Did you mean "${close}"? ` : ''}${names.length > 0 ? `The contexts are ${listed(names)}.` : 'It has no contexts.'}`,
    );
  }
  const find = (kind: 'cluster' | 'user', entries: readonly Entry[]): Entry | undefined => {
    const reference = stringAt(context, kind);
    const found = entries.find((entry) => entry.name === reference);
    if (!found && reference)
      throw broken(`Context "${name}" names the ${kind} "${reference}", which the kubeconfig ${inFiles} does not hold.`);
    return found;
  };
  const cluster = find(
    'cluster',
    files.flatMap((file) => file.clusters),
  );
  const user = find(
    'user',
    files.flatMap((file) => file.users),
  );
  const server = stringAt(cluster?.value, 'server');
  if (!cluster || !server || !/^https?:\/\/[^/]/.test(server) || !URL.canParse(server)) {
    throw broken(`Context "${name}" has no server address that begins with http:// or https://.`, `Correct the kubeconfig ${inFiles}.`);
  }
  return {
    name,
    namespace: stringAt(context, 'namespace') || 'default',
    cluster: { ...cluster.value, server: server.replace(/\/+$/, '') },
    userName: user?.name ?? '',
    user: user?.value ?? {},
    userFile: files.find((file) => user && file.users.includes(user))?.path,
  };
}

const listed = (names: readonly string[]): string => quotedList(names, 8);

function defaultPaths({ env }: Host): readonly string[] {
  const listedPaths = env['KUBECONFIG'];
  const home = env['HOME'] || env['USERPROFILE'];
  if (listedPaths) return listedPaths.split(/^[A-Za-z]:[\\/]|;/.test(listedPaths) ? ';' : ':').filter((path) => path !== '');
  return home ? [`${home}/.kube/config`] : [];
}

async function textOf(path: string, mustExist: boolean, host: Host): Promise<string | undefined> {
  try {
    return await host.files.read(path);
  } catch (error) {
    const { code = '', message } = error as { readonly code?: string; readonly message: string };
    if (code === 'ENOENT' && !mustExist) return undefined;
    // Without a code it is what the text is not, such as UTF-8.
    throw broken(`The kubeconfig "${path}" cannot be read: ${UNREADABLE[code] ?? (code === '' ? message : `the system says ${code}`)}.`);
  }
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'permission is denied',
  EISDIR: 'it is a directory',
};

function parseFile(text: string, path: string, cwd: string): KubeFile {
  let body: unknown;
  try {
    body = parseYaml(text) ?? {};
  } catch (error) {
    // What the parser quotes from the file may be a secret.
    const { line } = error as { readonly line?: number };
    throw broken(`The kubeconfig "${path}" is not valid YAML${line === undefined ? '' : ` (line ${line})`}.`);
  }
  if (!isBody(body)) throw broken(`The kubeconfig "${path}" holds no kubeconfig.`);
  const folder = folderOf(path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : `${cwd}/${path}`);
  const entries = (list: string, field: string, paths: readonly string[]): readonly Entry[] =>
    listAt(body, list).flatMap((entry) => {
      const name = stringAt(entry, 'name');
      return name === undefined ? [] : [{ name, value: withAbsolutePaths(objectAt(entry, field), paths, folder) }];
    });
  return {
    path,
    currentContext: stringAt(body, 'current-context') || undefined,
    clusters: entries('clusters', 'cluster', ['certificate-authority']),
    contexts: entries('contexts', 'context', []),
    users: entries('users', 'user', ['client-certificate', 'client-key', 'tokenFile']).map((entry) => withPluginPaths(entry, folder)),
  };
}

const folderOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'))) || '/';

const absolute = (path: string, folder: string): string =>
  path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path) ? path : `${folder}/${path}`;

function withAbsolutePaths(body: Body, keys: readonly string[], folder: string): Body {
  const paths = keys.flatMap((key) => {
    const path = stringAt(body, key);
    return path ? [[key, absolute(path, folder)] as const] : [];
  });
  return { ...body, ...Object.fromEntries(paths) };
}

/** A plugin named with a slash lies beside the kubeconfig; one without is looked up in PATH. */
function withPluginPaths({ name, value }: Entry, folder: string): Entry {
  const command = stringAt(value, 'exec', 'command');
  const exec = command?.includes('/') ? { exec: { ...objectAt(value, 'exec'), command: absolute(command, folder) } } : {};
  const provider = objectAt(value, 'auth-provider');
  const config = withAbsolutePaths(objectAt(provider, 'config'), ['idp-certificate-authority'], folder);
  return { name, value: { ...value, ...exec, ...(has(value, 'auth-provider') && { 'auth-provider': { ...provider, config } }) } };
}

async function serviceAccount({ env, files }: Host): Promise<KubeContext | undefined> {
  const address = env['KUBERNETES_SERVICE_HOST'];
  const port = env['KUBERNETES_SERVICE_PORT'] ?? '443';
  if (!address || (await files.kind(`${SERVICE_ACCOUNT}/token`).catch(() => undefined)) !== 'file') return undefined;
  const namespace = await files.read(`${SERVICE_ACCOUNT}/namespace`).catch(() => '');
  return {
    name: 'in-cluster',
    namespace: namespace.trim() || 'default',
    cluster: {
      server: `https://${address.includes(':') ? `[${address}]` : address}:${port}`,
      'certificate-authority': `${SERVICE_ACCOUNT}/ca.crt`,
    },
    userName: 'service account of this pod',
    user: { tokenFile: `${SERVICE_ACCOUNT}/token` },
  };
}
