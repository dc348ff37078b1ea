/**
 * HTTP to a port of a pod, through the API server. A connection is a WebSocket that carries the
 * bytes of one TCP connection; undici speaks HTTP over it and keeps it for the next request.
 */
import type { Duplex } from 'node:stream';
import { Client, type Dispatcher } from 'undici';
import { MeshctlError } from '../errors.ts';
import type { PodPort, PodRequest, ServedKind } from '../model/cluster.ts';
import type { Ref } from '../model/resource.ts';
import type { Credentials } from './credentials.ts';
import { excerpt, failure, type Place, statusFailure, timeoutFailure, transportFailure } from './errors.ts';
import { forwardSocket } from './forward-socket.ts';
import type { GrpcCalls } from './grpc-calls.ts';
import { aboutObject, objectPath } from './paths.ts';
import type { Api } from './request.ts';
import { unlessAborted } from './unless-aborted.ts';

const ATTEMPTS = 3;
const FIRST_DELAY_MS = 250;

export interface OpenPort extends PodPort {
  close(): Promise<void>;
}

export function openPort(api: Api, pods: () => Promise<ServedKind>, pod: Ref, port: number): OpenPort {
  const target = `port ${port} of Pod ${pod.namespace}/${pod.name}`;
  const { place } = api;
  const closing = new AbortController();

  const connect = async (): Promise<Duplex> => {
    const served = await pods();
    const about = { ...aboutObject('create', pod, served, 'portforward'), what: `a port-forward to ${target}` };
    const open = async (credentials: Credentials): Promise<Duplex> => {
      closing.signal.throwIfAborted();
      const url = `${api.server.replace(/^http/, 'ws')}${objectPath(served, pod)}/portforward?ports=${port}`;
      const options = { ...credentials, proxy: api.credentials.proxy, timeoutMs: api.timeoutMs || undefined, signal: closing.signal };
      return forwardSocket(url, options, (problem) => {
        if (problem.is === 'status') return refusal(problem.status, problem.body, about, place);
        if (problem.is === 'timeout') return timeoutFailure(api.timeoutMs, about, place);
        if (problem.is === 'lost') return transportFailure(problem.error, about, place);
        return failure('E_POD_PORT', { verb: 'reach', what: target }, place, excerpt(problem.said, place.secrets).replace(/\.$/, ''), {
          hint: 'Is the container running, and does it listen on this port?',
        });
      });
    };
    /** A server that is busy has forwarded nothing, so that it may be asked again. */
    const patiently = async (given: Credentials): Promise<Duplex> => {
      for (let tried = 1; ; tried++) {
        try {
          return await open(given);
        } catch (error) {
          if (!(error instanceof MeshctlError && error.code === 'E_CLUSTER_FAILED') || tried >= ATTEMPTS) throw error;
          await api.host.clock.sleep(FIRST_DELAY_MS * 2 ** (tried - 1), closing.signal);
        }
      }
    };
    const credentials = await api.credentials.current();
    try {
      return await patiently(credentials);
    } catch (error) {
      if (!(error instanceof MeshctlError) || error.code !== 'E_CLUSTER_UNAUTHORIZED' || !api.credentials.renew(credentials)) throw error;
      return patiently(await api.credentials.current());
    }
  };

  const settings: Client.Options = {
    pipelining: 1,
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: 60_000,
    connect: (_options, callback) => {
      // undici takes any duplex stream; its types ask for a socket.
      connect().then(
        (duplex) => callback(null, duplex as never),
        (error: Error) => callback(error, null),
      );
    },
  };
  const origin = `http://localhost:${port}`;
  /** Requests share one connection and take turns; those that may not end, such as a tap, have one each, which ends with them. */
  const requests = new Client(origin, settings);
  const streams = new Set<Client>();
  let grpc: Promise<GrpcCalls> | undefined;

  const ask = async (
    client: Dispatcher,
    path: string,
    options: PodRequest,
    signal: AbortSignal | undefined,
  ): Promise<Dispatcher.ResponseData> => {
    const method = (options.method ?? 'GET') as Dispatcher.HttpMethod;
    // undici hears of the signal only when it has a connection.
    const send = (): Promise<Dispatcher.ResponseData> =>
      unlessAborted(
        client.request({ path, method, headers: options.headers ?? {}, body: options.body ?? null, ...(signal ? { signal } : {}) }),
        signal,
      );
    try {
      return await send();
    } catch (error) {
      // A connection that was kept may have died meanwhile.
      const died = /^(UND_ERR_SOCKET|ECONNRESET|EPIPE)$/.test((error as { readonly code?: string }).code ?? '');
      if (method !== 'GET' || !died || signal?.aborted) throw error;
      return send();
    }
  };

  const inWords = (error: unknown, options: PodRequest, limit?: AbortSignal): unknown => {
    if (options.signal?.aborted) return options.signal.reason;
    if (limit?.aborted) return timeoutFailure(api.timeoutMs, { verb: 'reach', what: target }, place);
    return transportFailure(error, { verb: 'reach', what: target }, place);
  };

  return {
    async request(path, options = {}) {
      const limit = api.timeoutMs > 0 ? AbortSignal.timeout(api.timeoutMs) : undefined;
      const signals = [options.signal, limit].filter((signal) => signal !== undefined);
      try {
        const { statusCode, headers, body } = await ask(requests, path, options, AbortSignal.any(signals));
        const flat = Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
        return { status: statusCode, headers: Object.fromEntries(flat), body: await body.text() };
      } catch (error) {
        throw inWords(error, options, limit);
      }
    },
    async *stream(path, options = {}) {
      const client = new Client(origin, settings);
      streams.add(client);
      try {
        const { statusCode, body } = await ask(client, path, options, options.signal);
        if (statusCode >= 400) {
          const said = excerpt(await body.text(), place.secrets);
          throw failure(
            'E_POD_PORT',
            { verb: 'read', what: `${path} at ${target}` },
            place,
            `the proxy answered with ${statusCode}${said && `: ${said}`}`,
          );
        }
        yield* body;
      } catch (error) {
        if (options.signal?.aborted) return;
        throw inWords(error, options);
      } finally {
        streams.delete(client);
        await client.destroy();
      }
    },
    async *call(method, message, options = {}) {
      grpc ??= import('./grpc-calls.ts').then(({ grpcCalls }) =>
        grpcCalls({ connect, target, place, timeoutMs: api.timeoutMs, userAgent: `meshctl/${api.host.versions.meshctl}` }),
      );
      yield* (await grpc).call(method, message, options);
    },
    async close() {
      closing.abort();
      await (await grpc)?.close();
      await Promise.all([requests, ...streams].map((client) => client.destroy()));
    },
  };
}

function refusal(status: number, body: string, about: Parameters<typeof statusFailure>[2], place: Place): MeshctlError {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = { message: body };
  }
  if (status === 404) return failure('E_CLUSTER_NOT_FOUND', about, place, 'the pod does not exist');
  return statusFailure(status, parsed, about, place);
}
