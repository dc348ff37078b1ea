/** Short-lived tokens of service accounts. @see https://kubernetes.io/docs/reference/kubernetes-api/authentication-resources/token-request-v1/ */
import { stringAt } from '../model/body.ts';
import type { ServedKind, TokenOptions } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import { strangeAnswer } from './errors.ts';
import { aboutObject, objectPath } from './paths.ts';
import type { Api } from './request.ts';

/** The least that the API server gives. */
const SECONDS = 600;

export async function requestToken(api: Api, served: ServedKind, account: Ref, { audience, signal }: TokenOptions): Promise<string> {
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
  const token = stringAt(answer, 'status', 'token');
  if (!token) throw strangeAnswer('token', about, api.place);
  return token;
}
