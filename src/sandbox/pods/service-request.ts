/** HTTPS requests that the API server itself makes to services: to webhooks and to aggregated APIs. */
import { type ClientRequest, type IncomingMessage, type OutgoingHttpHeaders, request } from 'node:http';
import { connect as connectTls } from 'node:tls';
import type { Backend } from '../api/backend.ts';
import { DialProblem, dialEndpoint, endpointOf, type ServicePort } from './dial.ts';

export interface ServiceTrust {
  /** PEM of the authorities; the public ones when it is empty, as for any client. */
  readonly authorities: string;
  /** Takes any certificate. */
  readonly insecure?: boolean;
}

export interface ServiceRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: OutgoingHttpHeaders;
  readonly signal: AbortSignal;
}

/**
 * A request whose body is still to be written, and the answer to come. A failure to connect rejects the answer with a
 * DialProblem in the words of the API server, which is written in Go.
 */
export function requestService(
  backend: Backend,
  service: ServicePort,
  trust: ServiceTrust,
  { method, path, headers, signal }: ServiceRequest,
): { readonly sent: ClientRequest; readonly answer: Promise<IncomingMessage> } {
  const connection = dialEndpoint(backend, endpointOf(backend, service));
  // A stream that fails while the handshake runs is told by the socket above it.
  connection.on('error', () => undefined);
  const host = `${service.name}.${service.namespace}.svc`;
  const socket = connectTls({
    socket: connection,
    servername: host,
    ca: trust.authorities,
    rejectUnauthorized: trust.insecure !== true,
    ALPNProtocols: ['http/1.1'],
  });
  socket.once('close', () => connection.destroy());
  const sent = request({ createConnection: () => socket, method, path, headers: { host: `${host}:${service.port}`, ...headers }, signal });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.on('error', (error) => reject(new DialProblem(inGoWords(error, host))));
  });
  return { sent, answer };
}

const UNKNOWN_AUTHORITY = new Set([
  'CERT_SIGNATURE_FAILURE',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);

function inGoWords(error: Error, host: string): string {
  const { code = '', name } = error as NodeJS.ErrnoException;
  const unverified = (why: string): string => `tls: failed to verify certificate: x509: ${why}`;
  if (name === 'AbortError' || name === 'TimeoutError') return 'context deadline exceeded';
  if (UNKNOWN_AUTHORITY.has(code)) return unverified('certificate signed by unknown authority');
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') return unverified('certificate has expired or is not yet valid');
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') return unverified(`certificate is valid for ${namesIn(error)}, not ${host}`);
  if (code === 'ECONNRESET' || code === 'ERR_STREAM_PREMATURE_CLOSE') return 'EOF';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'tls: first record does not look like a TLS handshake';
  return error.message;
}

const namesIn = (error: Error): string =>
  (error as Error & { readonly cert?: { readonly subjectaltname?: string } }).cert?.subjectaltname?.replace(/DNS:/g, '') ?? 'no name';
