import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Listens on the loopback address for anything that should not be said. */
export interface Listener {
  readonly port: number;
  readonly udpPort: number;
  /** Connections and packets so far. */
  hits(): number;
  close(): Promise<void>;
}

export async function listen(): Promise<Listener> {
  let hits = 0;
  const server = createServer((socket) => {
    hits += 1;
    socket.on('error', () => undefined);
    // Unread, it would never be seen to end.
    socket.resume();
    socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  const udp = createSocket('udp4');
  udp.on('message', () => void (hits += 1));
  server.listen(0, '127.0.0.1');
  udp.bind(0, '127.0.0.1');
  await Promise.all([once(server, 'listening'), once(udp, 'listening')]);
  return {
    port: (server.address() as AddressInfo).port,
    udpPort: udp.address().port,
    hits: () => hits,
    async close() {
      udp.close();
      server.close();
      await once(server, 'close');
    },
  };
}
