/**
 * How a registry lets one in: it answers 401 and says who sells tokens for what, and the token is good for the rest.
 * @see https://distribution.github.io/distribution/spec/auth/token/
 */
import { stringAt } from '../model/body.ts';
import type { Login } from './credentials.ts';
import { LOGIN_HINT, refused, strange } from './failures.ts';
import { type Answer, basic, type Download, type Fetcher } from './fetch.ts';

/** Downloads of one repository of a registry. */
export interface Access {
  get(download: Download): Promise<Answer>;
}

/** @param login asked when the registry wants one, or a token */
export function accessTo(fetcher: Fetcher, repository: string, login: () => Promise<Login | undefined>): Access {
  let authorization: string | undefined;
  return {
    async get(download) {
      const answer = await fetcher.get({ ...download, authorization });
      // A redirection led to another server, which knows nothing of tokens.
      if (answer.status !== 401 || answer.url.origin !== download.url.origin) return answer;
      const known = await login();
      authorization = await authorizationFor(challengeIn(answer), known, repository, fetcher);
      return authorization === undefined ? answer : fetcher.get({ ...download, authorization });
    },
  };
}

interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** The strongest that is known of what `WWW-Authenticate` offers. */
export function challengeIn({ headers }: Pick<Answer, 'headers'>): Challenge | undefined {
  const offered = [headers['www-authenticate']].flat().flatMap((value) => challengesOf(value ?? ''));
  return offered.find(({ scheme }) => scheme === 'bearer') ?? offered.find(({ scheme }) => scheme === 'basic');
}

function challengesOf(header: string): readonly Challenge[] {
  return [...header.matchAll(/(?:^|,)\s*([A-Za-z]+)\s+((?:,?\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s,"]+))*)/g)].map(
    ([, scheme = '', rest = '']) => ({
      scheme: scheme.toLowerCase(),
      parameters: Object.fromEntries(
        [...rest.matchAll(/([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g)].map(([, key = '', quoted, plain]) => [
          key.toLowerCase(),
          quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '',
        ]),
      ),
    }),
  );
}

async function authorizationFor(
  challenge: Challenge | undefined,
  login: Login | undefined,
  repository: string,
  fetcher: Fetcher,
): Promise<string | undefined> {
  if (challenge?.scheme === 'basic') return login?.is === 'password' ? basic(login.username, login.password) : undefined;
  if (challenge?.scheme !== 'bearer') return undefined;
  if (login?.is === 'access') return `Bearer ${login.token}`;
  return `Bearer ${await boughtToken(challenge.parameters, login, repository, fetcher)}`;
}

/** An answer of a token server takes a few kilobytes. */
const MOST_TOKEN_BYTES = 1024 * 1024;

/** A login goes to the server that the registry names, which for many is another one; that it speaks TLS is seen to. */
async function boughtToken(
  { realm = '', service = '', scope: asked }: Readonly<Record<string, string>>,
  login: Login | undefined,
  repository: string,
  fetcher: Fetcher,
): Promise<string> {
  if (!URL.canParse(realm)) throw strange('The registry asks for a token, but not where to get it.', LOGIN_HINT);
  const url = new URL(realm);
  const scope = asked ?? `repository:${repository}:pull`;
  const identity = login?.is === 'identity' ? login.token : undefined;
  const form =
    identity === undefined
      ? undefined
      : new URLSearchParams({ grant_type: 'refresh_token', refresh_token: identity, service, scope, client_id: 'meshctl' });
  if (!form) {
    if (service !== '') url.searchParams.set('service', service);
    url.searchParams.set('scope', scope);
  }
  const answer = await fetcher.get({
    url,
    mostBytes: MOST_TOKEN_BYTES,
    authorization: login?.is === 'password' ? basic(login.username, login.password) : undefined,
    ...(form && { form }),
  });
  if (answer.status !== 200) throw refused(url, answer.status, LOGIN_HINT);
  const token = tokenIn(answer.body.toString());
  if (token === undefined) throw strange(`"${url.host}" was asked for a token and answers without one.`);
  return token;
}

function tokenIn(text: string): string | undefined {
  try {
    const body: unknown = JSON.parse(text);
    return stringAt(body, 'token') || stringAt(body, 'access_token') || undefined;
  } catch {
    return undefined;
  }
}
