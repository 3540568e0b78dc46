import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type BlobStoreSettings, openBlobStore } from '@millrace/blob-store';
import { systemClock } from '@millrace/config';
import type { Engine } from '@millrace/engine-kit';
import { connectBus, inboxPrefix, type WorkerService } from '@millrace/event-bus';
import { type Logger, nestLogger, serveHealth } from '@millrace/telemetry';
import { TaskRunner } from '../task-runner';
import { Worker } from '../worker';
import { BlobRunFiles } from './blob-run-files';
import { JetStreamWorkBus } from './jetstream-work-bus';
import { WorkerModule } from './worker.module';

export interface WorkerProcessSettings {
  readonly pool: WorkerService;
  readonly region: string;
  readonly slots: number;
  /** Between two beats of a run, ms. */
  readonly beatMs: number;
  readonly nats: { readonly url: string; readonly user?: string; readonly password?: string };
  readonly blobs: BlobStoreSettings;
  /** Private folders of this process's runs lie in a folder of its own under it; removed at start and end. */
  readonly scratchDir: string;
  readonly health: { readonly host: string; readonly port: number };
  readonly instance: string;
  readonly log: Logger;
}

/** Starts a worker process that hosts `engines`. Rejects when there is none to host. */
export async function runWorker(settings: WorkerProcessSettings, engines: readonly Engine[]): Promise<INestApplicationContext> {
  const { pool, region, slots, beatMs, nats, blobs, health, instance, log } = settings;
  const worker = `${pool}-${instance}-${randomUUID().slice(0, 8)}`;
  const scratch = path.join(settings.scratchDir, `${pool}-${instance}`);
  // What a killed predecessor left: its runs are lost, and nobody else uses this folder.
  await rm(scratch, { recursive: true, force: true });
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const bus = await connectBus({ ...nats, name: worker, inboxPrefix: inboxPrefix(pool), log });
  const workBus = new JetStreamWorkBus(bus);
  const runner = new TaskRunner({
    worker,
    bus: workBus,
    files: new BlobRunFiles(openBlobStore(blobs), scratch),
    clock: systemClock,
    log,
    newRun: randomUUID,
    beatMs,
    logFor: ({ stream, task, traceparent }, run, job) => log.child({ job_id: job ?? stream, task_id: task, run_id: run, ...(traceparent && { trace_id: traceparent.split('-')[1] }) }),
  });
  const parts = { bus, engines, worker: new Worker({ worker, pool, region, slots }, engines, runner, workBus, systemClock, log) };
  const app = await NestFactory.createApplicationContext(WorkerModule.register(parts), { logger: nestLogger(log) });
  app.enableShutdownHooks();
  await serveHealth({ ...health, ready: async () => ({ nats: bus.connected, scratch: (await readdir(scratch)).length >= 0 }) });
  log.info({ worker, engines: engines.map(({ name, version }) => `${name} ${version}`), slots }, 'The worker takes invitations');
  return app;
}
