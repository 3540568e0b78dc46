import { availableParallelism, hostname } from 'node:os';
import path from 'node:path';
import { blobStoreProblems, blobStoreSettings, blobStoreVariables } from '@millrace/blob-store';
import { boolean, bytes, duration, integer, list, port, secret } from '@millrace/config';
import type { WorkerService } from '@millrace/event-bus';
import { createLogger, type Logger } from '@millrace/telemetry';
import { z } from 'zod';
import type { WorkerProcessSettings } from './run-worker';

const base = {
  PORT: port(3002),
  HOST: z.string().default('127.0.0.1'),
  NATS_URL: z.string().meta({ example: 'nats://127.0.0.1:4222' }),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: secret().optional(),
  ...blobStoreVariables,
  SCRATCH_DIR: z.string().meta({ example: '/var/lib/millrace/scratch' }),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/).default(hostname().replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 64)),
  /** Between two beats of a run; at most a quarter of LEASE at the orchestrator. */
  BEAT: duration('5s'),
  REGION: z.string().regex(/^[a-z0-9-]{1,32}$/).default('local'),
};

/** The variables of an engine pool. */
export const engineEnvironment = z.object({
  ...base,
  /** Runs at a time in this process. */
  SLOTS: integer(availableParallelism(), { min: 1, max: 256 }),
  ENGINES: list(''),
  SANDBOX: z.enum(['bwrap', 'off']).default('bwrap'),
  FAULT_ENGINE: boolean('off'),
}).superRefine(blobStoreProblems);

/** The variables of the import and export services; their runs wait for the network more than they work. */
export const connectorEnvironment = z.object({
  ...base,
  SLOTS: integer(16, { min: 1, max: 1024 }),
  /** Hosts, host:port, addresses or CIDRs that may be reached although private. */
  SAFE_FETCH_ALLOW: list(''),
  MAX_IMPORT_BYTES: bytes('10GB'),
}).superRefine(blobStoreProblems);

type BaseEnvironment = z.output<z.ZodObject<typeof base>> & { SLOTS: number };

/** Settings of a worker process from its environment. */
export function workerSettings(service: string, pool: WorkerService, env: BaseEnvironment): WorkerProcessSettings & { log: Logger; stateDir: string } {
  return {
    stateDir: path.join(env.SCRATCH_DIR, `${pool}-${env.INSTANCE}-engines`),
    pool,
    region: env.REGION,
    slots: env.SLOTS,
    beatMs: env.BEAT,
    nats: { url: env.NATS_URL, ...(env.NATS_USER && { user: env.NATS_USER }), ...(env.NATS_PASSWORD && { password: env.NATS_PASSWORD.reveal() }) },
    blobs: blobStoreSettings(env),
    scratchDir: env.SCRATCH_DIR,
    health: { host: env.HOST, port: env.PORT },
    instance: env.INSTANCE,
    log: createLogger({ service, level: env.LOG_LEVEL, instance: env.INSTANCE }),
  };
}
