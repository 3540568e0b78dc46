import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** Hears whatever comes to a loopback port by TCP or UDP. */
export class Listener {
  /** What came, as "GET /path" or "udp". */
  readonly hits: string[] = [];

  private constructor(
    readonly port: number,
    private readonly closing: () => Promise<void>,
  ) {}

  static async start(): Promise<Listener> {
    const server = http.createServer((_, answer) => answer.end());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = createSocket('udp4').bind(port, '127.0.0.1');
    await once(socket, 'listening');
    const listener = new Listener(port, async () => {
      socket.close();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    });
    server.on('connection', () => listener.hits.push('tcp'));
    server.on('request', ({ method, url }) => listener.hits.push(`${method} ${url}`));
    socket.on('message', () => listener.hits.push('udp'));
    return listener;
  }

  url(path: string): string {
    return `http://127.0.0.1:${this.port}/${path}`;
  }

  close(): Promise<void> {
    return this.closing();
  }
}
