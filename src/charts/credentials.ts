/**
 * Logins for registries, where `helm registry login` and `docker login` leave them: in a file, or with a program that
 * keeps them. Nothing of them is ever printed.
 * @see https://docs.docker.com/reference/cli/docker/login/#credential-stores
 */
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { stringAt } from '../model/body.ts';

export type Login =
  | { readonly is: 'password'; readonly username: string; readonly password: string }
  /** Buys access tokens. */
  | { readonly is: 'identity'; readonly token: string }
  /** An access token itself. */
  | { readonly is: 'access'; readonly token: string };

/**
 * @param registry host, with its port
 * @returns undefined when there is none
 * @throws MeshctlError E_CREDENTIALS for a file that cannot be read
 */
export async function loginFor(registry: string, host: Host, signal: AbortSignal): Promise<Login | undefined> {
  const names = namesOf(registry);
  for (const path of configFiles(host.env)) {
    const config = await configAt(path, host);
    const login = (await fromProgram(config, names, host, signal)) ?? fromFile(config, names);
    if (login) return login;
  }
  return undefined;
}

/** Docker's own registry is known under names of long ago. */
function namesOf(registry: string): readonly string[] {
  const docker = /^(registry-1\.|index\.)?docker\.io$/.test(registry);
  const hosts = docker ? ['index.docker.io', 'docker.io', 'registry-1.docker.io'] : [registry];
  return hosts.flatMap((each) => [`https://${each}/v1/`, each, `https://${each}`, `https://${each}/`]);
}

function configFiles(env: Host['env']): readonly string[] {
  const home = env['HOME'] || env['USERPROFILE'];
  const settings = env['XDG_CONFIG_HOME'] ? [env['XDG_CONFIG_HOME']] : home ? [`${home}/.config`, `${home}/Library/Preferences`] : [];
  const helm = env['HELM_CONFIG_HOME'] ? [env['HELM_CONFIG_HOME']] : settings.map((folder) => `${folder}/helm`);
  const docker = env['DOCKER_CONFIG'] || (home && `${home}/.docker`);
  return [
    ...(env['HELM_REGISTRY_CONFIG'] ? [env['HELM_REGISTRY_CONFIG']] : helm.map((folder) => `${folder}/registry/config.json`)),
    ...(docker ? [`${docker}/config.json`] : []),
  ];
}

async function configAt(path: string, host: Host): Promise<unknown> {
  let text: string;
  try {
    text = await host.files.read(path);
  } catch {
    return undefined;
  }
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message would quote the file, and with it a login.
    throw new MeshctlError('E_CREDENTIALS', `The logins in "${path}" cannot be read: the file is no JSON.`, { hint: 'Mend or remove it.' });
  }
}

function fromFile(config: unknown, names: readonly string[]): Login | undefined {
  for (const name of names) {
    const at = (field: string): string => stringAt(config, 'auths', name, field) ?? '';
    if (at('registrytoken')) return { is: 'access', token: at('registrytoken') };
    if (at('identitytoken')) return { is: 'identity', token: at('identitytoken') };
    const [, username = at('username'), password = at('password')] =
      /^([^:]*):(.*)$/s.exec(Buffer.from(at('auth'), 'base64').toString()) ?? [];
    if (username !== '') return { is: 'password', username, password };
  }
  return undefined;
}

const PROGRAM_MS = 15_000;
/** What such programs give for a name when the secret is an identity token. */
const TOKEN_NAME = '<token>';

/** A program that is missing or knows nothing leaves the public charts within reach. */
async function fromProgram(config: unknown, names: readonly string[], host: Host, signal: AbortSignal): Promise<Login | undefined> {
  const store = stringAt(config, 'credsStore') ?? '';
  for (const name of names) {
    const suffix = stringAt(config, 'credHelpers', name) ?? store;
    if (!/^[\w.-]+$/.test(suffix)) continue;
    const wanted = `docker-credential-${suffix}`;
    const program = (await host.programs.find(wanted)).find((each) => each.name === wanted);
    if (!program) continue;
    const { code, stdout } = await host.programs.run(program.path, ['get'], { timeoutMs: PROGRAM_MS, signal, input: name });
    const login = code === 0 ? loginIn(stdout) : undefined;
    if (login) return login;
  }
  return undefined;
}

function loginIn(stdout: string): Login | undefined {
  let said: unknown;
  try {
    said = JSON.parse(stdout);
  } catch {
    return undefined;
  }
  const [username = '', secret = ''] = [stringAt(said, 'Username'), stringAt(said, 'Secret')];
  if (secret === '') return undefined;
  return username === TOKEN_NAME ? { is: 'identity', token: secret } : { is: 'password', username, password: secret };
}
