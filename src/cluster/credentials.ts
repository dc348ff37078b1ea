/** Who meshctl is to the API server: headers and certificates from what the kubeconfig says of a user, renewed when they get old. */
import { EXIT, MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { booleanAt, itemsAt, listAt, objectAt, stringAt } from '../model/body.ts';
import type { Body } from '../model/resource.ts';
import { bearerSource } from './bearer.ts';
import { excerpt } from './errors.ts';
import type { KubeContext } from './kubeconfig.ts';
import { OidcProblem } from './oidc.ts';
import { pemOf } from './pem-of.ts';
import { proxyFor } from './proxy.ts';
import type { Tls } from './tls.ts';
import { unlessAborted } from './unless-aborted.ts';

type Headers = Readonly<Record<string, string | string[]>>;

export interface Credentials {
  readonly headers: Headers;
  readonly tls: Tls;
}

export interface CredentialSource {
  /** Address of the proxy to the server, with the credentials that it may hold. */
  readonly proxy: string | undefined;
  /** Grows with each token that is read, so that messages can be searched for all of them. */
  readonly secrets: readonly string[];
  /** A person may have to answer first, for which there is no time limit. */
  readonly interactive: boolean;
  /** Who gives the credentials, for messages. */
  readonly from: string;
  current(signal?: AbortSignal): Promise<Credentials>;
  /** The server did not accept these: the next `current` gives others. False when there are none to be had. */
  renew(refused: Credentials): boolean;
  /** Ends plugins and refreshes under way; they would keep meshctl from ending. */
  close(): void;
}

export interface Impersonation {
  readonly user?: string | undefined;
  readonly groups: readonly string[];
}

/** @param warn is told, as a sentence, what went wrong without being in the way */
export function credentialSource(
  context: KubeContext,
  impersonation: Impersonation,
  host: Host,
  warn: (text: string) => void,
): CredentialSource {
  const { cluster, user, userName } = context;
  const server = stringAt(cluster, 'server') ?? '';
  const proxy = stringAt(cluster, 'proxy-url') || proxyFor(server, host.env);
  if (proxy !== undefined && (!/^(https?|socks5h?):\/\/./.test(proxy) || !URL.canParse(proxy))) {
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
  const where = `context "${context.name}", server ${withoutUserInfo(server)}`;
  const source = bearerSource(context, { host, where, secrets, warn });
  let known: { readonly credentials: Promise<Credentials>; value?: Credentials; staleAt?: number | undefined } | undefined;

  const load = async (asked: NonNullable<typeof known>): Promise<Credentials> => {
    const own = await certificatesOf(context, host);
    const { authorization, cert, key, staleAt } = await source.ask();
    const token = authorization?.slice(authorization.indexOf(' ') + 1);
    if (token && !secrets.includes(token)) secrets.push(token);
    const value: Credentials = {
      headers: { ...(authorization && { Authorization: authorization }), ...impersonationHeaders(user, impersonation) },
      tls: { ...own, ...(cert && key && { cert, key }) },
    };
    Object.assign(asked, { value, staleAt });
    return value;
  };

  const fail = (error: unknown): MeshctlError => {
    if (error instanceof MeshctlError) return error;
    const said = error instanceof Error ? `: ${excerpt(error.message, secrets).replace(/\.$/, '')}` : '';
    const problem =
      error instanceof OidcProblem
        ? `The login of user "${userName}" has expired and cannot be renewed${said}`
        : `The credentials of user "${userName}" cannot be used${said}`;
    return new MeshctlError('E_CLUSTER_UNAUTHORIZED', `${problem} (${where}).`, {
      hint: 'Log in again, or choose another context with --context.',
      exit: EXIT.unreachable,
    });
  };

  return {
    proxy,
    secrets,
    interactive: source.interactive,
    from: source.from,
    current(signal) {
      const stale = known?.staleAt !== undefined && host.clock.now() >= known.staleAt;
      if (!known || stale) {
        const asked = {} as { credentials: Promise<Credentials> };
        asked.credentials = load(asked).catch((error) => {
          if (known === asked) known = undefined;
          throw fail(error);
        });
        known = asked;
        // Whoever asked may have given up by the time it fails.
        asked.credentials.catch(() => {});
      }
      return unlessAborted(known.credentials, signal);
    },
    renew(refused) {
      // Of many requests that are refused at once, the first renews for all.
      if (source.renewable && known?.value === refused) known = undefined;
      return source.renewable;
    },
    close: source.close,
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

async function certificatesOf({ cluster, user }: KubeContext, host: Host): Promise<Tls> {
  const ca = await pemOf(cluster, 'certificate-authority', host);
  const cert = await pemOf(user, 'client-certificate', host);
  const key = await pemOf(user, 'client-key', host);
  const servername = stringAt(cluster, 'tls-server-name');
  return {
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
    ...(servername && { servername }),
    ...(booleanAt(cluster, 'insecure-skip-tls-verify') === true && { rejectUnauthorized: false }),
  };
}
