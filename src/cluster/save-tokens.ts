/**
 * Tokens that were renewed, back into the kubeconfig, as kubectl does it: many issuers accept a refresh
 * token once only, so that losing the new one would mean losing the login.
 */
import type { Host } from '../host/host.ts';
import { isBody, itemsAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { parseYaml } from '../text/yaml.ts';
import { writeYaml } from '../text/yaml-write.ts';
import type { OidcTokens } from './oidc.ts';

/** The tokens that the file holds now: another program may have renewed them since it was read. */
export async function storedTokens(file: string, user: string, host: Host): Promise<Body> {
  try {
    const provider = providerOf(parseYaml(await host.files.read(file)), user);
    return Object.fromEntries(Object.entries(provider ?? {}).filter(([key]) => key === 'id-token' || key === 'refresh-token'));
  } catch {
    return {};
  }
}

/** @throws Error whose message is a clause without secrets; the file is as it was then */
export async function saveTokens(file: string, user: string, tokens: OidcTokens, host: Host): Promise<void> {
  // kubectl takes the same lock.
  const lock = `${file}.lock`;
  await host.files.create(lock, '').catch((error) => {
    throw new Error(codeIn(error) === 'EEXIST' ? `"${lock}" says that another program writes it` : `the system says ${codeIn(error)}`);
  });
  try {
    const text = withTokens(await host.files.read(file), user, tokens);
    if (text === undefined) throw new Error('it no longer holds this user');
    await host.files.replace(file, text).catch((error) => {
      throw new Error(`the system says ${codeIn(error)}`);
    });
  } finally {
    await host.files.remove(lock);
  }
}

const codeIn = (error: unknown): string => String((error as { readonly code?: unknown }).code ?? 'no');

function providerOf(kubeconfig: unknown, user: string): Body | undefined {
  const entry = itemsAt(kubeconfig, 'users').find(({ item }) => item['name'] === user)?.item;
  const config = (entry?.['user'] as Body | undefined)?.['auth-provider'];
  return isBody(config) && isBody(config['config']) ? config['config'] : undefined;
}

/**
 * The text with other tokens. Everything else stays, comments and layout too, wherever the old tokens
 * can be told from the rest; otherwise the file is written anew.
 */
export function withTokens(text: string, user: string, { idToken, refreshToken }: OidcTokens): string | undefined {
  const wanted = parseYaml(text);
  const provider = providerOf(wanted, user) as Record<string, unknown> | undefined;
  if (!provider) return undefined;
  const replaced = [
    [stringAt(provider, 'id-token'), idToken],
    [stringAt(provider, 'refresh-token'), refreshToken],
  ].reduce<string | undefined>((edited, [old, token]) => {
    if (old === token) return edited;
    const parts = old && token ? (edited?.split(old) ?? []) : [];
    return parts.length === 2 ? parts.join(token) : undefined;
  }, text);
  Object.assign(provider, { 'id-token': idToken, 'refresh-token': refreshToken });
  const isWanted = (candidate: string): boolean => {
    try {
      return JSON.stringify(parseYaml(candidate)) === JSON.stringify(wanted);
    } catch {
      return false;
    }
  };
  if (replaced !== undefined && isWanted(replaced)) return replaced;
  return text.trimStart().startsWith('{') ? `${JSON.stringify(wanted, undefined, 2)}\n` : writeYaml(wanted);
}
