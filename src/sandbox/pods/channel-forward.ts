/** Port forwards by `v4.channel.k8s.io`: a channel for the data and one for errors of each port, named by the first byte. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { type PodPorts, refusal } from './spdy-forward.ts';

export function forwardChannels(socket: WebSocket, ports: PodPorts, wanted: readonly number[]): void {
  const send = (channel: number, bytes: Uint8Array): void => {
    if (socket.readyState === socket.OPEN) socket.send(Buffer.concat([Buffer.from([channel]), bytes]));
  };
  const connections = wanted.map((port, index): Duplex | undefined => {
    const [data, error] = [index * 2, index * 2 + 1];
    const number = Buffer.alloc(2);
    number.writeUInt16LE(port);
    send(data, number);
    send(error, number);
    const fail = (): void => {
      send(error, Buffer.from(refusal(ports.pod, port)));
      socket.close();
    };
    const connection = ports.dial(port);
    if (!connection) {
      fail();
      return undefined;
    }
    connection.on('data', (bytes) => send(data, bytes));
    connection.once('error', fail);
    // The channels have no end of their own: with the only port's connection the socket goes too.
    connection.once('close', () => {
      if (wanted.length === 1) socket.close();
    });
    return connection;
  });
  socket.on('message', (message: Buffer) => {
    const channel = message[0] ?? 0;
    if (channel % 2 === 0) connections[channel / 2]?.write(message.subarray(1));
  });
  socket.on('error', () => socket.terminate());
  socket.on('close', () => {
    for (const connection of connections) connection?.destroy();
  });
}
