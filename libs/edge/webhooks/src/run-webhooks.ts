import 'reflect-metadata';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { nestLogger, serveHealth } from '@millrace/telemetry';
import { openWebhooks, WebhooksModule, type WebhookSettings } from './webhooks.module';

/** Starts a dispatcher with its health port. Rejects when Postgres is away or has an older schema. */
export async function runWebhooks(settings: WebhookSettings, health: { host: string; port: number }): Promise<INestApplicationContext> {
  const parts = await openWebhooks(settings);
  const app = await NestFactory.createApplicationContext(WebhooksModule.register(parts), { logger: nestLogger(settings.log) });
  app.enableShutdownHooks();
  await serveHealth({ ...health, ready: async () => ({ postgres: await parts.database.ping().then(() => true) }) });
  return app;
}
