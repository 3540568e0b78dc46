import { NestFactory } from '@nestjs/core';
import type { INestMicroservice } from '@nestjs/common';
import { JetStreamServer, PassThroughRpcFilter } from '@millrace/event-bus';
import { requireSchema } from '@millrace/database';
import { nestLogger, serveHealth } from '@millrace/telemetry';
import { OrchestrationModule } from './orchestration.module';
import { openOrchestration, type OrchestrationSettings } from './parts';

/** Starts an orchestrator with its health port. Rejects when Postgres is reachable and has an older schema. */
export async function runOrchestrator(settings: OrchestrationSettings, health: { host: string; port: number }): Promise<INestMicroservice> {
  const parts = await openOrchestration(settings);
  await requireSchema(parts.database.kysely);
  const app = await NestFactory.createMicroservice(OrchestrationModule.register(parts), {
    strategy: new JetStreamServer(parts.bus),
    logger: nestLogger(settings.log),
  });
  app.useGlobalFilters(new PassThroughRpcFilter());
  app.enableShutdownHooks();
  await app.listen();
  await serveHealth({ ...health, ready: async () => ({ postgres: await parts.database.ping().then(() => true), nats: parts.bus.connected }) });
  return app;
}
