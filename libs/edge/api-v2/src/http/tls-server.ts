import { createServer, type Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { answerClientError } from './client-error';
import { SERVER_TIMES } from './server-times';

/** A certificate with its chain, and its key; both PEM. */
export interface TlsIdentity {
  readonly certificate: string;
  readonly key: string;
}

/** How often connections that have become idle are closed while the server stops, ms. */
const IDLE_EVERY_MS = 50;

/** Closes the server once its requests are answered. */
function close(server: Server): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setInterval(() => server.closeIdleConnections(), IDLE_EVERY_MS);
    server.close(() => {
      clearInterval(timer);
      resolve();
    });
  });
}

/** A second server over the routes of `instance`, not listening yet. It stops with the instance. Throws what OpenSSL says about a bad identity. */
export function createTlsServer(instance: FastifyInstance, { certificate, key }: TlsIdentity): Server {
  const server = createServer({ cert: certificate, key, minVersion: 'TLSv1.2', handshakeTimeout: SERVER_TIMES.headersTimeout, ...SERVER_TIMES }, (request, response) => instance.routing(request, response));
  server.on('clientError', answerClientError);
  // A failed handshake is the client's affair: it has no answer but the end of the connection.
  server.on('tlsClientError', (_, socket) => socket.destroy());
  instance.addHook('preClose', () => close(server));
  return server;
}
