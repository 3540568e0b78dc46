import { readFileSync } from 'node:fs';
import { type GatewayServer, listen, type ListenSettings } from '@millrace/api-v2';
import { Failure } from '@millrace/failures';
import { Realtime } from '@millrace/realtime';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Environment } from './environment';

function contentOf(variable: 'TLS_CERT_FILE' | 'TLS_KEY_FILE', file: string | undefined): string {
  if (file === undefined) throw new Failure('INTERNAL_ERROR', `${variable} is not set, but TLS_PORT is: name a PEM file.`);
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new Failure('INTERNAL_ERROR', `${variable}=${file} cannot be read: ${(error as Error).message}`, { cause: error });
  }
}

/** Where the gateway listens. Throws when TLS_PORT is set without its files. */
export function listenSettings({ PORT, HOST, TLS_PORT, TLS_HOST, TLS_CERT_FILE, TLS_KEY_FILE }: Environment): ListenSettings {
  if (TLS_PORT === undefined) return { port: PORT, host: HOST };
  const identity = { certificate: contentOf('TLS_CERT_FILE', TLS_CERT_FILE), key: contentOf('TLS_KEY_FILE', TLS_KEY_FILE) };
  return { port: PORT, host: HOST, tls: { port: TLS_PORT, host: TLS_HOST, ...identity } };
}

/** Opens the gateway's ports; each serves socket.io too. Throws as `listenSettings` does, and when a port is taken. */
export function openPorts(app: NestFastifyApplication, env: Environment): Promise<readonly GatewayServer[]> {
  const realtime = app.get(Realtime, { strict: false });
  return listen(app, listenSettings(env), (server) => realtime.attach(server));
}
