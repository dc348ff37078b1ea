/** Port forwards as kubectl makes them: SPDY in a WebSocket, a pair of streams for each connection. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { dataFrame, type Frame, pingFrame, SpdySession } from './spdy.ts';

export interface PodPorts {
  /** What is told when a port cannot be reached. */
  readonly pod: string;
  readonly dial: (port: number) => Duplex | undefined;
}

export const refusal = (pod: string, port: number): string =>
  `error forwarding port ${port} to pod ${pod}: failed to connect to localhost:${port} inside namespace, IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused`;

export function forwardSpdy(socket: WebSocket, ports: PodPorts): void {
  const session = new SpdySession();
  const connections = new Map<number, Duplex>();
  /** Streams for errors, by the request that they belong to. */
  const errors = new Map<string, number>();
  const send = (bytes: Uint8Array): void => {
    if (socket.readyState === socket.OPEN) socket.send(bytes);
  };
  const open = async ({ stream, headers }: Extract<Frame, { is: 'open' }>): Promise<void> => {
    send(await session.reply(stream));
    const request = headers.get('requestid') ?? '';
    if (headers.get('streamtype') === 'error') {
      errors.set(request, stream);
      return;
    }
    const errorStream = errors.get(request);
    const fail = (port: number): void => {
      if (errorStream !== undefined) send(dataFrame(errorStream, Buffer.from(refusal(ports.pod, port)), true));
      send(dataFrame(stream, Buffer.alloc(0), true));
    };
    const port = Number(headers.get('port'));
    const connection = ports.dial(port);
    if (!connection) return fail(port);
    connections.set(stream, connection);
    connection.on('data', (bytes) => send(dataFrame(stream, bytes)));
    connection.once('error', () => fail(port));
    connection.once('end', () => send(dataFrame(stream, Buffer.alloc(0), true)));
    connection.once('close', () => {
      connections.delete(stream);
      errors.delete(request);
      if (errorStream !== undefined) send(dataFrame(errorStream, Buffer.alloc(0), true));
    });
  };
  const take = async (frame: Frame): Promise<void> => {
    if (frame.is === 'open') await open(frame);
    else if (frame.is === 'ping') send(pingFrame(frame.id));
    else if (frame.is === 'goaway') socket.close();
    else if (frame.is === 'reset') connections.get(frame.stream)?.destroy();
    else {
      const connection = connections.get(frame.stream);
      if (frame.bytes.length > 0) connection?.write(frame.bytes);
      if (frame.fin) connection?.end();
    }
  };
  let queue = Promise.resolve();
  socket.on('message', (message: Buffer) => {
    queue = queue
      .then(async () => {
        for (const frame of await session.read(message)) await take(frame);
      })
      .catch(() => socket.terminate());
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const connection of connections.values()) connection.destroy();
    void queue.then(() => session.close());
  });
}
