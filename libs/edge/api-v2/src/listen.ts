import type { Server as HttpServer } from 'node:http';
import type { Server as HttpsServer } from 'node:https';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { createTlsServer, type TlsIdentity } from './http/tls-server';

export interface ListenAddress {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
}

export interface ListenSettings extends ListenAddress {
  /** A second port, over TLS. */
  readonly tls?: ListenAddress & TlsIdentity;
}

export type GatewayServer = HttpServer | HttpsServer;

function open(server: GatewayServer, { port, host }: ListenAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

/**
 * Opens the ports of the gateway: the plain one, then the one over TLS. `attach` is called with each server before it listens, for protocols that
 * begin with an upgrade. Answers the servers. Rejects when a port cannot be bound or the TLS identity is none.
 */
export async function listen(app: NestFastifyApplication, { port, host, tls }: ListenSettings, attach: (server: GatewayServer) => void = () => undefined): Promise<readonly GatewayServer[]> {
  const plain = app.getHttpServer() as HttpServer;
  // Nest brings a Fastify of its own; the types of both are the same in what is used here. Its hooks are closed once it listens.
  const secure = tls && createTlsServer(app.getHttpAdapter().getInstance() as unknown as FastifyInstance, tls);
  const servers = [plain, ...(secure ? [secure] : [])];
  servers.forEach(attach);
  await app.listen({ port, host });
  if (secure) await open(secure, tls!);
  return servers;
}
