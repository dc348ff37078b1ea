/** One request to the API server: credentials, retries with back-off, a time limit, errors in words. */
import { Agent, type Dispatcher, request as send } from 'undici';
import { MeshctlError } from '../errors.ts';
import type { Host } from '../host/host.ts';
import type { CredentialSource, Credentials } from './credentials.ts';
import {
  type About,
  codeOf,
  ELSEWHERE_HINT,
  failure,
  type Place,
  statusFailure,
  timeoutFailure,
  transportFailure,
  webPage,
} from './errors.ts';
import { openSocket } from './open-socket.ts';
import type { Tls } from './tls.ts';
import { unlessAborted } from './unless-aborted.ts';

interface ApiRequest {
  readonly about: About;
  readonly method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the server's address, begins with a slash. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined;
  /** Bytes are sent as they are, everything else as JSON. */
  readonly body?: unknown;
  readonly contentType?: string;
  readonly accept?: string;
  /** May be sent again when nobody knows whether it arrived. GET always may. */
  readonly repeatable?: boolean;
  /** How often it is tried; 4 unless told otherwise. */
  readonly attempts?: number;
  /** A stream that says nothing for this long is dead; undefined: it may be silent for ever. */
  readonly silentMs?: number;
  readonly signal?: AbortSignal | undefined;
}

export interface Api {
  readonly place: Place;
  readonly server: string;
  readonly host: Host;
  readonly credentials: CredentialSource;
  readonly timeoutMs: number;
  /** The parsed answer. */
  json(request: ApiRequest): Promise<unknown>;
  /** The answer as it arrives; the time limit ends with its headers. */
  stream(request: ApiRequest): Promise<AsyncIterable<Uint8Array>>;
  /** The same with the headers of the answer, in lower case. */
  open(request: ApiRequest): Promise<{ readonly headers: Readonly<Record<string, string>>; readonly body: AsyncIterable<Uint8Array> }>;
  close(): Promise<void>;
}

const ATTEMPTS = 4;
const FIRST_DELAY_MS = 250;
const SPREAD_STEPS = 8;
/** A server that asks for more patience than this is taken at its word only so far. */
const LONGEST_DELAY_MS = 30_000;

/** @param timeoutMs for each attempt; 0: no limit */
export function createApi(place: Place, server: string, credentials: CredentialSource, timeoutMs: number, host: Host): Api {
  const closing = new AbortController();
  const connections = connectionPool(credentials.proxy, closing.signal);
  /** A server that answered once and then refuses is being restarted; one that never did is not there. */
  let answered = false;
  let delays = 0;

  const attempt = async (
    request: ApiRequest,
    limit: TimeLimit,
  ): Promise<{ readonly response: Dispatcher.ResponseData; readonly used: Credentials }> => {
    const { signal } = limit;
    const current = await credentials.current(signal).catch((error) => {
      throw limit.expired() ? timeoutFailure(timeoutMs, request.about, place, credentials.from) : error;
    });
    const body = request.body === undefined ? null : request.body instanceof Uint8Array ? request.body : JSON.stringify(request.body);
    const sending = send(urlOf(server, request), {
      dispatcher: connections.for(current),
      method: request.method ?? 'GET',
      headers: {
        'user-agent': `meshctl/${host.versions.meshctl}`,
        accept: request.accept ?? 'application/json',
        ...(body === null ? {} : { 'content-type': request.contentType ?? 'application/json' }),
        ...current.headers,
      },
      body,
      signal,
      ...(request.silentMs !== undefined && { bodyTimeout: request.silentMs }),
    });
    // undici hears of the signal only when it has a connection.
    const response = await unlessAborted(sending, signal);
    answered = true;
    return { response, used: current };
  };

  /** Tries until there is an answer that is a success, and hands it to `use`, whose failure counts as the attempt's. */
  const perform = async <T>(
    request: ApiRequest,
    timing: 'whole' | 'headers',
    use: (response: Dispatcher.ResponseData) => Promise<T>,
  ): Promise<T> => {
    const mayRepeat = request.repeatable ?? (request.method ?? 'GET') === 'GET';
    const attempts = request.attempts ?? ATTEMPTS;
    const signal = request.signal ? AbortSignal.any([request.signal, closing.signal]) : closing.signal;
    let renewed = false;
    for (let tried = 1; ; tried++) {
      // The time that a person takes to log in is not the server's.
      if (credentials.interactive) await credentials.current(signal);
      const limit = timeLimit(timeoutMs, signal);
      let delay: number | undefined;
      try {
        const { response, used } = await attempt(request, limit);
        if (response.statusCode < 300) {
          if (timing === 'headers') limit.stop();
          return await use(response);
        }
        const body = await statusBody(response);
        if (body === undefined && isPage(response)) throw webPage(response.statusCode, request.about, place);
        if (response.statusCode === 401 && !renewed && credentials.renew(used)) {
          renewed = true;
          tried--;
          continue;
        }
        const isBusy = response.statusCode === 429;
        if (tried >= attempts || !(isBusy || (response.statusCode >= 500 && mayRepeat))) {
          throw statusFailure(response.statusCode, body, request.about, place);
        }
        delay = retryAfter(response.headers['retry-after']);
      } catch (error) {
        if (signal.aborted) throw signal.reason;
        if (error instanceof MeshctlError) throw error;
        if (limit.expired()) throw timeoutFailure(timeoutMs, request.about, place);
        const refused = codeOf(error) === 'ECONNREFUSED';
        const lost = answered && (refused || /^(ECONNRESET|EPIPE|UND_ERR_SOCKET)$/.test(codeOf(error)));
        if (tried >= attempts || !lost || !(mayRepeat || refused)) throw transportFailure(error, request.about, place);
      } finally {
        limit.stop();
      }
      // Requests that failed together come back one after the other, the last of them a quarter later.
      const spread = 1 + (delays++ % SPREAD_STEPS) / (4 * SPREAD_STEPS);
      await host.clock.sleep((delay ?? FIRST_DELAY_MS * 2 ** (tried - 1)) * spread, signal);
    }
  };

  return {
    place,
    server,
    host,
    credentials,
    timeoutMs,
    json: (request) =>
      perform(request, 'whole', async (response) => {
        const text = await response.body.text();
        try {
          return JSON.parse(text);
        } catch {
          throw isPage(response)
            ? webPage(response.statusCode, request.about, place)
            : failure('E_CLUSTER_FAILED', request.about, place, 'the answer is not JSON', { hint: ELSEWHERE_HINT });
        }
      }),
    stream: async (request) => {
      const body = await perform(request, 'headers', async (response) => response.body);
      return inWords(body, request, place);
    },
    open: async (request) => {
      const { headers, body } = await perform(request, 'headers', async (response) => response);
      const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
      return { headers: Object.fromEntries(flat), body: inWords(body, request, place) };
    },
    async close() {
      // Requests that wait for their next try would open connections anew.
      closing.abort(new Error('The cluster was closed.'));
      credentials.close();
      await connections.close();
    },
  };
}

async function* inWords(body: AsyncIterable<Uint8Array>, request: ApiRequest, place: Place): AsyncIterable<Uint8Array> {
  try {
    yield* body;
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    throw transportFailure(error, request.about, place);
  }
}

function urlOf(server: string, { path, query = {} }: ApiRequest): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined && value !== '') given.set(key, String(value));
  return given.size === 0 ? `${server}${path}` : `${server}${path}?${given}`;
}

async function statusBody(response: Dispatcher.ResponseData): Promise<unknown> {
  const text = await response.body.text();
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Login pages, and the pages with which proxies excuse themselves, say nothing of Kubernetes, whatever their status. */
function isPage({ headers, statusCode }: Dispatcher.ResponseData): boolean {
  // A load balancer whose servers are all restarting says so in a page of its own.
  return statusCode < 500 && /^text\/html\b/.test(String(headers['content-type'] ?? ''));
}

/** Seconds; the API server does not send dates. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  const seconds = Number(Array.isArray(header) ? header[0] : header);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, LONGEST_DELAY_MS) : undefined;
}

interface TimeLimit {
  readonly signal: AbortSignal;
  expired(): boolean;
  stop(): void;
}

/** A signal of its own, so that the reading of a stream can outlive the limit but not the caller's signal. */
function timeLimit(ms: number, outer: AbortSignal): TimeLimit {
  const controller = new AbortController();
  let expired = false;
  const expire = (): void => {
    expired = true;
    controller.abort();
  };
  const timer = ms > 0 ? setTimeout(expire, ms) : undefined;
  return {
    signal: AbortSignal.any([outer, controller.signal]),
    expired: () => expired,
    stop: () => clearTimeout(timer),
  };
}

interface ConnectionPool {
  for(credentials: Credentials): Dispatcher;
  close(): Promise<void>;
}

/** Connections are kept alive and shared; a new client certificate needs new ones. */
function connectionPool(proxy: string | undefined, closing: AbortSignal): ConnectionPool {
  const pools = new Map<string, Dispatcher>();
  return {
    for({ tls }) {
      const key = JSON.stringify(tls);
      const pool = pools.get(key) ?? poolFor(proxy, tls, closing);
      pools.set(key, pool);
      return pool;
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
      pools.clear();
    },
  };
}

/** Limits on silence are ours, for the whole request; watches and logs are silent for long. */
const PATIENT = { headersTimeout: 0, bodyTimeout: 0, connections: 16 } as const;

function poolFor(proxy: string | undefined, tls: Tls, closing: AbortSignal): Dispatcher {
  return new Agent({
    ...PATIENT,
    connect: ({ protocol, hostname, port }, callback) => {
      openSocket(new URL(`${protocol}//${hostname}${port && `:${port}`}`), proxy, tls, closing).then(
        (socket) => callback(null, socket),
        (error: Error) => callback(error, null),
      );
    },
  });
}
