/** Names of gRPC's status codes, by number. @see https://grpc.io/docs/guides/status-codes/ */
export const GRPC_CODES: readonly string[] = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED'],
  ...['RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE'],
  ...['DATA_LOSS', 'UNAUTHENTICATED'],
];

/** `14 UNAVAILABLE`. */
export const grpcCodeText = (code: number): string => (GRPC_CODES[code] === undefined ? String(code) : `${code} ${GRPC_CODES[code]}`);
