import { list, port, secret } from '@millrace/config';
import { z } from 'zod';

/** The variables of the webhook dispatcher. */
export const environment = z.object({
  PORT: port(3003),
  HOST: z.string().default('127.0.0.1'),
  DATABASE_URL: secret({ example: 'postgres://millrace:secret@127.0.0.1:5432/millrace' }),
  NATS_URL: z.string().meta({ example: 'nats://127.0.0.1:4222' }),
  NATS_USER: z.string().optional(),
  NATS_PASSWORD: secret().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  INSTANCE: z.string().default('0'),
  /** Hosts, host:port, addresses or CIDRs that may be reached although private. */
  SAFE_FETCH_ALLOW: list(''),
  /** As customers reach the gateway, without `/v2`; webhooks never go there. */
  PUBLIC_URL: z.url().optional(),
  /** Waits before each retry of a delivery, ms, separated by commas. */
  WEBHOOK_RETRY_MS: list('10000,60000,300000').refine((waits) => waits.every((wait) => /^\d{1,9}$/.test(wait)), 'is not a list of milliseconds'),
});
