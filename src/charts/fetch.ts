/** Downloads for charts: bounded, tried again, through proxies, and without handing a login to another server. The only importer of undici here. */
import { rootCertificates } from 'node:tls';
import { Agent, type Dispatcher, request as send } from 'undici';
import { codeOf, ProxyProblem, transportReason } from '../cluster/errors.ts';
import { openSocket } from '../cluster/open-socket.ts';
import { proxyFor } from '../cluster/proxy.ts';
import type { Tls } from '../cluster/tls.ts';
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import { strange, unreachable } from './failures.ts';

export interface FetchOptions {
  /** PEM text of an authority that is trusted besides the usual ones. */
  readonly ca?: string | undefined;
  readonly skipTlsVerify: boolean;
  /** Servers other than this machine may be asked without TLS. */
  readonly plainHttp: boolean;
  /** For each try, to the end of the answer. */
  readonly timeoutMs: number;
  /** What to do when a server cannot be reached. */
  readonly offlineHint: string;
}

export interface Download {
  readonly url: URL;
  readonly accept?: string;
  /** Value of the header, for the server of `url` only. */
  readonly authorization?: string | undefined;
  /** Sent as a form. */
  readonly form?: URLSearchParams;
  readonly mostBytes: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
  /** Where redirections led. */
  readonly url: URL;
}

export interface Fetcher {
  readonly plainHttp: boolean;
  /**
   * Any answer that is no failure of the server.
   * @throws MeshctlError E_CHART_UNREACHABLE, E_CHART_SOURCE for what is larger than allowed or leads astray
   */
  get(download: Download): Promise<Answer>;
  close(): Promise<void>;
}

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 500;
const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** @param signal ends what is under way and all that is asked later */
export function createFetcher(options: FetchOptions, host: Host, signal: AbortSignal): Fetcher {
  const closing = new AbortController();
  const ended = AbortSignal.any([signal, closing.signal]);
  const tls: Tls = {
    ...(options.ca !== undefined && { ca: [...rootCertificates, options.ca].join('\n') }),
    ...(options.skipTlsVerify && { rejectUnauthorized: false as const }),
  };
  const dispatcher = new Agent({
    connect: ({ protocol, hostname, port }, callback) => {
      const server = new URL(`${protocol}//${hostname}${port && `:${port}`}`);
      openSocket(server, proxyFor(server.href, host.env), tls, ended).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
  });

  /** One answer, whatever its status. */
  const once = async (download: Download): Promise<Answer> => {
    const late = AbortSignal.timeout(options.timeoutMs);
    try {
      const { url, form, authorization } = download;
      const response = await send(bare(url), {
        dispatcher,
        method: form ? 'POST' : 'GET',
        headers: {
          'user-agent': `meshctl/${host.versions.meshctl}`,
          accept: download.accept ?? '*/*',
          ...(form && { 'content-type': 'application/x-www-form-urlencoded' }),
          ...(authorization !== undefined && { authorization }),
        },
        body: form ? form.toString() : null,
        signal: AbortSignal.any([ended, late]),
      });
      return { status: response.statusCode, headers: response.headers, body: await bounded(response, download), url };
    } catch (error) {
      if (ended.aborted) throw ended.reason;
      throw late.aborted ? Object.assign(new Error('late'), { code: LATE }) : error;
    }
  };

  const patiently = async (download: Download): Promise<Answer> => {
    for (let tried = 1; ; tried++) {
      try {
        const answer = await once(download);
        if (answer.status < 500 && answer.status !== 429) return answer;
        if (tried >= ATTEMPTS) throw unreachable(download.url, `the server answered with ${answer.status}`, 'Try again in a while.');
      } catch (error) {
        if (ended.aborted || error instanceof MeshctlError) throw error;
        const code = codeOf(error);
        if (tried >= ATTEMPTS || !LOST.test(code)) {
          const reason = code === LATE ? `no answer within ${options.timeoutMs / 1000} s` : transportReason(error, []);
          throw unreachable(download.url, reason, hintFor(error, options), error);
        }
      }
      await host.clock.sleep(FIRST_DELAY_MS * 2 ** (tried - 1), ended);
    }
  };

  return {
    plainHttp: options.plainHttp,
    async get(download) {
      let next = download;
      for (let followed = 0; followed <= MOST_REDIRECTS; followed++) {
        assertAllowed(next.url, options.plainHttp);
        const answer = await patiently(next);
        const location = REDIRECTS.has(answer.status) ? [answer.headers['location']].flat()[0] : undefined;
        if (location === undefined) return answer;
        if (download.form) throw strange(`"${next.url.host}" sends a login elsewhere, which is not followed.`);
        const to = URL.canParse(location, next.url.href) ? new URL(location, next.url.href) : undefined;
        if (!to) throw strange(`"${next.url.host}" redirects to what is no address.`);
        if (next.url.protocol === 'https:' && to.protocol !== 'https:' && !options.plainHttp) {
          throw strange(`"${next.url.host}" redirects from TLS to plain HTTP at "${to.host}", which is not followed.`, PLAIN_HINT);
        }
        next = { ...download, url: to, authorization: to.origin === next.url.origin ? next.authorization : undefined };
      }
      throw strange(`"${download.url.host}" redirects more than ${MOST_REDIRECTS} times.`);
    },
    async close() {
      closing.abort(new Error('The downloads were closed.'));
      await dispatcher.destroy();
    },
  };
}

const LATE = 'MESHCTL_LATE';

/** What may go better the next time; a name that cannot be resolved and a refused connection will not. */
const LOST = /^(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|UND_ERR_RES_CONTENT_LENGTH_MISMATCH|HPE_\w+|EAI_AGAIN)$/;

const PLAIN_HINT = 'Allow it with --plain-http.';

function hintFor(error: unknown, { offlineHint }: FetchOptions): string {
  if (error instanceof ProxyProblem) return 'Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.';
  const unknownAuthority = /SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|CERT_/.test(codeOf(error));
  return unknownAuthority
    ? 'Name the certificate of its authority with --ca-file, or trust it unseen with --insecure-skip-tls-verify.'
    : offlineHint;
}

export const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

function assertAllowed({ protocol, hostname, host }: URL, plainHttp: boolean): void {
  if (protocol === 'https:' || (protocol === 'http:' && (plainHttp || isLoopback(hostname)))) return;
  if (protocol === 'http:')
    throw strange(`"${host}" would be asked without TLS, where anybody on the way can change the answer.`, PLAIN_HINT);
  throw strange(`"${protocol}//${host}" is no address that charts come from.`, 'Addresses begin with "https://" or "oci://".');
}

/** A login in the address is for the header, which the caller makes. */
function bare(url: URL): URL {
  const copy = new URL(url.href);
  copy.username = '';
  copy.password = '';
  return copy;
}

async function bounded(response: Dispatcher.ResponseData, { mostBytes, url }: Download): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.length;
    if (size > mostBytes) throw strange(`"${url.host}" answers with more than ${Math.round(mostBytes / 1024 / 1024)} MiB.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Value of the `Authorization` header for a name and a password. */
export const basic = (username: string, password: string): string => `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
