import { duration, integer, key, port, secret } from '@millrace/config';
import { blobStoreProblems, blobStoreVariables } from '@millrace/orchestration';
import { z } from 'zod';

/** AES-256. */
const MASTER_KEY_BYTES = 32;

/** The variables of the orchestrator. */
export const environment = z.object({
  PORT: port(3001),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: secret({ example: 'postgres://millrace:secret@127.0.0.1:5432/millrace' }),
  NATS_URL: z.string().meta({ example: 'nats://127.0.0.1:4222' }),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: secret().optional(),
  ...blobStoreVariables,
  PUBLIC_URL: z.url(),
  MASTER_KEY: key(MASTER_KEY_BYTES),
  URL_SIGNING_SECRET: secret({ minLength: 16 }),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().default('0'),
  /** A run whose beats stop for so long is lost. */
  LEASE: duration('20s'),
  /** A task may wait so long for an engine that nobody hosts. */
  ENGINE_UNAVAILABLE_AFTER: duration('15m'),
  /** No lease is judged so long after this process took its lead, or NATS or Postgres came back. */
  SETTLE: duration('25s'),
  /** A task whose runs were lost so often fails. */
  MAX_LOSSES: integer(20, { min: 1, max: 100 }),
  /** Wait after the first lost run of a task; it doubles with each further one, up to a minute. */
  LOSS_BACKOFF: duration('1s'),
  /** Ended jobs and their files stay so long. */
  RETENTION: duration('24h'),
}).superRefine(blobStoreProblems);
