/** gRPC's own status codes. @see https://grpc.io/docs/guides/status-codes/ */
const NAMES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS', 'PERMISSION_DENIED'],
  ...['RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED', 'OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE'],
  ...['DATA_LOSS', 'UNAUTHENTICATED'],
];

/** `14 UNAVAILABLE`. */
export const grpcStatusText = (code: number): string => (NAMES[code] === undefined ? String(code) : `${code} ${NAMES[code]}`);
