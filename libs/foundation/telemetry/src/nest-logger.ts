import type { LoggerService } from '@nestjs/common';
import type { Logger } from './logger';

const split = (params: readonly unknown[]): { context: unknown; details: readonly unknown[] } => ({
  context: typeof params.at(-1) === 'string' ? params.at(-1) : undefined,
  details: params.slice(0, typeof params.at(-1) === 'string' ? -1 : undefined),
});

/** Nest's own lines through `log`, for `NestFactory.create(..., { logger })`. Nest's start-up chatter goes to `debug`. */
export function nestLogger(log: Logger): LoggerService {
  const line = (level: 'debug' | 'trace' | 'warn' | 'error' | 'fatal') => (message: unknown, ...params: unknown[]) => {
    const { context, details } = split(params);
    const fields = { context, details: details.length > 0 ? details : undefined };
    if (typeof message === 'string') log[level](fields, message);
    else log[level]({ ...fields, err: message }, message instanceof Error ? message.message : 'nest');
  };
  return { log: line('debug'), debug: line('debug'), verbose: line('trace'), warn: line('warn'), error: line('error'), fatal: line('fatal') };
}
