import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Server } from 'node:net';
import { createServer as createTcpServer, type Socket } from 'node:net';
import type { SelfSigned } from './self-signed';

/** A server on loopback that counts what reaches it. */
export interface Listener {
  readonly port: number;
  /** Connections accepted so far. */
  readonly hits: () => number;
  /** Connections open now. */
  readonly open: () => number;
  readonly requests: readonly IncomingMessage[];
  close(): Promise<void>;
}

async function listen(server: Server, host: string, requests: IncomingMessage[]): Promise<Listener> {
  const sockets = new Set<Socket>();
  let hits = 0;
  server.on('connection', (socket: Socket) => {
    hits += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    hits: () => hits,
    open: () => sockets.size,
    requests,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** HTTP, or HTTPS when `tls` is given. */
export function listenHttp(handler: RequestListener, { host = '127.0.0.1', tls }: { host?: string; tls?: SelfSigned } = {}): Promise<Listener> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (request, response) => {
    requests.push(request);
    handler(request, response);
  };
  return listen(tls ? createTlsServer(tls, listener) : createServer(listener), host, requests);
}

/** Raw TCP, for answers no HTTP server would give. */
export function listenTcp(handler: (socket: Socket) => void, host = '127.0.0.1'): Promise<Listener> {
  return listen(createTcpServer(handler), host, []);
}
