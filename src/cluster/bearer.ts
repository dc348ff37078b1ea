/** What a user of a kubeconfig shows to the server: a token, a password, a plugin's answer, or an issuer's token. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { has, objectAt, stringAt } from '../model/body.ts';
import { execPlugin } from './exec-plugin.ts';
import type { KubeContext } from './kubeconfig.ts';
import { expiryOf, refreshed } from './oidc.ts';
import { pemOf, readNamedFile } from './pem-of.ts';
import { saveTokens, storedTokens } from './save-tokens.ts';

interface Bearer {
  /** Value of the header of that name. */
  readonly authorization?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** When to ask again; undefined: when the server no longer accepts it. Milliseconds since the epoch. */
  readonly staleAt?: number | undefined;
}

export interface BearerSource {
  ask(): Promise<Bearer>;
  /** To ask again may give another. */
  readonly renewable: boolean;
  /** A person may have to answer first. */
  readonly interactive: boolean;
  /** Who is asked, for messages. */
  readonly from: string;
  close(): void;
}

export interface BearerPlace {
  readonly host: Host;
  /** `context "x", server y`, for messages. */
  readonly where: string;
  /** Texts that must never be printed; tokens that are read are added. */
  readonly secrets: string[];
  /** Is told, as a sentence, what went wrong without being in the way. */
  readonly warn: (text: string) => void;
}

/** Files with tokens are read again after this time; the kubelet rewrites them long before they expire. */
const FRESH_MS = 60_000;

/** In the order of kubectl: what stands in the kubeconfig goes before what has to be asked for. */
export function bearerSource(context: KubeContext, place: BearerPlace): BearerSource {
  const { user, userName, cluster } = context;
  const { host } = place;
  const token = stringAt(user, 'token') || undefined;
  const tokenFile = stringAt(user, 'tokenFile') || undefined;
  const username = stringAt(user, 'username') || undefined;
  if (tokenFile) {
    return asking(true, async () => {
      const fresh = await readNamedFile(tokenFile, host).catch((error) => token ?? Promise.reject(error));
      return { authorization: `Bearer ${fresh.trim()}`, staleAt: host.clock.now() + FRESH_MS };
    });
  }
  if (token) return asking(false, async () => ({ authorization: `Bearer ${token}` }));
  if (username) {
    const basic = Buffer.from(`${username}:${stringAt(user, 'password') ?? ''}`).toString('base64');
    return asking(false, async () => ({ authorization: `Basic ${basic}` }));
  }
  if (has(user, 'exec')) {
    const ca = (): Promise<string | undefined> => pemOf(cluster, 'certificate-authority', host);
    const plugin = execPlugin({ ...place, name: userName, exec: objectAt(user, 'exec'), cluster, ca }, host);
    const ask = async (): Promise<Bearer> => {
      const { token: given, expiresAt, ...certificate } = await plugin.run();
      return { ...certificate, staleAt: expiresAt, authorization: given && `Bearer ${given}` };
    };
    return { ask, renewable: true, interactive: plugin.interactive, from: 'the credential plugin', close: plugin.close };
  }
  const provider = stringAt(user, 'auth-provider', 'name');
  if (provider === undefined) return asking(false, async () => ({}));
  if (provider === 'oidc') return oidcSource(context, place);
  throw removedProvider(provider, userName);
}

const asking = (renewable: boolean, ask: () => Promise<Bearer>): BearerSource => ({
  ask,
  renewable,
  interactive: false,
  from: 'the files of the kubeconfig',
  close: () => {},
});

function oidcSource({ user, userName, userFile }: KubeContext, { host, secrets, warn }: BearerPlace): BearerSource {
  const closing = new AbortController();
  let config = objectAt(user, 'auth-provider', 'config');
  const valid = (): string | undefined => {
    const token = stringAt(config, 'id-token') ?? '';
    return expiryOf(token) > host.clock.now() ? token : undefined;
  };
  const ask = async (): Promise<Bearer> => {
    // Another program may have renewed the tokens, and the refresh token that is known here be used up.
    if (!valid() && userFile !== undefined) config = { ...config, ...(await storedTokens(userFile, userName, host)) };
    let token = valid();
    if (token === undefined) {
      secrets.push(...[stringAt(config, 'refresh-token')].flatMap((secret) => secret || []));
      const ca = await pemOf(config, 'idp-certificate-authority', host);
      const tokens = await refreshed(config, ca, host, closing.signal);
      secrets.push(tokens.idToken, tokens.refreshToken);
      token = tokens.idToken;
      config = { ...config, 'id-token': tokens.idToken, 'refresh-token': tokens.refreshToken };
      if (userFile !== undefined) {
        await saveTokens(userFile, userName, tokens, host).catch((error: Error) => {
          warn(`the renewed login of user "${userName}" could not be saved in "${userFile}": ${error.message}.`);
        });
      }
    }
    return { authorization: `Bearer ${token}`, staleAt: expiryOf(token) };
  };
  const close = (): void => closing.abort(new Error('The cluster was closed.'));
  return { ask, renewable: false, interactive: false, from: 'the issuer of the ID token', close };
}

/** kubectl 1.26 dropped them; their plugins have taken their place. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  gcp: 'Install gke-gcloud-auth-plugin, and run "gcloud container clusters get-credentials" again.',
  azure: 'Install kubelogin, and run "kubelogin convert-kubeconfig".',
};

function removedProvider(provider: string, userName: string): MeshctlError {
  const successor = SUCCESSORS[provider];
  const reason = successor ? 'which Kubernetes removed in 1.26' : 'which is not known';
  return new MeshctlError('E_KUBECONFIG', `User "${userName}" of the kubeconfig logs in by the auth provider "${provider}", ${reason}.`, {
    hint: successor ?? 'Use "oidc", or a credential plugin under "exec".',
    exit: EXIT.unreachable,
  });
}
