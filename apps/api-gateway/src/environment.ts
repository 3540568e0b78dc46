import { blobStoreProblems, blobStoreVariables } from '@millrace/access';
import { boolean, bytes, duration, integer, key, list, port, secret } from '@millrace/config';
import { DEFAULT_DOMAIN, DOMAIN_NAME } from '@millrace/contracts';
import { z } from 'zod';

/** AES-256. */
const MASTER_KEY_BYTES = 32;

/** The variables of the gateway. */
export const environment = z.object({
  PORT: port(3000),
  HOST: z.string().default('127.0.0.1'),
  /** A second port, over TLS; it needs the two files. */
  TLS_PORT: port().optional(),
  TLS_HOST: z.string().default('127.0.0.1'),
  TLS_CERT_FILE: z.string().meta({ example: '/etc/millrace/tls/server.pem' }).optional(),
  TLS_KEY_FILE: z.string().meta({ example: '/etc/millrace/tls/server-key.pem' }).optional(),
  DATABASE_URL: secret({ example: 'postgres://millrace:secret@127.0.0.1:5432/millrace' }),
  NATS_URL: z.string().meta({ example: 'nats://127.0.0.1:4222' }),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: secret().optional(),
  ...blobStoreVariables,
  /** As customers reach the gateway, without `/v2`. */
  PUBLIC_URL: z.url(),
  /** Domains whose hosts (`api.`, `sync.api.`, `storage.`, ...) answer with links to one another; everybody else gets PUBLIC_URL. */
  HOST_NAMES: list(DEFAULT_DOMAIN).refine((names) => names.every((name) => DOMAIN_NAME.test(name)), 'names something that is no domain in lower case'),
  /** Believes X-Forwarded-Host and X-Forwarded-Proto; only behind a proxy that sets both. */
  TRUST_PROXY: boolean('off'),
  MASTER_KEY: key(MASTER_KEY_BYTES),
  URL_SIGNING_SECRET: secret({ minLength: 16 }),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().optional(),
  REGION: z.string().regex(/^[a-z0-9-]{1,32}$/).default('local'),
  FAULT_ENGINE: boolean('off'),
  MAX_TASKS_PER_JOB: integer(500, { min: 1, max: 500 }),
  MAX_JSON_BYTES: bytes('1MB'),
  MAX_CONTENT_JSON_BYTES: bytes('16MB'),
  MAX_LARGE_BODIES: integer(8, { min: 1 }),
  MAX_JSON_DEPTH: integer(32, { min: 4 }),
  MAX_UPLOAD_BYTES: bytes('10GB'),
  /** These two as in the orchestrator: whoever queues a task or ends a job writes the timer of what comes next. */
  ENGINE_UNAVAILABLE_AFTER: duration('15m'),
  RETENTION: duration('24h'),
}).superRefine(blobStoreProblems);
export type Environment = z.output<typeof environment>;
