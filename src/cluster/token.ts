/** Short-lived tokens of service accounts. @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
import { stringAt } from '../model/body.ts';
import type { ServedKind, TokenOptions } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import { strangeAnswer } from './errors.ts';
import { aboutObject, objectPath } from './paths.ts';
import type { Api } from './request.ts';

/** The least that the API server gives. */
const SECONDS = 600;
/** A token that ends sooner than this is not handed out again. */
const LEAST_LEFT_MS = 60_000;

interface Token {
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly end: number;
}

export type TokenSource = (served: ServedKind, account: Ref, options: TokenOptions) => Promise<string>;

/** Several istiods are asked with one token, and again and again. */
export function tokenSource(api: Api): TokenSource {
  const kept = new Map<string, Token>();
  return async (served, account, options) => {
    const key = JSON.stringify([account.namespace, account.name, options.audience]);
    const known = kept.get(key);
    if (known && known.end - LEAST_LEFT_MS > api.host.clock.now()) return known.text;
    const token = await requestToken(api, served, account, options);
    kept.set(key, token);
    return token.text;
  };
}

async function requestToken(api: Api, served: ServedKind, account: Ref, { audience, signal }: TokenOptions): Promise<Token> {
  const named = aboutObject('create', account, served, 'token');
  const about = { ...named, what: `a token of ${named.what}` };
  const answer = await api.json({
    about,
    method: 'POST',
    path: `${objectPath(served, account)}/token`,
    body: {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { audiences: [audience], expirationSeconds: SECONDS },
    },
    repeatable: true,
    signal,
  });
  const text = stringAt(answer, 'status', 'token') ?? '';
  if (text === '') throw strangeAnswer('token', about, api.place);
  return { text, end: Date.parse(stringAt(answer, 'status', 'expirationTimestamp') ?? '') || 0 };
}
