import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../pki/certificate.ts';
import { streamPair } from './stream-pair.ts';

/**
 * An HTTPS server that listens on no port of the machine.
 * @returns a function that opens a connection to it
 */
export function httpsServer(
  { certificatePem, keyPem }: Pick<Certificate, 'certificatePem' | 'keyPem'>,
  handle: RequestListener,
): () => Duplex {
  const server = createServer(handle);
  return () => {
    const [near, far] = streamPair();
    const socket = new TLSSocket(far, { isServer: true, cert: certificatePem, key: keyPem });
    // A client that does not trust the certificate goes in the middle of the handshake.
    socket.on('error', () => socket.destroy());
    server.emit('connection', socket);
    return near;
  };
}
