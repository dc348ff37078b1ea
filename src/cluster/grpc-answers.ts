/** What the server makes of one call: its messages, and how it ended. */
import { type ClientHttp2Stream, constants } from 'node:http2';
import { FrameProblem, messagesIn } from './grpc-frames.ts';
import { type GrpcStatus, statusIn, strangeHead } from './grpc-status.ts';

/** The call ended with another status than OK. */
export class StatusProblem extends Error {
  readonly status: GrpcStatus;

  constructor(status: GrpcStatus) {
    super(status.name);
    this.status = status;
  }
}

/**
 * What a stream answers, to its end.
 * @throws StatusProblem when it does not end well, FrameProblem, and errors of the connection
 */
export async function* answersOf(stream: ClientHttp2Stream, largest: number, stop: AbortSignal): AsyncIterable<Uint8Array> {
  let head: Readonly<Record<string, unknown>> | undefined;
  let status: GrpcStatus | undefined;
  stream.once('response', (headers) => {
    head = headers;
    status = statusIn(headers);
  });
  stream.once('trailers', (trailers) => {
    status = statusIn(trailers);
  });
  // An error that comes after the last of the answers has been taken is nobody's.
  stream.on('error', () => {});
  const end = (): void => {
    stream.close(constants.NGHTTP2_CANCEL);
    stream.destroy(stop.reason);
  };
  stop.addEventListener('abort', end, { once: true });
  const judged = async function* (): AsyncIterable<Uint8Array> {
    for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
      if (head && strangeHead(head)) return;
      yield chunk as Uint8Array;
    }
  };
  const { session } = stream;
  try {
    stop.throwIfAborted();
    yield* messagesIn(judged(), largest);
  } catch (error) {
    // A server may close a call that it has answered for, before all of it has been read.
    if (stop.aborted || !status || status.name === 'OK') throw error instanceof FrameProblem && session?.destroyed ? lost() : error;
  } finally {
    stop.removeEventListener('abort', end);
    if (!stream.closed) stream.close(constants.NGHTTP2_CANCEL);
  }
  const strange = head && strangeHead(head);
  if (strange !== undefined) throw new FrameProblem(strange);
  if (!status) throw session?.destroyed || !head ? lost() : new FrameProblem('the answer is cut off');
  if (status.name !== 'OK') throw new StatusProblem(status);
}

const lost = (): Error => Object.assign(new Error('The connection ended.'), { code: 'ECONNRESET' });
