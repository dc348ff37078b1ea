/** gRPC to a port of a pod: calls share one connection for each way of securing it. */
import type { Duplex } from 'node:stream';
import { MeshctlError } from '../errors.ts';
import type { GrpcRequest } from '../model/cluster.ts';
import { type About, codeOf, excerpt, failure, type Place, timeoutFailure, transportFailure, transportReason } from './errors.ts';
import { answersOf, StatusProblem } from './grpc-answers.ts';
import { FrameProblem, framed } from './grpc-frames.ts';
import { IdentityProblem, openSession, type PodSession } from './pod-session.ts';
import { unlessAborted } from './unless-aborted.ts';

export interface GrpcPlace {
  /** A new connection to the port. */
  connect(): Promise<Duplex>;
  /** `port 15012 of Pod istio-system/istiod-1`. */
  readonly target: string;
  readonly place: Place;
  /** 0: no limit. */
  readonly timeoutMs: number;
  readonly userAgent: string;
}

export interface GrpcCalls {
  call(method: string, message: Uint8Array, request: GrpcRequest): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}

const LARGEST = 64 * 1024 * 1024;

export function grpcCalls({ connect, target, place, timeoutMs, userAgent }: GrpcPlace): GrpcCalls {
  const sessions = new Map<string, Promise<PodSession>>();
  const reaching = { verb: 'reach', what: target };

  const forget = (key: string, opening: Promise<PodSession>): void => {
    if (sessions.get(key) === opening) sessions.delete(key);
  };

  /** The connection that is kept, or a new one. */
  const sessionFor = (key: string, tls: GrpcRequest['tls']): { readonly opening: Promise<PodSession>; readonly isKept: boolean } => {
    const kept = sessions.get(key);
    if (kept) return { opening: kept, isKept: true };
    const opening = connect().then((stream) => openSession(stream, tls));
    sessions.set(key, opening);
    opening.then(
      ({ session }) => {
        for (const event of ['goaway', 'close'] as const) session.once(event, () => forget(key, opening));
      },
      () => forget(key, opening),
    );
    return { opening, isKept: false };
  };

  const inWords = (error: unknown, { tls, metadata = {} }: GrpcRequest, about: About): unknown => {
    if (error instanceof MeshctlError) return error;
    const secrets = [...place.secrets, ...Object.values(metadata).flatMap((value) => [value, value.replace(/^\w+ /, '')])];
    if (error instanceof StatusProblem) {
      const { name, message } = error.status;
      const said = excerpt(message, secrets).replace(/\.$/, '');
      return failure(`E_GRPC_${name}`, about, place, said === '' ? `it answered with ${name}` : `${name}: ${said}`);
    }
    if (error instanceof FrameProblem) return failure('E_POD_PORT', about, place, error.message);
    if (error instanceof IdentityProblem) {
      return failure('E_POD_TLS', { verb: 'trust', what: target }, place, transportReason(error, secrets), {
        hint: `It must prove to be ${tls?.names.join(' or ')}. Nothing was sent to it.`,
      });
    }
    if (codeOf(error) === 'ERR_HTTP2_ERROR') return failure('E_POD_PORT', about, place, 'what listens there speaks no HTTP/2');
    const code = /^ERR_(HTTP2|STREAM)_/.test(codeOf(error)) ? 'ECONNRESET' : codeOf(error);
    return transportFailure(Object.assign(new Error((error as Error).message), { code }), reaching, place);
  };

  return {
    async *call(method, message, request) {
      const { kind = 'single', tls, metadata = {}, signal, largest = LARGEST } = request;
      const about = { verb: 'call', what: `${method} at ${target}` };
      const key = JSON.stringify(tls ?? null);
      const limit = timeLimit(timeoutMs);
      const stop = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
      const headers = {
        ':method': 'POST',
        ':path': `/${method}`,
        ':authority': tls?.names[0] ?? 'localhost',
        ':scheme': tls ? 'https' : 'http',
        'content-type': 'application/grpc',
        te: 'trailers',
        'user-agent': userAgent,
        ...(kind === 'single' && timeoutMs > 0 && { 'grpc-timeout': `${timeoutMs}m` }),
        ...metadata,
      };
      let answered = false;
      try {
        for (let isRepeated = false; ; isRepeated = true) {
          const { opening, isKept } = sessionFor(key, tls);
          let pod: PodSession | undefined;
          try {
            pod = await unlessAborted(opening, stop);
            const stream = pod.session.request(headers);
            if (kind === 'conversation') stream.write(framed(message));
            else stream.end(framed(message));
            for await (const answer of answersOf(stream, largest, stop)) {
              answered = true;
              if (kind !== 'single') limit.stop();
              yield answer;
            }
            return;
          } catch (error) {
            // A connection that hangs is of no use to the next call; others that it serves may end on it.
            if (limit.expired()) {
              forget(key, opening);
              opening.then(({ session }) => session.close(), ignore);
            }
            if (!pod || stop.aborted || error instanceof StatusProblem || error instanceof FrameProblem) throw error;
            // A connection that was kept may have died meanwhile.
            if (!isKept || isRepeated || answered) throw (await problemOf(pod)) ?? error;
            forget(key, opening);
          }
        }
      } catch (error) {
        if (!signal?.aborted) throw limit.expired() ? timeoutFailure(timeoutMs, reaching, place) : inWords(error, request, about);
        if (kind === 'single') throw signal.reason;
      } finally {
        limit.stop();
      }
    },
    async close() {
      const open = [...sessions.values()];
      sessions.clear();
      for (const opening of open) opening.then(({ session }) => session.destroy(), ignore);
    },
  };
}

const ignore = (): void => {};

/** Why a connection ended, where it tells; it may do so a moment after its streams are gone. */
async function problemOf({ problem }: PodSession): Promise<unknown> {
  await new Promise((resolve) => setImmediate(resolve));
  return problem();
}

interface TimeLimit {
  readonly signal: AbortSignal;
  expired(): boolean;
  stop(): void;
}

function timeLimit(ms: number): TimeLimit {
  const controller = new AbortController();
  const timer = ms > 0 ? setTimeout(() => controller.abort(new Error('Too late.')), ms) : undefined;
  return { signal: controller.signal, expired: () => controller.signal.aborted, stop: () => clearTimeout(timer) };
}
