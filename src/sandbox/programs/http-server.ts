import { createServer, type RequestListener } from 'node:http';
import type { Duplex } from 'node:stream';
import { streamPair } from './stream-pair.ts';

/**
 * An HTTP server that listens on no port of the machine.
 * @returns a function that opens a connection to it
 */
export function httpServer(handle: RequestListener): () => Duplex {
  const server = createServer(handle);
  return () => {
    const [near, far] = streamPair();
    server.emit('connection', far);
    return near;
  };
}
