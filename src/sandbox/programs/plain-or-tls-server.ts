import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { Certificate } from '../pki/certificate.ts';
import { streamPair } from './stream-pair.ts';

/** First byte of a TLS record that holds a handshake; no HTTP method begins with it. */
const HANDSHAKE = 0x16;

/**
 * A server that speaks HTTP, and HTTPS to clients that begin with a handshake, on no port of the machine.
 * @returns a function that opens a connection to it
 */
export function plainOrTlsServer(handle: RequestListener, certificate: () => Pick<Certificate, 'certificatePem' | 'keyPem'>): () => Duplex {
  const server = createServer(handle);
  return () => {
    const [near, far] = streamPair();
    far.on('error', () => far.destroy());
    far.once('readable', () => {
      const first = far.read() as Buffer | null;
      if (first === null) {
        far.destroy();
        return;
      }
      far.unshift(first);
      server.emit('connection', first[0] === HANDSHAKE ? serverSide(far, certificate()) : far);
    });
    return near;
  };
}

function serverSide(stream: Duplex, { certificatePem, keyPem }: Pick<Certificate, 'certificatePem' | 'keyPem'>): TLSSocket {
  const socket = new TLSSocket(stream, { isServer: true, cert: certificatePem, key: keyPem });
  // A client that does not trust the certificate goes in the middle of the handshake.
  socket.on('error', () => socket.destroy());
  return socket;
}
