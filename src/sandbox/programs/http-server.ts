import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { streamPair } from './stream-pair.ts';

/**
 * An HTTP server that listens on no port of the machine, and is the same for all places that it can be reached at.
 * @returns a function that opens a connection to it
 */
export function httpServer<Place = undefined>(
  handle: (request: IncomingMessage, response: ServerResponse, place: Place) => void,
): (place: Place) => Duplex {
  const places = new WeakMap<object, { readonly place: Place }>();
  const server = createServer((request, response) => {
    const found = places.get(request.socket);
    if (found) handle(request, response, found.place);
    else response.destroy();
  });
  return (place) => {
    const [near, far] = streamPair();
    // Whoever opened it may go at any time.
    far.on('error', () => far.destroy());
    places.set(far, { place });
    server.emit('connection', far);
    return near;
  };
}
