/**
 * Tokens of an OpenID Connect issuer: the ID token while it is valid, and a new one for the refresh token after that.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#openid-connect-tokens
 */
import { Agent, type Dispatcher, request as send } from 'undici';
import type { Host } from '../host/host.ts';
import { numberAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { excerpt, ProxyProblem, transportReason } from './errors.ts';
import { openSocket } from './open-socket.ts';
import { proxyFor } from './proxy.ts';

export interface OidcTokens {
  readonly idToken: string;
  readonly refreshToken: string;
}

/** Why there is no valid token, as a clause. */
export class OidcProblem extends Error {}

/** A token that is about to expire may be too old when it arrives. */
const MARGIN_MS = 10_000;
const LIMIT_MS = 30_000;
/** An answer of an issuer takes a few kilobytes. */
const MOST_BYTES = 1_000_000;

/** Until when a token may be sent, in milliseconds since the epoch; one that cannot be read has expired. */
export function expiryOf(idToken: string): number {
  const seconds = numberAt(claimsOf(idToken), 'exp');
  return seconds === undefined ? 0 : seconds * 1000 - MARGIN_MS;
}

function claimsOf(idToken: string): unknown {
  try {
    return JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}

/**
 * @param config of the auth provider
 * @param ca PEM text of the issuer's authority; undefined: what Node trusts
 * @throws OidcProblem
 */
export async function refreshed(config: Body, ca: string | undefined, host: Host, closing: AbortSignal): Promise<OidcTokens> {
  const text = (key: string): string => stringAt(config, key) ?? '';
  const [issuer, id, secret, refreshToken] = [text('idp-issuer-url'), text('client-id'), text('client-secret'), text('refresh-token')];
  if (refreshToken === '') throw new OidcProblem('there is no refresh token');
  if (id === '') throw new OidcProblem('the kubeconfig names no client-id');
  if (!/^https?:\/\/[^/]/.test(issuer) || !URL.canParse(issuer)) throw new OidcProblem('the kubeconfig names no idp-issuer-url');
  const secrets = [refreshToken, secret];
  const at = new URL(issuer).origin;
  const dispatcher = dispatcherFor(issuer, ca, host, closing);
  const ask = async (url: string, options: Partial<Dispatcher.RequestOptions>): Promise<Answer> => {
    const signal = AbortSignal.any([closing, AbortSignal.timeout(LIMIT_MS)]);
    try {
      const response = await send(url, { ...options, dispatcher, signal });
      return { status: response.statusCode, body: await jsonOf(response.body) };
    } catch (error) {
      if (closing.aborted) throw closing.reason;
      if (signal.aborted) throw new OidcProblem(`the issuer ${at} did not answer within ${LIMIT_MS / 1000} s`);
      if (error instanceof ProxyProblem) throw new OidcProblem(error.message);
      throw new OidcProblem(`the issuer ${at} cannot be asked: ${transportReason(error, secrets)}`);
    }
  };
  try {
    const discovery = await ask(`${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`, {});
    const endpoint = stringAt(discovery.body, 'token_endpoint') ?? '';
    if (discovery.status !== 200 || !URL.canParse(endpoint)) {
      throw new OidcProblem(`the issuer ${at} does not tell its token endpoint (${discovery.status})`);
    }
    // A refresh token is as good as a password.
    if (issuer.startsWith('https:') && !endpoint.startsWith('https:')) {
      throw new OidcProblem(`the issuer ${at} wants the refresh token without TLS`);
    }
    const grant = (inBody: boolean): Promise<Answer> => {
      const form = new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken });
      if (inBody) form.set('client_id', id);
      if (inBody && secret) form.set('client_secret', secret);
      // Both parts are encoded before they are joined, says RFC 6749.
      const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64');
      const headers = { 'content-type': 'application/x-www-form-urlencoded', ...(!inBody && { authorization: `Basic ${basic}` }) };
      return ask(endpoint, { method: 'POST', headers, body: `${form}` });
    };
    let answer = await grant(secret === '');
    // Not all issuers that want a secret want it in the header.
    if (secret !== '' && answer.status >= 400 && stringAt(answer.body, 'error') !== 'invalid_grant') answer = await grant(true);
    const idToken = stringAt(answer.body, 'id_token');
    if (answer.status >= 300) throw new OidcProblem(`the issuer ${at} refuses to renew it${wordsOf(answer, secrets)}`);
    if (!idToken) throw new OidcProblem(`the issuer ${at} answers without an ID token`);
    return { idToken, refreshToken: stringAt(answer.body, 'refresh_token') || refreshToken };
  } finally {
    await dispatcher.destroy();
  }
}

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

async function jsonOf(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > MOST_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}

function wordsOf({ status, body }: Answer, secrets: readonly string[]): string {
  const said = [stringAt(body, 'error'), stringAt(body, 'error_description')].filter((text) => text);
  return said.length === 0 ? ` (${status})` : `: ${excerpt(said.join(', '), secrets).replace(/\.$/, '')}`;
}

/** The issuer is not the cluster: neither its certificates nor its proxy-url are meant for it. */
function dispatcherFor(issuer: string, ca: string | undefined, host: Host, closing: AbortSignal): Dispatcher {
  const tls = ca === undefined ? {} : { ca };
  const proxy = proxyFor(issuer, host.env);
  return new Agent({
    connect: ({ protocol, hostname, port }, callback) => {
      openSocket(new URL(`${protocol}//${hostname}${port && `:${port}`}`), proxy, tls, closing).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
  });
}
