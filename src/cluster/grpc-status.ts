/** How a gRPC call ended. @see https://github.com/grpc/grpc/blob/master/doc/statuscodes.md */
import { GRPC_CODES } from '../text/grpc-codes.ts';

type Headers = Readonly<Record<string, unknown>>;

export interface GrpcStatus {
  /** `OK`, `UNAUTHENTICATED`, … */
  readonly name: string;
  /** The server's words; empty where it has none. */
  readonly message: string;
}

/** @returns undefined when the headers or trailers tell of no status */
export function statusIn(headers: Headers): GrpcStatus | undefined {
  const code = headers['grpc-status'];
  if (code === undefined) return undefined;
  return { name: GRPC_CODES[Number(code)] ?? 'UNKNOWN', message: unescaped(String(headers['grpc-message'] ?? '')) };
}

/** Why headers are not those of a gRPC server, as a clause; undefined when they are. */
export function strangeHead(headers: Headers): string | undefined {
  const status = headers[':status'];
  if (status !== 200) return `it answered with ${status}`;
  return /^application\/grpc(?:$|[+;])/.test(String(headers['content-type'] ?? '')) ? undefined : 'what listens there speaks no gRPC';
}

/** Whatever is not printable is written as `%0A`, in UTF-8. */
function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
